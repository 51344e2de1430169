"""« Demandes à deux »: mine, those that wait for me, one of them, its answer."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe

from casework.access.approvals import actions, reads
from casework.access.http import AgentRequest
from casework.access.routes import in_function, stepped_up
from casework.errors import AccessRefused, GuardRefused

DONE = {
    "approve": (actions.approve, "Votre accord est donné. La personne qui demande en est avertie."),
    "refuse": (actions.refuse, "Votre refus est enregistré. La personne qui demande en est avertie."),
    "withdraw": (actions.withdraw, "Votre demande est retirée."),
}


@in_function
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """Show what waits for the viewer, what it asked for, what it answered."""
    viewer, now = request.viewer, request.now
    context = {
        "waiting": reads.waiting(viewer, now),
        "mine": reads.mine(viewer, now),
        "answered": reads.answered(viewer, now),
        "today": localdate(now),
    }
    return render(request, "approvals/list.html", context)


@in_function
@require_safe
def page(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one request."""
    line = reads.detail(request.viewer, pk, request.now)
    return render(request, "approvals/page.html", {"line": line, "today": localdate(request.now)})


@in_function
@stepped_up
@require_POST
def answer(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Agree, refuse or withdraw, with a fresh second factor."""
    if (name := request.POST.get("answer", "")) not in DONE:
        raise AccessRefused(code="answer")
    act, said = DONE[name]
    try:
        act(by=request.viewer, approval_id=pk, now=request.now)
    except GuardRefused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, said)
    return redirect("approvals:list")


patterns = [
    path("demandes-a-deux/", index, name="list"),
    path("demandes-a-deux/<uuid:pk>/", page, name="page"),
    path("demandes-a-deux/<uuid:pk>/reponse", answer, name="answer"),
]
