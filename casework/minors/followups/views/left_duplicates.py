"""« Doublons »: the pairs that no coordinator may compare, for the DPO: by reference, then opened with a reason."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from casework.access.emergencies.codes import FACTOR_MINUTES
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member, stepped_up
from casework.casefile import once
from casework.errors import GuardRefused, InputRefused
from casework.minors.followups.actions import duplicates
from casework.minors.followups.actions import merge as merging
from casework.minors.followups.reads import queue as reads


@member(Action.MANAGE, DataClass.RIGHTS)
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """List them by reference, and what was decided before."""
    duplicates.require_control(request.viewer, request.now)
    return _list(request)


def _list(request: AgentRequest, error: str = "", status: int = 200) -> HttpResponse:
    context = {
        "pairs": reads.left(request.viewer, request.now), "decided": reads.decided(request.viewer, request.now),
        "error": error,
    }  # fmt: skip
    return render(request, "followups/left_duplicates.html", context, status=status)


@member(Action.MANAGE, DataClass.RIGHTS)
@stepped_up(minutes=FACTOR_MINUTES)
@require_POST
def open_both(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Open both files for thirty minutes, in front of witnesses."""

    def act() -> None:
        duplicates.open_pair(by=request.viewer, duplicate_id=pk, now=request.now)

    try:
        return once.run(request, act, to=reverse("followups:left_duplicate", args=[pk]))
    except GuardRefused as refusal:
        return _list(request, refusal.message, status=422)


@member(Action.MANAGE, DataClass.RIGHTS)
@require_safe
def compare(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show both, side by side, while they are open."""
    return _compare(request, pk)


def _compare(request: AgentRequest, pk: UUID, error: str = "", status: int = 200) -> HttpResponse:
    context = {"pair": reads.compared(request.viewer, pk, request.now), "error": error}
    return render(request, "followups/left_duplicate.html", context, status=status)


@member(Action.MANAGE, DataClass.RIGHTS)
@require_POST
def decide(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say that they are two persons, or put one file under the other."""
    keep = request.POST.get("keep", "")

    def act() -> None:
        if keep == "both":
            duplicates.dismiss(by=request.viewer, duplicate_id=pk, now=request.now)
            messages.success(request, "Ce sont deux personnes : la question ne sera plus posée.")
            return
        merging.merge(by=request.viewer, duplicate_id=pk, keep_id=_kept(keep), now=request.now)
        messages.success(request, "Les deux fiches n’en font plus qu’une.")

    try:
        return once.run(request, act, to=reverse("followups:left_duplicates"))
    except (InputRefused, GuardRefused) as refusal:
        return _compare(request, pk, refusal.message, status=422)


def _kept(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InputRefused("Choisissez la fiche à garder.", field="keep") from None


patterns = [
    path("doublons/", index, name="left_duplicates"),
    path("doublons/<uuid:pk>/", compare, name="left_duplicate"),
    path("doublons/<uuid:pk>/ouvrir", open_both, name="open_left_duplicate"),
    path("doublons/<uuid:pk>/decider", decide, name="decide_left_duplicate"),
]
