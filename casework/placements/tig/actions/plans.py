"""The plan of half-days: all of it in one click, one half-day by hand (ASG-02, TIGM-10, ASG-07)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import format as fr
from casework.casefile.calendar import end_instant
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.hosts.actions import places
from casework.placements.hosts.codes import Half
from casework.placements.hosts.models import PostHalfDay
from casework.placements.tig import clock, facts, limits
from casework.placements.tig.actions import proposals
from casework.placements.tig.clock import Suspension
from casework.placements.tig.codes import State
from casework.placements.tig.limits import Stint
from casework.placements.tig.models import HalfDay, TigPlacement
from casework.placements.tig.plan import Plan, Planned
from casework.placements.tig.reads import hours
from casework.placements.tig.reads import places as free

PLANNED_IN = (State.ASSIGNED, State.IN_PROGRESS)


def due_of(placement: TigPlacement, today: date) -> date:
    """Return the last good day, suspensions included (TIG-08 to TIG-10)."""
    stops = [Suspension(row.starts_on, row.ends_on) for row in placement.clock_suspensions.all()]
    return clock.last_day(placement.last_useful_on, clock.merged(stops, today))


def stints_of(placement: TigPlacement) -> list[Stint]:
    """Return what was worked and what is planned, as presences; absences take no time."""
    return [
        Stint(day=row.day, starts_at=row.starts_at, ends_at=row.ends_at, break_minutes=row.break_minutes)
        for row in placement.half_days.all()
        if not row.outcome or row.minutes
    ]


def replan(*, by: Viewer, placement: TigPlacement, weekly: int, start: date, now: datetime) -> Plan:
    """Plan all that is left from `start` on, in place of what was planned from then.

    Raises AccessRefused, InputRefused, GuardRefused; what finds no half-day is said by the plan.
    """
    facts.require_held(by, placement, now)
    _plannable(placement)
    if not 1 <= weekly <= 10:
        raise InputRefused("De 1 à 10 demi-journées par semaine.", field="weekly")
    today = localdate(now)
    start = max(start, today + timedelta(days=1))
    if start > (until := due_of(placement, today)):  # it would drop all that is planned, and plan nothing
        raise InputRefused(f"Tout se fait avant le {fr.long_date(until)} : choisissez un jour d’ici là.", field="start")
    standing = proposals.labour_of(placement)
    availability = _availability(by, placement)
    post = placement.post
    if post is None:
        raise GuardRefused("Choisissez d’abord un poste.")
    with audit.writing(by, now=now) as w:
        locked = TigPlacement.objects.select_for_update(of=("self",)).get(pk=placement.pk)
        proposals.drop_plan(w, locked, from_day=start, now=now)
        totals = hours.of([locked.pk])[locked.pk]
        left = locked.minutes_here - totals.done - totals.planned
        found = free.plan(
            left, post, start, due_of(locked, today), availability, standing, weekly=weekly,
            already=stints_of(locked), holiday_set=locked.territory.holiday_set,
        )  # fmt: skip
        if found.half_days:
            slots = [(each.stint.day, Half(each.half)) for each in found.half_days]
            places.hold(
                w, post=post, slots=slots, holder=locked.pk, service=locked.organisation,
                until=end_instant(today + timedelta(days=1)), now=now,
            )  # fmt: skip
            places.confirm(w, holder=locked.pk, now=now)
            proposals.write_plan(w, locked, post, found)
        if locked.weekly != weekly:
            locked.weekly = weekly
            locked.revision += 1
            locked.save()
            w.note(Act.CHANGE, locked, why="weekly")
    return found


def add_half_day(*, by: Viewer, placement: TigPlacement, day: date, half: str, now: datetime) -> HalfDay:
    """Add one half-day by hand, at the hours of the post. Raises InputRefused with the rule, GuardRefused (full)."""
    facts.require_held(by, placement, now)
    _plannable(placement)
    today = localdate(now)
    if day < today:
        raise InputRefused("Ce jour est passé.", field="day")
    due = due_of(placement, today)
    if day > due:
        raise InputRefused("Ce jour est après la dernière date utile (CP 131-22).", field="day")
    post = placement.post
    if post is None:
        raise GuardRefused("Choisissez d’abord un poste.")
    offered = PostHalfDay.objects.filter(post=post, weekday=day.weekday(), half=half).first()
    if offered is None:
        raise InputRefused("Le poste n’accueille pas sur cette demi-journée.", field="half")
    standing = proposals.labour_of(placement)
    if standing.is_stopped(day):
        raise InputRefused("Le travail est suspendu ce jour-là.", field="day")
    worker = standing.on(day)
    totals = hours.of([placement.pk])[placement.pk]
    left = placement.minutes_here - totals.done - totals.planned
    whole = Stint(day=day, starts_at=offered.starts_at, ends_at=offered.ends_at)
    stint = Stint(day=day, starts_at=whole.starts_at, ends_at=whole.ends_at,
                  break_minutes=limits.break_owed(whole.span, worker))  # fmt: skip
    broken = limits.broken(
        stint,
        stints_of(placement),
        worker,
        holidays=free.holidays(day, day, placement.territory.holiday_set),
        left=left,
    )
    if broken:
        raise InputRefused(broken[0].message, field="day")
    with audit.writing(by, now=now) as w:
        places.hold(
            w, post=post, slots=[(day, Half(half))], holder=placement.pk, service=placement.organisation,
            until=end_instant(today + timedelta(days=1)), now=now,
        )  # fmt: skip
        places.confirm(w, holder=placement.pk, now=now)
        proposals.write_plan(w, placement, post, Plan((Planned(half=half, stint=stint),), 0))
    return HalfDay.objects.get(placement=placement, day=day, half=half)


def remove_half_day(*, by: Viewer, half_day_id: UUID, now: datetime) -> TigPlacement:
    """Take a half-day to come out of the plan; its place is free at once. Raises AccessRefused, GuardRefused."""
    row = HalfDay.objects.filter(pk=half_day_id, placement__in=facts.visible_to(by, now).values("pk")).first()
    if row is None:
        raise AccessRefused(code="tig_half_day")
    placement = row.placement
    facts.require_held(by, placement, now)
    if row.outcome:
        raise GuardRefused("Cette demi-journée a déjà ses heures : corrigez-les.")
    with audit.writing(by, now=now) as w:
        places.release(w, holder=placement.pk, from_day=row.day)
        kept = list(placement.half_days.filter(outcome="", day__gte=row.day).exclude(pk=row.pk))
        w.note(Act.DELETE, row, classes=[DataClass.PLACEMENT])
        row.delete()
        if kept and placement.post is not None:
            places.hold(
                w, post=placement.post, slots=[(each.day, Half(each.half)) for each in kept], holder=placement.pk,
                service=placement.organisation, until=end_instant(localdate(now) + timedelta(days=1)), now=now,
            )  # fmt: skip
            places.confirm(w, holder=placement.pk, now=now)
    return placement


def _plannable(placement: TigPlacement) -> None:
    if placement.state not in PLANNED_IN:
        raise GuardRefused("Les demi-journées se planifient une fois l’affectation décidée, et hors suspension.")


def _availability(by: Viewer, placement: TigPlacement) -> list[str]:
    with audit.reading(
        by, subjects=[placement.subject_id], classes=[DataClass.PLACEMENT], purpose=Purpose.REVIEW,
        object_type="tig_placement", object_ids=[placement.pk],
    ):  # fmt: skip
        return list(placement.availability or [])
