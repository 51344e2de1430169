"""The legal clock: term, suspensions, days left, and the bar that says it all (TIG-08 to TIG-10, DL-07, DL-11).

Pure: calendar days, local to the territory. A suspension runs from its first day to the day the clock runs again,
excluded; one without an end still runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from casework.casefile.deadlines import State, state_on
from casework.casefile.retention import months_after

WARN_DAYS = (90, 30)  # DL-07
WARN_DAYS_SHORT = (30,)  # DL-11: six months or less


@dataclass(frozen=True)
class Suspension:
    """Days on which the clock does not run: `start` included, `end` excluded, None while it lasts."""

    start: date
    end: date | None = None


def merged(suspensions: Iterable[Suspension], today: date) -> list[tuple[date, date]]:
    """Return the suspended stretches without overlap; one that still runs counts up to tomorrow, excluded."""
    found: list[tuple[date, date]] = []
    tomorrow = today + timedelta(days=1)
    for start, end in sorted((each.start, each.end or max(each.start, tomorrow)) for each in suspensions):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def term(starts_on: date, months: int, suspensions: Iterable[Suspension], today: date) -> date:
    """Return the last good day: `months` after the start, and one day more for each suspended day (TIG-09, TIG-10).

    A suspension that starts once the time is over gives nothing back. While one runs, the term moves each day.
    """
    return last_day(months_after(starts_on, months), merged(suspensions, today), starts_on)


def last_day(fixed: date, stretches: Sequence[tuple[date, date]], starts_on: date = date.min) -> date:
    """Return `fixed` moved by the suspended stretches that begin before the time is over."""
    due = fixed
    for start, end in stretches:
        if start > due:
            break
        due += timedelta(days=max(0, (end - max(start, starts_on)).days))
    return due


def suspended_days(suspensions: Iterable[Suspension], today: date) -> int:
    """Return how many days the clock has stood still, up to today included; planned ones do not count yet."""
    tomorrow = today + timedelta(days=1)
    return sum(max(0, (min(end, tomorrow) - start).days) for start, end in merged(suspensions, today))


def is_suspended(suspensions: Iterable[Suspension], day: date) -> bool:
    """Say whether the clock stands still on `day`."""
    return any(each.start <= day and (each.end is None or day < each.end) for each in suspensions)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """Hours and days of one placement on one line: what the file always shows. Minutes and days."""

    assigned: int  # to this host
    done: int  # attendance and adjustments
    planned: int  # half-days to come
    due: date | None  # last good day, suspensions included
    days_left: int | None
    suspended_days: int
    suspended: bool
    state: State

    @property
    def left(self) -> int:
        """Minutes still to be done, planned or not."""
        return max(0, self.assigned - self.done)

    @property
    def unplanned(self) -> int:
        """Minutes that no half-day covers yet."""
        return max(0, self.left - self.planned)

    @property
    def share_done(self) -> int:
        """Per cent done, whole, for the drawing."""
        return min(100, 100 * self.done // self.assigned) if self.assigned else 0

    @property
    def share_planned(self) -> int:
        """Per cent planned, whole; with `share_done` never over 100."""
        return min(100 - self.share_done, 100 * self.planned // self.assigned) if self.assigned else 0


def bar(
    *,
    assigned: int,
    done: int,
    planned: int,
    fixed: date | None,
    suspensions: Sequence[Suspension],
    today: date,
    warn_days: int = WARN_DAYS[0],
) -> Bar:
    """Return the bar on `today`. `fixed`: last useful date before suspensions, None when nobody knows it yet."""
    due = None if fixed is None else last_day(fixed, merged(suspensions, today))
    state: State = "ok"
    if due is not None and done < assigned:
        state = state_on(today, due=due, warn=due - timedelta(days=warn_days))
    return Bar(
        assigned=assigned,
        done=done,
        planned=planned,
        due=due,
        days_left=None if due is None else (due - today).days,
        suspended_days=suspended_days(suspensions, today),
        suspended=is_suspended(suspensions, today),
        state=state,
    )


def warnings(due: date, today: date, *, short: bool) -> int | None:
    """Return the reminder passed most recently (90 or 30 days before), None before the first (DL-07, DL-11)."""
    passed = [days for days in (WARN_DAYS_SHORT if short else WARN_DAYS) if today >= due - timedelta(days=days)]
    return min(passed, default=None)
