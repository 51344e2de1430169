"""Dates to be watched (DL-nn). Each subject registers its own; Mon travail, .ics and digest read here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from casework.casefile.registry import Sources

if TYPE_CHECKING:
    from casework.access.viewer import Viewer

State = Literal["ok", "soon", "late"]


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """One date to be kept. `label` names no person; `due` is the last good day, `warn` the first reminder."""

    rule: str
    label: str
    due: date
    warn: date
    object_id: UUID
    url: str
    state: State


def state_on(today: date, *, due: date, warn: date) -> State:
    """Return how a deadline stands on `today`: the due day itself is still in time."""
    if today > due:
        return "late"
    return "soon" if today >= warn else "ok"


_SOURCES: Sources[Deadline] = Sources()
register = _SOURCES.register


def for_viewer(viewer: Viewer, now: datetime) -> list[Deadline]:
    """Return every deadline this viewer has to watch, nearest first."""
    return sorted(_SOURCES.collect(viewer, now), key=lambda d: (d.due, d.rule, str(d.object_id)))
