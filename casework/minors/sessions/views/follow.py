"""A member's own screen, and the name held by a key: what the room gives to others than the pen."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.routes import member
from casework.errors import GuardRefused
from casework.minors.sessions import facts
from casework.minors.sessions.codes import Presence
from casework.minors.sessions.reads import meetings
from casework.minors.sessions.reads import revealed as names
from casework.minors.sessions.reads import room as reads
from casework.minors.sessions.views.room import room_url, stay_awake

_sees = member(Ask.VIEW, DataClass.SESSION_MINUTES)


@_sees
@require_POST
def reveal(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """Show name and preparations while a key is held: one event each time, nothing kept in the page."""
    session = facts.find(request.viewer, pk, request.now)
    refusal, revealed, status = "", None, 200
    try:
        revealed = names.reveal(request.viewer, session, line_id, now=request.now)
    except GuardRefused as refused:
        refusal, status = refused.message, 409
    follows = request.POST.get("retour") == "suivre"
    back = reverse("meetings:follow", args=[pk]) if follows else room_url(session, line_id)
    fragment = bool(request.headers.get("X-Requested-With"))
    template = "meetings/room_revealed.html" if fragment else "meetings/room_revealed_page.html"
    context = {"revealed": revealed, "refusal": refusal, "back": back}
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@member(Ask.VIEW, DataClass.SESSION_MINUTES, passive=True)
@require_GET
def pulse(request: AgentRequest, pk: UUID) -> JsonResponse:
    """Give the revision number of the meeting: no protected data, no event, not an activity (design.md §11)."""
    session = facts.find(request.viewer, pk, request.now)
    response = JsonResponse({"pouls": session.pulse})
    response["Cache-Control"] = "no-store"
    return response


@_sees
@require_GET
def follow(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Follow the meeting on one's own screen: the line on the table, cut to one's own rights."""
    session = facts.find(request.viewer, pk, request.now)
    here = session.members.filter(
        organisation_id=request.viewer.organisation_id, is_guest=False, presence=Presence.PRESENT
    ).exists()
    if here:
        stay_awake(request, session)
    context = {
        "session": meetings.meeting_of(session),
        "line": reads.followed(request.viewer, session, now=request.now),
        "today": localdate(request.now),
    }
    return render(request, "meetings/room_follow.html", context)


patterns = [
    path("<uuid:pk>/salle/<uuid:line_id>/nom", reveal, name="room_reveal"),
    path("<uuid:pk>/pouls", pulse, name="pulse"),
    path("<uuid:pk>/suivre/", follow, name="follow"),
]
