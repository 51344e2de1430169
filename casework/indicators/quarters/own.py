"""The indicators that this system counts by itself: acts of a quarter, from the rooms that did them. No person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from casework.indicators.quarters.periods import Period


class Activity(Protocol):
    """What the rooms did in a quarter; None: this installation does not keep it."""

    meetings: int
    examined: int
    decided: int
    done: int
    late: int
    present: int
    """Services represented, over all the meetings."""
    expected: int
    """Services invited, over all the meetings."""
    posts: int | None
    half_days: int | None
    tig_minutes: int | None
    pupil_half_days: int | None


Source = Callable[[UUID, int, int], Activity]
_sources: list[Source] = []


def count_with(source: Source) -> None:
    """Say who counts: territory, year, number of the quarter."""
    _sources[:] = [source]


def figures(territory_id: UUID, period: Period) -> dict[str, int | None]:
    """Return each indicator of this system over a quarter, None where nothing here counts it."""
    if not _sources:
        return {}
    found = _sources[0](territory_id, period.year, period.number)
    minutes = found.tig_minutes
    return {
        "meetings": found.meetings, "examined": found.examined, "decided": found.decided, "done": found.done,
        "late": found.late, "attendance": round(100 * found.present / found.expected) if found.expected else None,
        "posts": found.posts, "half_days": found.half_days, "hours": None if minutes is None else round(minutes / 60),
        "pupils": found.pupil_half_days,
    }  # fmt: skip
