"""Demands without a place, for whoever opens posts: periods that hold enough people, sectors of a closed year."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count
from django.utils.timezone import localdate

from casework.access.matrix import DataClass
from casework.access.policy import Action, Facts, ceiling, require
from casework.access.viewer import Viewer
from casework.casefile import format as fr
from casework.casefile import reads as lists
from casework.casefile import small_counts
from casework.casefile.codes import ListCode
from casework.placements.hosts.models import WithoutPlace

LEAST = small_counts.K_JUDICIAL  # minors are among them
NO_SECTOR = "Secteur indifférent"


@dataclass(frozen=True, kw_only=True)
class Year:
    """A closed year: each sector with its count, None where it is not shown."""

    year: int
    sectors: tuple[tuple[str, int | None], ...]
    total: int | None


@dataclass(frozen=True, kw_only=True)
class Unplaced:
    """What is shown: periods, and the months since the last of them, not yet told."""

    periods: tuple[tuple[str, int], ...]
    waiting_since: date | None
    years: tuple[Year, ...]


def require_counts(viewer: Viewer, now: datetime) -> None:
    """Ask decide() whether this viewer reads anonymised counts of the territory (row 29). Raises AccessRefused."""
    facts = Facts(
        territory_id=viewer.territory_id, data_class=DataClass.INDICATORS, excluded=False, rules_in_force=True,
        state_open=True,
    )  # fmt: skip
    require(viewer, Action.COUNT, facts, now)


def concerns(viewer: Viewer, now: datetime) -> bool:
    """Say whether such counts concern this role: those who read posts, not every member of the cellule."""
    return ceiling(viewer.role, Action.LIST, DataClass.TIG_POSTS)


def sectors(viewer: Viewer, now: datetime) -> list[tuple[UUID, str]]:
    """Return the sectors of posts of the territory, to say where a place is missing."""
    return lists.choices(viewer.territory_id, ListCode.PLACE_SECTOR, localdate(now))


def figures(viewer: Viewer, now: datetime) -> Unplaced:
    """Return the counts of the territory, in closed months only, none that tells of few people. Raises AccessRefused.

    A period closes once it holds enough demands, and never changes afterwards: no later page less an earlier one
    gives back a small number. Two queries whatever the years.
    """
    require_counts(viewer, now)
    this_month = localdate(now).replace(day=1)
    rows = WithoutPlace.objects.filter(territory_id=viewer.territory_id, month__lt=this_month)
    by_month = dict(rows.order_by("month").values_list("month").annotate(n=Count("pk")))
    found, since = small_counts.periods(by_month, k=LEAST)
    by_sector: Counter[tuple[date, str]] = Counter()
    for month, sector, n in rows.order_by().values_list("month", "sector__label").annotate(n=Count("pk")):
        by_sector[month, sector or NO_SECTOR] += n
    return Unplaced(
        periods=tuple((_words(first, last), n) for first, last, n in reversed(found)), waiting_since=since,
        years=tuple(_years(found, by_sector, this_month.year)),
    )  # fmt: skip


def _years(found: list[tuple[date, date, int]], by_sector: Counter[tuple[date, str]], running: int) -> list[Year]:
    """Return the years that are over, latest first, each made of the periods that end in it."""
    shown = []
    for year in sorted({last.year for _, last, _ in found if last.year < running}, reverse=True):
        spans = [(first, last) for first, last, _ in found if last.year == year]
        counted: Counter[str] = Counter()
        for (month, sector), n in by_sector.items():
            if any(first <= month <= last for first, last in spans):
                counted[sector] += n
        cells, total = small_counts.shown(counted, k=LEAST)
        shown.append(Year(year=year, sectors=tuple(sorted(cells.items())), total=total))
    return shown


def _words(first: date, last: date) -> str:
    return fr.month(first) if first == last else f"{fr.month(first)} à {fr.month(last)}"
