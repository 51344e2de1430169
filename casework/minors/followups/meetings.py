"""What situations may ask of meetings: when the group meets, when a situation was opened in the room.

Meetings live above followups and register their answers here; without them, no meeting is known and nothing was
opened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Calendar:
    """`starts`: when the meetings of a group begin after an instant, in order. `last_opened`: a situation in the room.

    `times_reviewed`: how many times a situation was examined.
    """

    starts: Callable[[UUID, datetime], list[datetime]]
    last_opened: Callable[[UUID], datetime | None]
    times_reviewed: Callable[[UUID], int]


_REGISTERED: list[Calendar] = []


def register(calendar: Calendar) -> None:
    """Give the one calendar of meetings; a second takes the place of the first."""
    _REGISTERED[:] = [calendar]


def starts(group_id: UUID, after: datetime) -> list[datetime]:
    """Return when the meetings of a group, not cancelled, begin after an instant, in order."""
    return [moment for calendar in _REGISTERED for moment in calendar.starts(group_id, after)]


def last_opened(follow_up_id: UUID) -> datetime | None:
    """Return when a situation was last opened in the room, None if it never was."""
    return next((calendar.last_opened(follow_up_id) for calendar in _REGISTERED), None)


def times_reviewed(follow_up_id: UUID) -> int:
    """Return how many times a situation was examined in a meeting."""
    return sum(calendar.times_reviewed(follow_up_id) for calendar in _REGISTERED)
