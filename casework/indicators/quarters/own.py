"""The indicators that this system counts by itself: acts of a quarter, from the rooms that did them. No person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

from casework.indicators.quarters.periods import Period


class Attended(Protocol):
    """One service at the meetings of a quarter."""

    @property
    def convened(self) -> int: ...
    @property
    def present(self) -> int: ...


class Activity(Protocol):
    """What the rooms did in a quarter; None: too few to be said, or not kept here."""

    @property
    def sessions(self) -> int: ...
    @property
    def examinations(self) -> int | None: ...
    @property
    def decisions(self) -> int | None: ...
    @property
    def decisions_done(self) -> int | None: ...
    @property
    def decisions_late(self) -> int | None: ...
    @property
    def attendance(self) -> Sequence[Attended]: ...
    @property
    def tig_hours(self) -> int | None: ...
    @property
    def posts_listed(self) -> int: ...
    @property
    def half_days_used(self) -> int | None: ...
    @property
    def pupil_half_days(self) -> int | None: ...


Source = Callable[[UUID, int, int], Activity]
_sources: list[Source] = []


def count_with(source: Source) -> None:
    """Say who counts: territory, year, number of the quarter."""
    _sources[:] = [source]


def figures(territory_id: UUID, period: Period) -> dict[str, int | None]:
    """Return each indicator of this system over a quarter, None for too few; none at all where nothing counts here."""
    if not _sources:
        return {}
    found = _sources[0](territory_id, period.year, period.number)
    convened = sum(each.convened for each in found.attendance)
    present = sum(each.present for each in found.attendance)
    return {
        "meetings": found.sessions, "examined": found.examinations, "decided": found.decisions,
        "done": found.decisions_done, "late": found.decisions_late,
        "attendance": round(100 * present / convened) if convened else None, "posts": found.posts_listed,
        "half_days": found.half_days_used, "hours": found.tig_hours, "pupils": found.pupil_half_days,
    }  # fmt: skip
