"""Hours, in minutes: the week of a post in one go, from the signed sheet or the tutor's phone (HOST-13, ASG-08).

Same value whichever way they come. What breaks a rule is refused with the rule; a correction leaves what it was in the
history. All the lines that one person sends, or none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Writing
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.tig import facts, labour, limits
from casework.placements.tig.codes import WITH_HOURS, AdjustmentReason, Mode, Outcome, State
from casework.placements.tig.labour import Labour
from casework.placements.tig.limits import Stint
from casework.placements.tig.models import Adjustment, HalfDay, TigPlacement
from casework.placements.tig.reads import hours
from casework.placements.tig.reads import places as free
from casework.placements.tig.states import LIFECYCLE

# Where hours may still be written down: those of days before a suspension come later, on paper.
RECORDED_IN = (State.ASSIGNED, State.IN_PROGRESS, State.WORK_SUSPENDED, State.CLOCK_SUSPENDED, State.BREACH_REPORTED)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What happened on one half-day; times only for somebody who was there."""

    half_day_id: UUID
    outcome: str
    starts_at: time | None = None
    ends_at: time | None = None
    break_minutes: int = 0


def record(*, by: Viewer, entries: Sequence[Entry], mode: str, signed_by_both: bool, now: datetime) -> list[HalfDay]:
    """Record what happened on half-days, of one or several people, all or none.

    Raises AccessRefused (not one's own), InputRefused with the half-day's id as field and the rule as message,
    GuardRefused.
    """
    if mode not in Mode.values:
        raise InputRefused("Choisissez la feuille ou le téléphone.", field="mode")
    wanted = {entry.half_day_id: entry for entry in entries}
    seen = facts.visible_to(by, now)
    rows = list(HalfDay.objects.filter(pk__in=wanted, placement__in=seen.values("pk")))
    if not wanted or len(rows) != len(wanted):
        raise AccessRefused(code="tig_half_day")
    placements = {row.pk: row for row in seen.filter(pk__in={row.placement_id for row in rows})
                  .select_related("territory", "supervisor", "post")
                  .prefetch_related("clock_suspensions", "work_suspensions")}  # fmt: skip
    for placement in placements.values():
        facts.require_on(by, placement, Action.CHANGE, DataClass.PLACEMENT, now)
        if placement.state not in RECORDED_IN:
            raise GuardRefused(f"{placement.reference} : aucune heure ne s’inscrit dans cet état.")
    standing = labour.of(
        placements.values(),
        [each for row in placements.values() for each in row.clock_suspensions.all()],
        [each for row in placements.values() for each in row.work_suspensions.all()],
    )
    with audit.writing(by, now=now) as w:
        written = []
        for placement_id, placement in placements.items():
            locked = TigPlacement.objects.select_for_update(of=("self",)).get(pk=placement_id)
            mine = [wanted[row.pk] for row in rows if row.placement_id == placement_id]
            written += _record_one(
                w, by=by, placement=locked, entries=mine, standing=standing[placement_id], mode=mode,
                signed=signed_by_both, holiday_set=placement.territory.holiday_set, now=now,
            )  # fmt: skip
    return written


