"""Places of posts, day by day: free, reserved, used, out of use. In a constant number of queries (peers C3).

Counts only: no person, no holder. A public holiday has no place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count

from casework.casefile.calendar import public_holidays
from casework.placements.hosts.codes import BookingState, Half
from casework.placements.hosts.models import Booking, OutOfUse, Post, PostHalfDay

Slot = tuple[date, Half]


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one half-day. `capacity` is what the post offers that day of the week, out of use included."""

    capacity: int
    free: int
    reserved: int
    used: int
    out_of_use: int


def places(
    post_ids: Collection[UUID], start: date, end: date, *, now: datetime | None = None
) -> dict[UUID, dict[Slot, Places]]:
    """Return the places of each half-day from `start` to `end` included, by post; four queries whatever the span.

    With `now`, a reservation whose time to answer is over holds nothing, even before the nightly job. Half-days on which the post neither receives nor holds anything are left out.
    """
    found: dict[UUID, dict[Slot, Places]] = {post_id: {} for post_id in post_ids}
    taken = _taken(post_ids, start, end, now)
    closed = _closed(post_ids, start, end)
    rows = Post.objects.filter(pk__in=post_ids).values_list("pk", "territory__holiday_set", "runs_from", "runs_to")
    off = {pk: (holiday_set, runs) for pk, holiday_set, *runs in rows}
    days = _days_by_weekday(start, end)
    half_days = PostHalfDay.objects.filter(post_id__in=post_ids)
    for post_id, weekday, half, capacity in half_days.values_list("post_id", "weekday", "half", "places"):
        for day in days[weekday]:
            holiday_set, runs = off[post_id]
            if day in public_holidays(day.year, holiday_set) or not takes_place(day, *runs):
                continue
            slot = day, Half(half)
            reserved, used = taken[post_id].pop(slot, (0, 0))
            out = min(capacity, closed[post_id].get(slot, 0))
            found[post_id][slot] = Places(
                capacity=capacity, free=max(0, capacity - out - reserved - used), reserved=reserved, used=used,
                out_of_use=out,
            )  # fmt: skip
    # What is held on a half-day that the post no longer offers: it must be seen, and moved.
    for post_id, left in taken.items():
        for slot, (reserved, used) in left.items():
            found[post_id][slot] = Places(capacity=0, free=0, reserved=reserved, used=used, out_of_use=0)
    return found


def takes_place(day: date, runs_from: date | None, runs_to: date | None) -> bool:
    """Say whether a post that runs from a day to another, both included, receives on `day`; None: no limit."""
    return (runs_from is None or day >= runs_from) and (runs_to is None or day <= runs_to)


def _days_by_weekday(start: date, end: date) -> Mapping[int, list[date]]:
    days: dict[int, list[date]] = defaultdict(list)
    for day in each_day(start, end):
        days[day.weekday()].append(day)
    return days


def each_day(start: date, end: date) -> Iterator[date]:
    """Yield each day from `start` to `end` included."""
    for n in range((end - start).days + 1):
        yield start + timedelta(days=n)


def _taken(
    post_ids: Collection[UUID], start: date, end: date, now: datetime | None
) -> dict[UUID, dict[Slot, tuple[int, int]]]:
    """Return how many places are reserved and used, by post and half-day."""
    rows = Booking.objects.filter(post_id__in=post_ids, day__range=(start, end)).order_by()
    if now is not None:
        rows = rows.exclude(state=BookingState.RESERVED, until__lte=now)
    counted: dict[UUID, dict[Slot, tuple[int, int]]] = {post_id: {} for post_id in post_ids}
    for post_id, day, half, state, n in rows.values_list("post_id", "day", "half", "state").annotate(n=Count("*")):
        reserved, used = counted[post_id].get((day, Half(half)), (0, 0))
        is_used = state == BookingState.USED
        counted[post_id][day, Half(half)] = reserved + (0 if is_used else n), used + (n if is_used else 0)
    return counted


def _closed(post_ids: Collection[UUID], start: date, end: date) -> dict[UUID, dict[Slot, int]]:
    """Return how many places are out of use, by post and half-day; `ALL` when the whole half-day is."""
    closed: dict[UUID, dict[Slot, int]] = {post_id: defaultdict(int) for post_id in post_ids}
    for post_id, first, last, half, n in periods(post_ids, start, end):
        for day in each_day(max(first, start), min(last, end)):
            for each in (Half(half),) if half else tuple(Half):
                closed[post_id][day, each] += ALL if n is None else n
    return closed


ALL = 1_000  # more than any half-day has


def periods(post_ids: Iterable[UUID], start: date, end: date) -> list[tuple[UUID, date, date, str, int | None]]:
    """Return the periods out of use that meet the span: post, first day, last day, half ("" both), places (None all)."""
    return periods_of({"post_id__in": list(post_ids)}, start, end)


def periods_of(which: Mapping[str, object], start: date, end: date) -> list[tuple[UUID, date, date, str, int | None]]:
    """Return the same for the posts that a filter names."""
    rows = OutOfUse.objects.filter(**which, starts_on__lte=end, ends_on__gte=start).order_by()
    return list(rows.values_list("post_id", "starts_on", "ends_on", "half", "places"))
