"""The page of what stands, month by month, for whoever knows that files exist and reads none (rows 12 and 16 « e »)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from casework.access.viewer import Viewer
from casework.casefile import small_counts
from casework.errors import AccessRefused
from casework.placements.partnership.codes import STAGES
from casework.placements.partnership.models import MonthCount
from casework.placements.reparation import facts as reparation
from casework.placements.tig import facts as tig

SHOWN = 13
"""Months shown: one year, and the same month of the year before."""


@dataclass(frozen=True, kw_only=True)
class Month:
    """What was told of one month: a day, and (stage, words) for each stage."""

    stood_on: date
    said: tuple[tuple[str, str], ...]


def months(viewer: Viewer, now: datetime) -> tuple[Month, ...]:
    """Return the last months, latest first, from what was kept: nothing is counted here. One query.

    Raises AccessRefused to whoever does not know that both kinds of files exist.
    """
    if not are_open(viewer, now):
        raise AccessRefused(code="month_counts")
    rows = MonthCount.objects.filter(territory_id=viewer.territory_id)[:SHOWN]
    return tuple(
        Month(stood_on=row.stood_on, said=tuple(zip(STAGES, (_words(band) for band in row.bands), strict=True)))
        for row in rows
    )


def are_open(viewer: Viewer, now: datetime) -> bool:
    """Say whether the viewer knows that there are files of both kinds."""
    return tig.counts_are_open(viewer, now) and reparation.counts_are_open(viewer, now)


def _words(band: int) -> str:
    least, most = small_counts.bounds(band)
    return f"de {least} à {most}" if least else f"{most} au plus"
