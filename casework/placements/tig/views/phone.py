"""The tutor's telephone: today's people, one card each; arrival, break, end, both confirm; the whole group in one go."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile.acts import one_click, submit
from casework.errors import AccessRefused, InputRefused
from casework.placements.tig import codes
from casework.placements.tig.actions import attendance, phone
from casework.placements.tig.actions.attendance import Entry
from casework.placements.tig.forms import acts as forms
from casework.placements.tig.reads import weeks
from casework.placements.tig.reads.weeks import Line

UNPROCESSABLE = 422


def _end(line: Line, now: datetime) -> time:
    """Return the end offered: now, and never after the hour planned, which nobody notices in a hurry."""
    hour = phone.clock_time(now)
    return min(hour, line.ends_at) if hour > (line.arrived_at or line.starts_at) else line.ends_at


def _break(line: Line, now: datetime) -> int:
    """Return the minutes of break so far; the one planned where none was noted."""
    running = phone.minutes_between(line.paused_at, phone.clock_time(now)) if line.paused_at else 0
    return line.paused_minutes + running or line.break_minutes


def _awaited(lines: tuple[Line, ...], now: datetime) -> list[Line]:
    """Return those of the half-day that goes on who are not there yet: the afternoon is not the morning's group."""
    return [
        line for line in lines
        if not line.is_recorded and not line.is_here and phone.clock_time(now) < line.ends_at
        and phone.may_be_here(line.starts_at, now)
    ]  # fmt: skip


def _finish_form(request: AgentRequest, line: Line) -> forms.FinishForm:
    initial = {
        "starts_at": line.arrived_at or line.starts_at, "ends_at": _end(line, request.now),
        "break_minutes": _break(line, request.now), "outcome": codes.Outcome.WORKED,
    }  # fmt: skip
    return forms.FinishForm(prefix=str(line.id), initial=initial)


def _group_form(request: AgentRequest, here: list[Line], bound: bool = False) -> forms.GroupForm:
    initial = {"ends_at": max((_end(line, request.now) for line in here), default=None)}
    return forms.GroupForm(request.POST if bound else None, initial=initial, prefix="groupe")


def _show(
    request: AgentRequest, lines: tuple[Line, ...], *, bound: tuple[UUID, forms.FinishForm] | None = None,
    group: forms.GroupForm | None = None,
) -> HttpResponse:  # fmt: skip
    hour = phone.clock_time(request.now)
    here = [line for line in lines if line.is_here]
    context = {
        "cards": [
            (line, bound[1] if bound and bound[0] == line.id else _finish_form(request, line),
             phone.minutes_between(line.starts_at, hour) >= phone.LATE_AFTER,
             phone.may_be_here(line.starts_at, request.now))
            for line in lines
        ],
        "today": localdate(request.now), "hour": hour, "awaited": _awaited(lines, request.now), "here": here,
        "group": group or _group_form(request, here), "waiting": weeks.posts(request.viewer, request.now),
        "open_id": bound[0] if bound else None,
        "following": weeks.next_day(request.viewer, request.now) if not lines else None,
    }  # fmt: skip
    return render(request, "tig/today.html", context, status=UNPROCESSABLE if bound or group else 200)


@member(Action.CHANGE, DataClass.PLACEMENT)
@require_GET
def today(request: AgentRequest) -> HttpResponse:
    """Show the tutor today's people: one card each, one thumb."""
    return _show(request, weeks.today(request.viewer, request.now))


@member(Action.CHANGE, DataClass.PLACEMENT)
@require_POST
def tap(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Note one thing about one person of today: there, on a break or back, absent, or the end with both names."""
    lines = weeks.today(request.viewer, request.now)
    line = next((each for each in lines if each.id == pk), None)
    if line is None:
        raise AccessRefused(code="tig_half_day")
    by, now, back = request.viewer, request.now, reverse("tig:today")
    do = request.POST.get("do")
    if do == "arrive":
        return one_click(request, lambda: phone.arrive(by=by, half_day_ids=[pk], now=now), to=back)
    if do == "pause":
        return one_click(request, lambda: phone.pause(by=by, half_day_id=pk, now=now), to=back)
    if do == "absent":
        told = "Absence notée : le service est prévenu."
        return one_click(request, lambda: phone.absent(by=by, half_day_id=pk, now=now), to=back, done=told)
    form = forms.FinishForm(request.POST, prefix=str(pk))
    done = submit(request, form, lambda: _record(request, [form.entry(pk)], form.signed), to=back)
    return done or _show(request, lines, bound=(pk, form))


@member(Action.CHANGE, DataClass.PLACEMENT)
@require_POST
def group(request: AgentRequest) -> HttpResponse:
    """Note the arrival, or the end, of everybody at once: all or none."""
    lines = weeks.today(request.viewer, request.now)
    back = reverse("tig:today")
    if request.POST.get("do") == "arrive":
        ids = [line.id for line in _awaited(lines, request.now)]
        return one_click(
            request, lambda: phone.arrive(by=request.viewer, half_day_ids=ids, now=request.now), to=back
        )  # fmt: skip
    here = [line for line in lines if line.is_here]
    form = _group_form(request, here, bound=True)
    done = submit(request, form, lambda: _record_group(request, here, form.cleaned_data["ends_at"]), to=back)
    return done or _show(request, lines, group=form)


def _record_group(request: AgentRequest, here: list[Line], ends_at: time) -> None:
    entries = [
        Entry(half_day_id=line.id, outcome=codes.Outcome.WORKED, starts_at=line.arrived_at, ends_at=ends_at,
              break_minutes=_break(line, request.now))
        for line in here
    ]  # fmt: skip
    try:
        _record(request, entries, signed=True)
    except InputRefused as refusal:
        name = next((line.name for line in here if str(line.id) == refusal.field), "")
        raise InputRefused(f"{name} : {refusal.message} Rien n’est enregistré pour le groupe.") from refusal


def _record(request: AgentRequest, entries: list[Entry], signed: bool) -> None:
    attendance.record(by=request.viewer, entries=entries, mode=codes.Mode.PHONE, signed_by_both=signed, now=request.now)


patterns = [
    path("aujourdhui/", today, name="today"),
    path("aujourdhui/groupe/", group, name="group"),
    path("demi-journees/<uuid:pk>/presence/", tap, name="tap"),
]
