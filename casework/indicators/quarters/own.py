"""The indicators that this system counts by itself: acts of a quarter, from the rooms that did them. No person."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.utils.timezone import localdate

from casework.indicators.quarters.dashboard import Why
from casework.indicators.quarters.periods import Period
from casework.indicators.releases import activity

OF_OTHERS: Final = ("half_days", "hours", "pupils")
"""Those of people whom the keeper of the dashboard knows only to exist (rows 12, 16 and 26 « e »)."""


def figures(territory_id: UUID, period: Period) -> dict[str, int | Why | None]:
    """Return each indicator of this system over a quarter; None: too few to be said, or not kept here.

    What moves with people of other services waits for the end: today's number less yesterday's would be one of them.
    """
    found = activity.of_quarter(territory_id, period.year, period.number)
    convened = sum(each.convened for each in found.attendance)
    present = sum(each.present for each in found.attendance)
    said: dict[str, int | Why | None] = {
        "meetings": found.sessions, "examined": found.examinations, "decided": found.decisions,
        "done": found.decisions_done, "late": found.decisions_late,
        "attendance": round(100 * present / convened) if convened else None, "posts": found.posts_listed,
        "half_days": found.half_days_used, "hours": found.tig_hours, "pupils": found.pupil_half_days,
    }  # fmt: skip
    return said if period.is_over(localdate()) else said | dict.fromkeys(OF_OTHERS, Why.LATER)
