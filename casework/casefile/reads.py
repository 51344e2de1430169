"""What the pages of local lists and school holidays show; no protected data here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem, SchoolHoliday
from casework.partners.models import Territory


@dataclass(frozen=True)
class ListLine:
    """A line of a local list."""

    id: UUID
    label: str
    is_national: bool
    is_open: bool
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class LocalList:
    """One list of the territory: what is proposed today, then what was closed."""

    code: ListCode
    title: str
    lines: tuple[ListLine, ...]

    @property
    def proposed(self) -> int:
        """Return how many lines are proposed today."""
        return sum(line.is_open for line in self.lines)


def local_lists(viewer: Viewer, now: datetime) -> list[LocalList]:
    """Return every list of the viewer's territory; one query."""
    today = localdate(now)
    rows = list(LocalItem.objects.filter(territory_id=viewer.territory_id)) if viewer.territory_id else []
    return [LocalList(code, str(code.label), _lines(rows, code, today)) for code in ListCode]


def choices(territory_id: UUID, list_code: ListCode, on: date, *, keep: UUID | None = None) -> list[tuple[UUID, str]]:
    """Return what a form proposes on a day; `keep` is the value a record already has, closed or not."""
    return [
        (item.pk, item.label)
        for item in LocalItem.objects.of(territory_id, list_code)
        if item.pk == keep or (item.valid_from <= on and (item.valid_to is None or item.valid_to > on))
    ]


def school_holidays(now: datetime) -> list[SchoolHoliday]:
    """Return holidays that end this year or later, by zone and day (a public calendar: rows as they are)."""
    since = localdate(now).replace(month=1, day=1)
    return list(SchoolHoliday.objects.filter(ends_on__gte=since).order_by("zone", "starts_on"))


def school_zone(viewer: Viewer) -> str:
    """Return the school zone of the territory worked in, proposed first."""
    return Territory.objects.filter(pk=viewer.territory_id).values_list("school_zone", flat=True).first() or ""


def _lines(rows: list[LocalItem], code: ListCode, today: date) -> tuple[ListLine, ...]:
    lines = [
        ListLine(
            row.pk,
            row.label,
            bool(row.national_code),
            row.valid_from <= today and (row.valid_to is None or row.valid_to > today),
            row.valid_from,
            row.valid_to,
        )
        for row in rows
        if row.list_code == code
    ]
    return tuple(sorted(lines, key=lambda line: not line.is_open))
