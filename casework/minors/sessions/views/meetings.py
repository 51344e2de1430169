"""The list of meetings, a new one, the hub of one, its dates and services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import conflict, once, revision
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused, MoveRefused
from casework.minors.sessions import dates, facts
from casework.minors.sessions.actions import meeting as acts
from casework.minors.sessions.actions import room
from casework.minors.sessions.codes import Presence
from casework.minors.sessions.forms.meeting import FIELDS, MeetingForm, initial_of
from casework.minors.sessions.models import GroupSession
from casework.minors.sessions.reads import meetings as reads
from casework.partners import reads as partners
from casework.partners.models import Territory, WatchGroup


def carry_out(request: AgentRequest, act: Callable[[], object], *, to: str) -> HttpResponse:
    """Carry out an act of one button, once; a refusal comes back as a message on the page it was asked from."""
    try:
        return once.run(request, act, to=to)
    except ConflictRefused:
        messages.warning(request, "La réunion a changé entre-temps : relisez-la, puis recommencez.")
    except MoveRefused:
        messages.warning(request, "C’est déjà fait, ou ce n’est plus possible : relisez la page.")
    except (GuardRefused, InputRefused) as refusal:
        messages.error(request, refusal.message)
    return HttpResponseRedirect(to)


@member(Action.LIST, DataClass.SESSION_MINUTES)
@require_GET
def index(request: AgentRequest) -> HttpResponse:
    """List the meetings: those ahead with what waits, those behind."""
    found = reads.listing(request.viewer, now=request.now)
    return render(request, "meetings/list.html", {"found": found, "today": localdate(request.now)})


@member(Action.VIEW, DataClass.SESSION_MINUTES)
@require_GET
def page(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one meeting: where it stands, the next act of this role."""
    session = facts.find(request.viewer, pk, request.now)
    hub = reads.hub(request.viewer, session, now=request.now)
    return render(request, "meetings/page.html", {"hub": hub, "today": localdate(request.now)})


@member(Action.CREATE, DataClass.SESSION_MINUTES)
@require_http_methods(["GET", "POST"])
def new(request: AgentRequest) -> HttpResponse:
    """Prepare the next meeting: filled from last month's, one click."""
    viewer = request.viewer
    if viewer.group_id is None:
        raise AccessRefused(code="no_group")
    group = WatchGroup.objects.select_related("territory").get(pk=viewer.group_id)
    common = _common(group, request)
    if request.method == "POST":
        form = MeetingForm(request.POST, **common)
        if form.is_valid():
            try:
                return once.run(
                    request,
                    lambda: reverse(
                        "meetings:agenda", args=[acts.prepare(by=viewer, data=form.meeting(), now=request.now).pk]
                    ),
                )
            except (InputRefused, GuardRefused) as refusal:
                _show(form, refusal)
        return render(request, "meetings/form.html", {"form": form, "is_new": True}, status=422)
    last = reads.last_of(viewer, request.now)
    form = MeetingForm(initial=_from_last(last, group, request), **common)
    return render(
        request, "meetings/form.html", {"form": form, "is_new": True, "last": reads.meeting_of(last) if last else None}
    )


def _common(group: WatchGroup, request: AgentRequest) -> dict[str, Any]:
    services = [(str(row.pk), row.name) for row in partners.member_organisations(group, request.now)]
    return {"services": services, "zone": group.territory.time_zone}


def _from_last(last: GroupSession | None, group: WatchGroup, request: AgentRequest) -> dict[str, Any]:
    """Return last month's services, place and hours on the next working date; without one, all who sit."""
    territory: Territory = group.territory
    today = localdate(request.now)
    away = dates.school_holidays(territory.school_zone, today)
    seated = [str(row.pk) for row in partners.member_organisations(group, request.now)]
    if last is None:
        return {"organisations": seated, "start": "14:00", "end": "16:30"}
    day = dates.next_day(localdate(last.starts_at), holiday_set=territory.holiday_set, away=away)
    while day < today:
        day = dates.next_day(day, holiday_set=territory.holiday_set, away=away)
    found = initial_of(last, day=day)
    found["organisations"] = [pk for pk in found["organisations"] if pk in seated] or seated
    return found


@member(Action.CHANGE, DataClass.SESSION_MINUTES)
@require_http_methods(["GET", "POST"])
def change(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Change date, place or services; two people at once get the page with both versions."""
    viewer = request.viewer
    session = facts.find(viewer, pk, request.now)
    facts.require_on(viewer, session, Action.CHANGE, request.now)
    common = _common(session.group, request)
    here = reverse("meetings:page", args=[pk])
    logistics = reads.hub(viewer, session, now=request.now).logistics
    context = {"is_new": False, "session": reads.meeting_of(session)}
    if request.method == "POST":
        form = MeetingForm(request.POST, **common)
        if form.is_valid():
            try:
                return once.run(
                    request,
                    lambda: acts.change(
                        by=viewer, session=session, data=form.meeting(), now=request.now,
                        expected=revision.expected(request.POST), link=request.build_absolute_uri(here),
                    ),
                    to=here,
                )  # fmt: skip
            except ConflictRefused as exc:
                current = initial_of(session, logistics=logistics)
                return conflict.resolve(request, form, exc, current=current, back=here)
            except (InputRefused, GuardRefused) as refusal:
                _show(form, refusal)
        return render(request, "meetings/form.html", {"form": form, **context}, status=422)
    form = MeetingForm(initial=initial_of(session, logistics=logistics), **common)
    return render(request, "meetings/form.html", {"form": form, **context})


def _show(form: MeetingForm, refusal: InputRefused | GuardRefused) -> None:
    name = FIELDS.get(getattr(refusal, "field", None) or "")
    form.add_error(name if name in form.fields else None, refusal.message)


@member(Action.MOVE, DataClass.SESSION_MINUTES)
@require_POST
def cancel(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Cancel a meeting not held: whatever it opened closes."""
    session = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, session, Action.MOVE, request.now)
    return carry_out(
        request,
        lambda: acts.cancel(
            by=request.viewer, session=session, now=request.now, expected=revision.expected(request.POST)
        ),
        to=reverse("meetings:page", args=[pk]),
    )


@member(Action.CHANGE, DataClass.SESSION_MINUTES)
@require_POST
def excuse(request: AgentRequest, pk: UUID, member_id: UUID) -> HttpResponse:
    """Note that a service is excused, or expected after all."""
    session = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, session, Action.CHANGE, request.now)
    wanted = Presence.EXPECTED if request.POST.get("presence") == Presence.EXPECTED else Presence.EXCUSED
    back = "meetings:agenda" if request.POST.get("back") == "agenda" else "meetings:page"
    return carry_out(
        request,
        lambda: room.set_presences(by=request.viewer, session=session, presences={member_id: wanted}, now=request.now),
        to=reverse(back, args=[pk]),
    )


patterns = [
    path("", index, name="list"),
    path("nouvelle/", new, name="new"),
    path("<uuid:pk>/", page, name="page"),
    path("<uuid:pk>/modifier/", change, name="change"),
    path("<uuid:pk>/annuler", cancel, name="cancel"),
    path("<uuid:pk>/services/<uuid:member_id>", excuse, name="excuse"),
]
