"""The list of supports: for a school those it sent, for a host those it received."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.exclusions import facts
from casework.exclusions.reads import lists, since


@member(Action.LIST, DataClass.EXCLUSION)
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """List one's own supports by what they wait for."""
    lines = lists.own(request.viewer, request.now)
    context = {
        "groups": [(title, [line for line in lines if line.state in states]) for title, states in lists.GROUPS],
        "over": [line for line in lines if line.is_over], "is_school": facts.sends(request.viewer.role),
        "works_here": facts.works_here(request.viewer, request.now),
        "to_say": since.to_say(request.viewer, request.now).count(),
    }  # fmt: skip
    return render(request, "exclusion_support/list.html", context)


patterns = [path("", index, name="index")]