def _record_one(
    w: Writing, *, by: Viewer, placement: TigPlacement, entries: Sequence[Entry], standing: Labour, mode: str,
    signed: bool, holiday_set: str, now: datetime,
) -> list[HalfDay]:  # fmt: skip
    """Write the entries of one person, earliest first, each judged beside those before it."""
    today = localdate(now)
    rows = {row.pk: row for row in placement.half_days.select_for_update(of=("self",))}
    left = placement.minutes_here - hours.done(placement)
    written = []
    for entry in sorted(entries, key=lambda each: (rows[each.half_day_id].day, rows[each.half_day_id].half)):
        row = rows[entry.half_day_id]
        stint = _checked(row, entry, today, standing)
        if stint is not None:
            others = [_stint(each) for each in rows.values() if each.pk != row.pk and each.minutes]
            broken = limits.broken(
                stint, others, standing.on(row.day), holidays=free.holidays(row.day, row.day, holiday_set),
                left=left + row.minutes,
            )  # fmt: skip
            if broken:
                raise InputRefused(broken[0].message, field=str(row.pk), code=broken[0].rule)
        corrected = row.outcome != ""
        before = row.minutes
        row.outcome, row.mode, row.signed_by_both = entry.outcome, mode, signed
        row.minutes = stint.minutes if stint else 0
        if stint is not None:
            row.starts_at, row.ends_at, row.break_minutes = stint.starts_at, stint.ends_at, stint.break_minutes
        row.recorded_at, row.recorded_by, row.paused_at = now, by.mandate_id, None
        row.revision += 1
        row.save()
        left += before - row.minutes
        w.note(Act.CHANGE, row, classes=[DataClass.PLACEMENT], why="correction" if corrected else "hours")
        written.append(row)
    if placement.state == State.ASSIGNED and any(row.minutes for row in written):
        first = min(row.day for row in written if row.minutes)
        LIFECYCLE.apply(placement, State.IN_PROGRESS, w=w, by=by, now=now, started_on=first)
    return written


def _stint(row: HalfDay) -> Stint:
    return Stint(day=row.day, starts_at=row.starts_at, ends_at=row.ends_at, break_minutes=row.break_minutes)


def _checked(row: HalfDay, entry: Entry, today: date, standing: Labour) -> Stint | None:
    """Return the presence, None for an absence. Raises InputRefused on what cannot have happened."""
    field = str(row.pk)
    if entry.outcome not in Outcome.values:
        raise InputRefused("Choisissez ce qui s’est passé.", field=field)
    if row.day > today and entry.outcome != Outcome.ABSENT_EXCUSED:
        # peers.md, 6: of a day to come only an excused absence is known.
        raise InputRefused("Ce jour n’est pas encore passé.", field=field)
    if entry.outcome not in WITH_HOURS:
        return None
    if standing.is_stopped(row.day):
        raise InputRefused("Le travail était suspendu ce jour-là : aucune heure ne compte.", field=field)
    if entry.starts_at is None or entry.ends_at is None:
        raise InputRefused("Indiquez l’arrivée et le départ.", field=field)
    return Stint(day=row.day, starts_at=entry.starts_at, ends_at=entry.ends_at, break_minutes=entry.break_minutes)


def as_planned(rows: Mapping[UUID, HalfDay]) -> list[Entry]:
    """Return the entries of « comme prévu »: everybody there, at the hours of the plan."""
    return [
        Entry(half_day_id=pk, outcome=Outcome.WORKED, starts_at=row.starts_at, ends_at=row.ends_at,
              break_minutes=row.break_minutes)
        for pk, row in rows.items()
    ]  # fmt: skip


def adjust(*, by: Viewer, placement: TigPlacement, minutes: int, reason: str, on: date, now: datetime) -> None:
    """Add or take away minutes, with a coded reason. Raises AccessRefused, InputRefused (never beyond the total)."""
    facts.require_on(by, placement, Action.CHANGE, DataClass.SENTENCE, now)  # the officer, not the host
    if reason not in AdjustmentReason.values:
        raise InputRefused("Choisissez un motif de la liste.", field="reason")
    if on > localdate(now):
        raise InputRefused("Cette date n’est pas encore passée.", field="on")
    with audit.writing(by, now=now) as w:
        locked = TigPlacement.objects.select_for_update(of=("self",)).get(pk=placement.pk)
        total = hours.done(locked) + minutes
        if minutes == 0 or not 0 <= total <= locked.minutes_here:
            raise InputRefused("Le total irait au-delà des heures à faire ici, ou sous zéro.", field="minutes")
        row = Adjustment(
            subject_id=locked.subject_id, territory_id=locked.territory_id, placement=locked, minutes=minutes,
            reason=reason, on=on, recorded_by=by.mandate_id,
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[DataClass.PLACEMENT], why=reason)
