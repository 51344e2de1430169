"""What waits for somebody: the lines of « Mon travail ». Each subject registers a source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from casework.casefile.registry import Sources

if TYPE_CHECKING:
    from casework.access.viewer import Viewer


@dataclass(frozen=True, kw_only=True)
class WorkItem:
    """One line: by when (None: no date), what, the reference spoken aloud, the one click that does it.

    `kind` is one of "mine" (to do by me), "waiting" (waits for somebody else), "info", "done".
    `label` names no person. `act_url` may be the page of a form: a GET never changes anything.
    """

    group_when: date | None
    kind: str
    reference: str
    label: str
    url: str
    act_label: str = ""
    act_url: str = ""
    rule: str = ""


_SOURCES: Sources[WorkItem] = Sources()
register = _SOURCES.register


def for_viewer(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the viewer's lines under the current mandate, dated first and nearest first."""
    return sorted(
        _SOURCES.collect(viewer, now),
        key=lambda item: (item.group_when is None, item.group_when or date.max, item.reference, item.label),
    )
