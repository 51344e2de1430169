"""Spreading the minutes left over free half-days, in one click (ASG-02, TIGM-10, ASG-07).

Pure: what comes out always passes `limits.broken`. The caller gives only half-days that are free: out-of-use periods and
places taken are already left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, time

from casework.placements.tig import limits
from casework.placements.tig.limits import Stint, Worker

SHORTEST = 60  # nobody travels for less than an hour, except to finish


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A free half-day of the post."""

    day: date
    half: str
    starts_at: time
    ends_at: time


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A half-day of the plan, and how long it lasts."""

    half: str
    stint: Stint


@dataclass(frozen=True)
class Plan:
    """The half-days, by date, and the minutes for which none was found."""

    half_days: tuple[Planned, ...]
    unplaced: int

    @property
    def ends_on(self) -> date | None:
        """The day of the last half-day, None for an empty plan."""
        return self.half_days[-1].stint.day if self.half_days else None


def plan(
    minutes: int,
    slots: Iterable[Slot],
    worker: Worker,
    *,
    already: Sequence[Stint] = (),
    holidays: Collection[date] = (),
    until: date | None = None,
    weekly: int | None = None,
) -> Plan:
    """Return the earliest half-days that hold `minutes`, within the limits of the law.

    `already`: presences kept, done or planned. `until`: last good day. `weekly`: half-days wanted a week at most.
    The last one is cut to what is left.
    """
    found: list[Planned] = []
    held = list(already)
    left = minutes
    for slot in sorted(slots, key=lambda each: (each.day, each.starts_at)):
        if left <= 0 or (until is not None and slot.day > until):
            break
        if weekly is not None and _in_week(slot.day, found) >= weekly:
            continue
        stint = _fit(slot, held, worker, holidays, left)
        if stint is not None:
            found.append(Planned(half=slot.half, stint=stint))
            held.append(stint)
            left -= stint.minutes
    return Plan(tuple(found), max(0, left))


def _in_week(day: date, found: Sequence[Planned]) -> int:
    return sum(limits.week_of(each.stint.day) == limits.week_of(day) for each in found)


def _fit(slot: Slot, held: Sequence[Stint], worker: Worker, holidays: Collection[date], left: int) -> Stint | None:
    """Return the longest presence of this half-day that passes every limit, None if none is worth the journey."""
    whole = Stint(day=slot.day, starts_at=slot.starts_at, ends_at=slot.ends_at)
    whole = replace(whole, break_minutes=limits.break_owed(whole.span, worker))
    same_day = sum(each.minutes for each in held if each.day == slot.day)
    same_week = sum(each.minutes for each in held if limits.week_of(each.day) == limits.week_of(slot.day))
    room = min(limits.day_cap(worker) - same_day, limits.week_cap(worker) - same_week)
    wanted = min(whole.minutes, room, left)
    if wanted <= 0 or (wanted < SHORTEST and wanted < left):
        return None
    stint = whole if wanted == whole.minutes else _cut(whole, wanted, worker)
    return None if limits.broken(stint, held, worker, holidays=holidays, left=left) else stint


def _cut(whole: Stint, minutes: int, worker: Worker) -> Stint:
    pause = limits.break_owed(minutes, worker)
    end = whole.starts_at.hour * 60 + whole.starts_at.minute + minutes + pause
    return replace(whole, ends_at=time(*divmod(min(end, limits.DAY - 1), 60)), break_minutes=pause)
