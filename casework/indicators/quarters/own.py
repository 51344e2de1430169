"""The indicators that this system counts by itself: acts of a quarter, from the rooms that did them. No person."""

from __future__ import annotations

from uuid import UUID

from casework.indicators.quarters.periods import Period
from casework.indicators.releases import activity


def figures(territory_id: UUID, period: Period) -> dict[str, int | None]:
    """Return each indicator of this system over a quarter; None: too few to be said, or not kept here."""
    found = activity.of_quarter(territory_id, period.year, period.number)
    convened = sum(each.convened for each in found.attendance)
    present = sum(each.present for each in found.attendance)
    return {
        "meetings": found.sessions, "examined": found.examinations, "decided": found.decisions,
        "done": found.decisions_done, "late": found.decisions_late,
        "attendance": round(100 * present / convened) if convened else None, "posts": found.posts_listed,
        "half_days": found.half_days_used, "hours": found.tig_hours, "pupils": found.pupil_half_days,
    }  # fmt: skip
