"""Which hosts can take a pupil and when: the free half-days of each convention, week by week; why not the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.exclusions import facts
from casework.exclusions.codes import Half, Kind, Level, Theme
from casework.exclusions.models import Convention, WaitingNeed
from casework.exclusions.reads import places
from casework.exclusions.reads.places import Place

SHOWN = timedelta(weeks=3)
LONGEST = timedelta(weeks=10)
"""What one page shows at the most, whatever dates are asked."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One half-day of the grid; `place` is None where nothing is announced, or where the pupil has no class."""

    day: date
    half: Half
    place: Place | None


@dataclass(frozen=True, kw_only=True)
class Week:
    """One week: its days, and a row of cells by half of a day."""

    monday: date
    days: tuple[date, ...]
    rows: tuple[tuple[Half, tuple[Cell, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What one host offers under one convention."""

    convention_id: UUID
    host: str
    themes: tuple[str, ...]
    accepts_at_once: bool
    last_day: date
    free: int
    weeks: tuple[Week, ...]


@dataclass(frozen=True, kw_only=True)
class Search:
    """The hosts with a free half-day, and (host, why not) of the others."""

    first: date
    last: date
    offers: tuple[Offer, ...]
    others: tuple[tuple[str, str], ...]


def window(first: date | None, last: date | None, now: datetime) -> tuple[date, date]:
    """Return the days to look at: those asked from today on, else three weeks; never more than ten."""
    today = localdate(now)
    start = max(first or today, today)
    end = last if last and last >= start else start + SHOWN
    return start, min(end, start + LONGEST)


def search(viewer: Viewer, kind: str, first: date, last: date, now: datetime) -> Search:
    """Return what the hosts of the viewer's school offer for one kind of reception; six queries whatever their number."""
    facts.require_creation(viewer, now)
    conventions = places.in_force(viewer.organisation_id, first, last) if viewer.organisation_id else []
    found: dict[UUID, list[Place]] = {}
    if conventions:
        every = places.places(conventions, kind, first, last, places.calendar_of(conventions[0].territory_id))
        found = {
            pk: [each for each in rows if not places.is_over(each.day, each.ends_at, now)] for pk, rows in every.items()
        }
    offers, others = [], []
    for row in sorted(conventions, key=lambda each: each.host.name):
        half_days = found.get(row.pk, [])
        free = sum(place.free > 0 for place in half_days)
        if free:
            offers.append(_offer(row, half_days, free))
        else:
            others.append((row.host.name, _why_not(row, kind, half_days)))
    return Search(first=first, last=last, offers=tuple(offers), others=tuple(others))


def of_convention(convention: Convention, kind: str, first: date, last: date) -> Offer:
    """Return what one host offers under one convention from a day to another."""
    found = places.places([convention], kind, first, last, places.calendar_of(convention.territory_id))
    half_days = found.get(convention.pk, [])
    return _offer(convention, half_days, sum(place.free > 0 for place in half_days))


def _offer(row: Convention, half_days: Sequence[Place], free: int) -> Offer:
    return Offer(
        convention_id=row.pk, host=row.host.name, accepts_at_once=row.accepts_at_once, last_day=row.last_day, free=free,
        themes=tuple(Theme(theme).label for theme in row.themes if theme in Theme.values), weeks=weeks(half_days),
    )  # fmt: skip


def _why_not(row: Convention, kind: str, half_days: Sequence[Place]) -> str:
    if kind not in row.kinds:
        return "la convention ne prévoit pas cet accueil"
    return "complet ces jours-là" if half_days else "aucune demi-journée annoncée ces jours-là"


def weeks(half_days: Iterable[Place]) -> tuple[Week, ...]:
    """Return announced half-days as weeks, Monday to Friday, longer where a host opens at the week-end."""
    by_slot = {(place.day, place.half): place for place in half_days}
    mondays = sorted({day - timedelta(days=day.weekday()) for day, _ in by_slot})
    longest = max((day.weekday() for day, _ in by_slot), default=4)
    made = []
    for monday in mondays:
        days = tuple(monday + timedelta(days=n) for n in range(max(longest, 4) + 1))
        rows = tuple(
            (half, tuple(Cell(day=day, half=half, place=by_slot.get((day, half))) for day in days)) for half in Half
        )
        made.append(Week(monday=monday, days=days, rows=rows))
    return tuple(made)


@dataclass(frozen=True, kw_only=True)
class Need:
    """A need without a place. `hosts`: to its school, how many have a free half-day now; `school`: to a host, whose it is."""

    id: UUID
    school: str
    kind: str
    kind_code: str
    level: str
    level_code: str
    starts_on: date
    ends_on: date
    asked_at: datetime
    hosts: int


def needs(viewer: Viewer, now: datetime) -> tuple[Need, ...]:
    """Return the needs of the viewer's school, the next days first. As many queries whatever their number."""
    facts.require_creation(viewer, now)
    rows = list(own_needs(viewer, now))
    free = _free(viewer, rows, now)
    return tuple(
        _need(row, sum(any(row.starts_on <= day <= row.ends_on for day in days) for days in free.get(row.kind, [])))
        for row in rows
    )


def needs_around(viewer: Viewer, now: datetime) -> tuple[Need, ...]:
    """Return the needs of the schools bound to the viewer's house by a convention in force: no pupil is in them."""
    today = localdate(now)
    bound = facts.conventions(viewer, now).filter(confirmed_at__isnull=False, starts_on__lte=today)
    schools = {row.school_id for row in bound if row.last_day >= today}
    return tuple(_need(row, 0) for row in _waiting(now).filter(school__in=schools))


def own_needs(viewer: Viewer, now: datetime) -> QuerySet[WaitingNeed]:
    """Return the rows of the needs of the viewer's school."""
    rows = _waiting(now).filter(school_id=viewer.organisation_id)
    return rows if facts.sends(viewer.role) and facts.works_here(viewer, now) else rows.none()


def _waiting(now: datetime) -> QuerySet[WaitingNeed]:
    rows = WaitingNeed.objects.filter(ends_on__gte=localdate(now)).select_related("school")
    return rows.order_by("starts_on", "asked_at")


def _need(row: WaitingNeed, hosts: int) -> Need:
    return Need(
        id=row.pk, school=row.school.name, kind=Kind(row.kind).label, kind_code=row.kind,
        level=Level(row.level).label, level_code=row.level, starts_on=row.starts_on, ends_on=row.ends_on,
        asked_at=row.asked_at, hosts=hosts,
    )  # fmt: skip


def _free(viewer: Viewer, rows: Sequence[WaitingNeed], now: datetime) -> dict[str, list[list[date]]]:
    """Return by kind the days with a free place of each host: three queries for each kind asked."""
    if not rows or viewer.organisation_id is None:
        return {}
    first = max(min(row.starts_on for row in rows), localdate(now))
    last = max(row.ends_on for row in rows)
    conventions = places.in_force(viewer.organisation_id, first, last)
    if not conventions:
        return {}
    calendar = places.calendar_of(conventions[0].territory_id)
    return {
        kind: [
            [place.day for place in half_days if place.free]
            for half_days in places.places(conventions, kind, first, last, calendar).values()
        ]
        for kind in {row.kind for row in rows}
    }
