"""The yearly page, on screen and on paper; what stands, month by month."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import documents as pdf
from casework.casefile.calendar import read_year
from casework.placements.partnership import documents, months, reads


def _year(request: AgentRequest) -> int | None:
    return read_year(request.GET.get("annee", ""))


@member(Action.LIST, DataClass.TIG_POSTS)
@require_GET
def index(request: AgentRequest) -> HttpResponse:
    """Show one closed year."""
    found = reads.page(request.viewer, _year(request), request.now)
    return render(request, "partnership/year.html", {"page": found, "least": reads.K})


@member(Action.LIST, DataClass.TIG_POSTS)
@require_GET
def paper(request: AgentRequest) -> HttpResponse:
    """Give the same as PDF."""
    return pdf.response(documents.yearly(request.viewer, _year(request), request.now), "bilan", inline=True)


@member(Action.EXISTS, DataClass.PLACEMENT)
@require_GET
def standing(request: AgentRequest) -> HttpResponse:
    """Show what stood at the end of each month: for who knows that files exist, and reads none."""
    return render(request, "partnership/months.html", {"months": months.months(request.viewer, request.now)})


patterns = [
    path("", index, name="index"),
    path("mois/", standing, name="months"),
    path("pdf", paper, name="paper"),
]
