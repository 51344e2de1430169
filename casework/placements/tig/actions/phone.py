"""The tutor's telephone: who arrived, who is on a break. The end writes the hours as the sheet does (`attendance.record`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from uuid import UUID

from django.utils.timezone import localdate, localtime

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.errors import AccessRefused, GuardRefused
from casework.placements.tig import facts
from casework.placements.tig.actions import attendance, incidents
from casework.placements.tig.actions.attendance import Entry
from casework.placements.tig.codes import IncidentKind, Mode, Outcome
from casework.placements.tig.models import HalfDay

LATE_AFTER = 15  # minutes after the hour planned
EARLY = 60  # minutes before it, from which somebody may be there


def arrive(*, by: Viewer, half_day_ids: Sequence[UUID], now: datetime) -> None:
    """Note that people of today are there, one or the whole group, at this minute.

    Raises AccessRefused (not one's own, not today), GuardRefused (recorded or noted already).
    """
    rows = _todays(by, half_day_ids, now)
    with audit.writing(by, now=now) as w:
        for row in HalfDay.objects.select_for_update(of=("self",)).filter(pk__in=[row.pk for row in rows]):
            if row.outcome or row.arrived_at is not None:
                raise GuardRefused("L’arrivée est déjà notée.")
            if not may_be_here(row.starts_at, now):
                raise GuardRefused(
                    f"Cette demi-journée commence à {row.starts_at:%H:%M} : l’arrivée se note à partir d’une heure avant."
                )
            row.arrived_at = clock_time(now)
            row.save()  # a note, not yet hours: the revision counts these and their corrections
            w.note(Act.CHANGE, row, classes=[DataClass.PLACEMENT], why="arrived")


def pause(*, by: Viewer, half_day_id: UUID, now: datetime) -> None:
    """Start the break of somebody who is there, or end it. Raises AccessRefused, GuardRefused."""
    (found,) = _todays(by, [half_day_id], now)
    with audit.writing(by, now=now) as w:
        row = HalfDay.objects.select_for_update(of=("self",)).get(pk=found.pk)
        if row.outcome or row.arrived_at is None:
            raise GuardRefused("Notez d’abord l’arrivée.")
        if row.paused_at is None:
            row.paused_at = clock_time(now)
        else:
            row.paused_minutes += minutes_between(row.paused_at, clock_time(now))
            row.paused_at = None
        row.save()
        w.note(Act.CHANGE, row, classes=[DataClass.PLACEMENT], why="break" if row.paused_at else "back")


def absent(*, by: Viewer, half_day_id: UUID, now: datetime) -> None:
    """Note that somebody expected today is not there, and tell the officer at once (HOST-10).

    Raises AccessRefused, GuardRefused (too early, or there already).
    """
    (row,) = _todays(by, [half_day_id], now)
    if row.outcome or row.arrived_at is not None:
        raise GuardRefused("La présence est déjà notée.")
    if minutes_between(row.starts_at, clock_time(now)) < LATE_AFTER:
        raise GuardRefused(f"Attendez {LATE_AFTER} minutes après l’heure prévue : la personne est peut-être en retard.")
    attendance.record(
        by=by,
        entries=[Entry(half_day_id=row.pk, outcome=Outcome.ABSENT)],
        mode=Mode.PHONE,
        signed_by_both=False,
        now=now,
    )
    incidents.report(
        by=by, placement=row.placement, kind=IncidentKind.ABSENCE, occurred_on=row.day, precision="", stop_work=False,
        now=now,
    )  # fmt: skip


def may_be_here(starts_at: time, now: datetime) -> bool:
    """Say whether a half-day is near enough for somebody to be there."""
    return minutes_between(clock_time(now), starts_at) <= EARLY


def clock_time(now: datetime) -> time:
    """Return the minute of the wall clock: hours are whole minutes."""
    return localtime(now).time().replace(second=0, microsecond=0)


def minutes_between(start: time, end: time) -> int:
    """Return the minutes from one wall clock time to another of the same day, never below zero."""
    return max(0, end.hour * 60 + end.minute - start.hour * 60 - start.minute)


def _todays(by: Viewer, half_day_ids: Sequence[UUID], now: datetime) -> list[HalfDay]:
    """Return half-days of today of people whom this viewer receives. Raises AccessRefused for any other."""
    wanted = set(half_day_ids)
    seen = facts.visible_to(by, now)
    rows = list(
        HalfDay.objects.filter(pk__in=wanted, day=localdate(now), placement__in=seen.values("pk")).select_related(
            "placement"
        )
    )
    if not wanted or len(rows) != len(wanted):
        raise AccessRefused(code="tig_half_day")
    for row in rows:
        facts.require_on(by, row.placement, Action.CHANGE, DataClass.PLACEMENT, now)
        if row.placement.state not in facts.AT_WORK:
            raise GuardRefused("L’accueil n’est pas en cours.")
    return rows
