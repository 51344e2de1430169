"""The weeks that a host announces, and its catalogue: of no pupil."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count
from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.errors import AccessRefused
from casework.exclusions import facts
from casework.exclusions.codes import Half, Theme
from casework.exclusions.models import CatalogueActivity, OpenHalfDay
from casework.exclusions.reads import places
from casework.exclusions.reads.week import monday_of

WEEKS_SHOWN = 10
DAYS = 6
"""Monday to Saturday: what is served outside class may be on a Saturday (EXC-04, EXC-05)."""


@dataclass(frozen=True, kw_only=True)
class Announced:
    """One half-day of the shown week; `taken`: places that pupils hold."""

    day: date
    half: Half
    starts_at: time | None
    ends_at: time | None
    places: int
    taken: int


@dataclass(frozen=True, kw_only=True)
class AnnouncedDay:
    """One day of the shown week."""

    day: date
    has_class: bool
    is_past: bool
    halves: tuple[Announced, ...]


@dataclass(frozen=True, kw_only=True)
class NextWeek:
    """One of the weeks to come, in one line."""

    monday: date
    half_days: int
    places: int
    taken: int
    has_class: bool


@dataclass(frozen=True, kw_only=True)
class Weeks:
    """The shown week, and those to come."""

    monday: date
    days: tuple[AnnouncedDay, ...]
    coming: tuple[NextWeek, ...]
    may_change: bool

    @property
    def before(self) -> date:
        """The Monday before."""
        return self.monday - timedelta(days=7)

    @property
    def after(self) -> date:
        """The Monday after."""
        return self.monday + timedelta(days=7)

    @property
    def last(self) -> date:
        """The last day shown."""
        return self.days[-1].day


def weeks(viewer: Viewer, day: date, now: datetime) -> Weeks:
    """Return what the viewer's house announces. Raises AccessRefused to who works for no host."""
    _require(viewer, now)
    today, monday = localdate(now), monday_of(day)
    first = min(monday, monday_of(today))
    last = max(monday, monday_of(today) + timedelta(weeks=WEEKS_SHOWN)) + timedelta(days=6)
    rows = OpenHalfDay.objects.filter(host_id=viewer.organisation_id, day__range=(first, last))
    held = {(row.day, row.half): row for row in rows.annotate(n=Count("taken"))}
    calendar = places.calendar_of(viewer.territory_id)
    return Weeks(
        monday=monday, may_change=facts.leads_here(viewer, now),
        days=tuple(
            AnnouncedDay(
                day=each, has_class=calendar.may_open(each), is_past=each < today,
                halves=tuple(_announced(each, half, held.get((each, half))) for half in Half),
            )
            for each in (monday + timedelta(days=n) for n in range(DAYS))
        ),
        coming=tuple(
            _line(monday_of(today) + timedelta(weeks=n), held, calendar) for n in range(WEEKS_SHOWN)
        ),
    )  # fmt: skip


def _announced(day: date, half: Half, row: OpenHalfDay | None) -> Announced:
    return Announced(
        day=day, half=half, starts_at=row.starts_at if row else None, ends_at=row.ends_at if row else None,
        places=row.places if row else 0, taken=getattr(row, "n", 0) if row else 0,
    )  # fmt: skip


def _line(monday: date, held: Mapping[tuple[date, str], OpenHalfDay], calendar: places.Calendar) -> NextWeek:
    days = [monday + timedelta(days=n) for n in range(7)]
    rows = [row for (day, _), row in held.items() if day in days]
    return NextWeek(
        monday=monday, half_days=len(rows), places=sum(row.places for row in rows),
        taken=sum(getattr(row, "n", 0) for row in rows), has_class=any(calendar.is_school_day(day) for day in days),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Activity:
    """One activity of the catalogue."""

    id: UUID
    name: str
    is_active: bool


def catalogue(viewer: Viewer, now: datetime) -> list[tuple[Theme, list[Activity]]]:
    """Return the activities of the viewer's house under the four themes. Raises AccessRefused as `weeks`."""
    _require(viewer, now)
    rows = list(CatalogueActivity.objects.filter(host_id=viewer.organisation_id))
    return [
        (theme, [Activity(id=row.pk, name=row.name, is_active=row.is_active) for row in rows if row.theme == theme])
        for theme in Theme
    ]


def _require(viewer: Viewer, now: datetime) -> None:
    if not (facts.receives(viewer.role) and facts.works_here(viewer, now)):
        raise AccessRefused(code="host")
