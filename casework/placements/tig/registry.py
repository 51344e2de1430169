"""What placements give to the other floors: work, dates, what runs every night."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import TypeVar

from casework.access import inbox
from casework.access.viewer import Viewer
from casework.casefile import deadlines, work
from casework.placements.hosts.actions import requests
from casework.placements.tig import facts
from casework.placements.tig import work as lines
from casework.placements.tig.actions import erasing, proposals  # noqa: F401  erasing registers on import

Line = TypeVar("Line")
Source = Callable[[Viewer, datetime], list[Line]]


def _where_any(source: Source[Line]) -> Source[Line]:
    """Ask a source only where the viewer holds something: one question for all rooms, most days for nothing."""

    @wraps(source)
    def asked(viewer: Viewer, now: datetime) -> list[Line]:
        return source(viewer, now) if "tig" in inbox.waiting(viewer, now) else []

    return asked


inbox.probe("tig", facts.visible_to)
for source in (lines.requests, lines.searches, lines.incidents, lines.sheets):
    work.register(_where_any(source))
deadlines.register(_where_any(lines.dates))
requests.register(proposals.ROOM)
