"""The indicators of exclusion support, for whoever reads counts."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.exclusions.reads import figures


@member(Action.EXISTS, DataClass.EXCLUSION)
@require_safe
def show(request: AgentRequest) -> HttpResponse:
    """Show the figures by school year."""
    years = figures.years(request.viewer, request.now)
    return render(request, "exclusion_support/figures.html", {"years": years, "k": figures.K})


patterns = [path("chiffres/", show, name="figures")]
