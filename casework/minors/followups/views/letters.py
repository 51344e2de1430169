"""« Courriers d’information »: tick, print the batch, say that it was sent."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.routes import member
from casework.casefile import documents, once
from casework.errors import ConflictRefused, GuardRefused, InputRefused
from casework.minors.followups.actions import letters as actions
from casework.minors.followups.reads import letters as reads


@member(Ask.LIST, DataClass.YOUTH_REPRESENTATIVES)
@require_GET
def index(request: AgentRequest) -> HttpResponse:
    """List whom to inform, situation by situation, nearest date first."""
    return _show(request)


def _show(request: AgentRequest, error: str = "", status: int = 200) -> HttpResponse:
    groups = reads.groups(request.viewer, request.now)
    everybody = [one for group in groups for one in group.recipients]
    return render(
        request, "followups/letters.html",
        {"groups": groups, "today": localdate(request.now), "error": error,
         "chosen": set(_ids(request, "notice")) if request.method == "POST" else None,
         "to_print": sum(1 for one in everybody if one.printed_at is None and not one.obstacle),
         "printed": sum(1 for one in everybody if one.printed_at is not None and not one.obstacle),
         "full": len(everybody) >= reads.MOST},
        status=status,
    )  # fmt: skip


def _ids(request: AgentRequest, name: str) -> list[UUID]:
    found = []
    for value in request.POST.getlist(name)[: reads.MOST + 1]:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


@member(Ask.PRINT, DataClass.YOUTH_REPRESENTATIVES)
@require_POST
def print_batch(request: AgentRequest) -> HttpResponse:
    """Give the ticked letters as one PDF. Asked twice, printed twice: each print is told in the journal."""
    try:
        pdf = actions.print_batch(
            by=request.viewer, notice_ids=_ids(request, "notice"), at_home=_ids(request, "home"), now=request.now
        )
    except (InputRefused, GuardRefused, ConflictRefused) as refusal:
        return _show(request, error=refusal.message, status=409)
    return documents.response(pdf, "letter")


@member(Ask.CHANGE, DataClass.YOUTH_REPRESENTATIVES)
@require_POST
def sent(request: AgentRequest) -> HttpResponse:
    """Record the ticked letters as posted or handed over today."""
    try:
        return once.run(
            request,
            lambda: actions.mark_sent(by=request.viewer, notice_ids=_ids(request, "notice"), now=request.now),
            to=reverse("followups:letters"),
        )  # fmt: skip
    except (InputRefused, GuardRefused, ConflictRefused) as refusal:
        return _show(request, error=refusal.message, status=409)


patterns = [
    path("informations/courriers/", index, name="letters"),
    path("informations/courriers/imprimer/", print_batch, name="letters_print"),
    path("informations/courriers/envoyes/", sent, name="letters_sent"),
]
