"""The dashboard as it is read: the last one published, any other, on paper."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import documents as pdf
from casework.errors import AccessRefused
from casework.indicators.quarters import documents, facts
from casework.indicators.quarters.forms import OpenForm
from casework.indicators.quarters.reads import pages as reads

READ = member(Action.LIST, DataClass.EVALUATION)


@READ
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """Show the last dashboard published; to the coordinator, the list of quarters."""
    found = reads.index(request.viewer, request.now)
    if found.quarters and not found.keeps:
        return _shown(request, found.quarters, found.quarters[0].id)
    return render(request, "quarters/index.html", {"found": found, "form": OpenForm(periods=found.to_open)})


@READ
@require_safe
def page(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one quarter."""
    return _shown(request, reads.listed(request.viewer, request.now), pk)


def _shown(request: AgentRequest, quarters: Sequence[reads.Listed], pk: UUID) -> HttpResponse:
    row = facts.find(request.viewer, pk, request.now)
    context = {
        "page": reads.page(request.viewer, row, request.now), "opened": "courbes" in request.GET,
        "others": [each for each in quarters if each.id != pk],
    }  # fmt: skip
    return render(request, "quarters/page.html", context)


@READ
@require_GET
def file(request: AgentRequest, pk: UUID, suffix: str) -> HttpResponse:
    """Give the same as PDF, or as a spreadsheet."""
    if suffix not in documents.SUFFIXES:
        raise AccessRefused(code="suffix")
    made = documents.dashboard(request.viewer, pk, suffix, request.now)
    return pdf.response(made, "tableau-de-bord", inline=suffix == "pdf", suffix=suffix)


patterns = [
    path("", index, name="index"),
    path("<uuid:pk>/", page, name="page"),
    path("<uuid:pk>/fichier.<slug:suffix>", file, name="file"),
]
