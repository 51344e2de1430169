"""Free places of hosts: announced half-days less those taken, within what each convention allows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import Count
from django.utils.timezone import localtime

from casework.casefile import calendar
from casework.casefile.models import SchoolHoliday
from casework.exclusions import law
from casework.exclusions.codes import OUTSIDE_CLASS, Half
from casework.exclusions.models import Convention, OpenHalfDay, SupportHalfDay
from casework.partners.models import Territory

Slot = tuple[date, Half]


@dataclass(frozen=True, kw_only=True)
class Place:
    """One announced half-day as a school sees it: hours, and how many of its pupils it may still send."""

    id: UUID
    day: date
    half: Half
    starts_at: time
    ends_at: time
    free: int


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The days without class of one territory."""

    away: tuple[tuple[date, date], ...]
    holiday_set: str

    def is_school_day(self, day: date) -> bool:
        """Say whether there is class on `day`."""
        return law.is_school_day(day, self.away, self.holiday_set)

    def may_open(self, day: date) -> bool:
        """Say whether a host may announce `day`: a day of class, or a Saturday or Sunday in its course (EXC-04, EXC-05)."""
        if day.weekday() < 5:
            return self.is_school_day(day)
        shut = day in calendar.public_holidays(day.year, self.holiday_set)
        return not shut and not any(first <= day <= last for first, last in self.away)


def calendar_of(territory_id: UUID) -> Calendar:
    """Return the school calendar of a territory: two queries."""
    territory = Territory.objects.only("school_zone", "holiday_set").get(pk=territory_id)
    rows = SchoolHoliday.objects.filter(zone=territory.school_zone).values_list("starts_on", "ends_on")
    return Calendar(away=tuple(rows), holiday_set=territory.holiday_set)


def minutes(starts_at: time, ends_at: time) -> int:
    """Return the length of a half-day, in minutes."""
    return (ends_at.hour - starts_at.hour) * 60 + ends_at.minute - starts_at.minute


def is_over(day: date, ends_at: time, now: datetime) -> bool:
    """Say whether a half-day has ended: nobody is received on it any more."""
    here = localtime(now)
    return (day, ends_at) <= (here.date(), here.time())


def in_force(school_id: UUID, first: date, last: date) -> list[Convention]:
    """Return the confirmed conventions of a school that hold on some day from `first` to `last`; one query."""
    rows = Convention.objects.filter(
        school_id=school_id, confirmed_at__isnull=False, starts_on__lte=last, ends_on__gte=first
    ).select_related("host")
    return [row for row in rows if row.last_day >= first]


def places(
    conventions: Iterable[Convention], kind: str, first: date, last: date, calendar: Calendar
) -> dict[UUID, list[Place]]:
    """Return by convention the half-days on which a pupil may be received, full ones included; three queries.

    An exclusion is received on days of class. What is served outside class (EXC-04, EXC-05) goes by the announced half-days
    alone: their hours are the hosts', and the school knows the pupil's.
    """
    held = [row for row in conventions if kind in row.kinds]
    if not held:
        return {}
    openings = list(
        OpenHalfDay.objects.filter(
            host_id__in={row.host_id for row in held}, day__gte=first, day__lte=last, places__gte=1
        )
    )
    taken, theirs = _taken(openings)
    found: dict[UUID, list[Place]] = {row.pk: [] for row in held}
    for row in held:
        for opening in openings:
            inside = row.starts_on <= opening.day <= row.last_day
            if opening.host_id != row.host_id or not inside:
                continue
            if kind not in OUTSIDE_CLASS and not calendar.is_school_day(opening.day):
                continue
            left = min(opening.places - taken[opening.pk], row.places - theirs[opening.pk, row.school_id])
            found[row.pk].append(
                Place(
                    id=opening.pk, day=opening.day, half=Half(opening.half), starts_at=opening.starts_at,
                    ends_at=opening.ends_at, free=max(left, 0),
                )
            )  # fmt: skip
    return found


def _taken(openings: Collection[OpenHalfDay]) -> tuple[dict[UUID, int], dict[tuple[UUID, UUID], int]]:
    rows = SupportHalfDay.objects.filter(opening__in=[row.pk for row in openings])
    counted = rows.order_by().values_list("opening_id", "support__organisation_id").annotate(n=Count("pk"))
    taken: dict[UUID, int] = defaultdict(int)
    theirs: dict[tuple[UUID, UUID], int] = defaultdict(int)
    for opening_id, school_id, n in counted:
        taken[opening_id] += n
        theirs[opening_id, school_id] += n
    return taken, theirs
