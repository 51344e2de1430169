"""The free half-days of a post for one person, and the plan that they allow."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from casework.casefile.calendar import public_holidays
from casework.placements.hosts.models import Post, PostHalfDay
from casework.placements.hosts.reads import calendar
from casework.placements.tig import plan as planning
from casework.placements.tig.labour import Labour
from casework.placements.tig.limits import Stint
from casework.placements.tig.plan import Plan, Slot

MOST_WEEKS = 78  # eighteen months (TIG-08)


def free_slots(post: Post, start: date, end: date, availability: Collection[str], labour: Labour) -> list[Slot]:
    """Return the half-days of the post that are free and that the person can come on, days of suspension left out."""
    end = min(end, start + timedelta(weeks=MOST_WEEKS))
    if end < start:
        return []
    hours = {(row.weekday, row.half): (row.starts_at, row.ends_at) for row in PostHalfDay.objects.filter(post=post)}
    slots = []
    for (day, half), places in calendar.places([post.pk], start, end)[post.pk].items():
        asked = f"{day.weekday()}-{half.value}" in availability
        if places.free < 1 or not asked or labour.is_stopped(day) or (day.weekday(), half.value) not in hours:
            continue
        starts_at, ends_at = hours[day.weekday(), half.value]
        slots.append(Slot(day=day, half=half.value, starts_at=starts_at, ends_at=ends_at))
    return slots


def holidays(start: date, end: date, holiday_set: str) -> frozenset[date]:
    """Return the public holidays of the years that these days cover."""
    return frozenset(day for year in range(start.year, end.year + 1) for day in public_holidays(year, holiday_set))


def plan(
    minutes: int, post: Post, start: date, end: date, availability: Collection[str], labour: Labour, *,
    weekly: int, already: Collection[Stint] = (), holiday_set: str = "FR",
) -> Plan:  # fmt: skip
    """Return the plan of `minutes` on the free half-days of a post from `start` to `end`."""
    slots = free_slots(post, start, end, availability, labour)
    # The strictest of the span: somebody who turns eighteen meanwhile keeps the limits of minors in the plan.
    return planning.plan(
        minutes, slots, labour.on(start), already=list(already), holidays=holidays(start, end, holiday_set),
        until=end, weekly=weekly,
    )  # fmt: skip
