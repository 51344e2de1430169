"""Dates to be watched (DL-nn). Each subject registers its own; Mon travail, .ics and digest read here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from django.urls import reverse
from django.utils.timezone import localdate

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


@dataclass(frozen=True, kw_only=True)
class Due:
    """One date of one file: the rule, what is owed in a few words, the last good day, the first reminder."""

    rule: str
    reference: str
    object_id: UUID
    said: str
    due: date
    warn: date


def of_files(found: Iterable[Due], *, page: str, now: datetime) -> list[Deadline]:
    """Return the dates of files for « Mon travail » and the calendar: a reference, no name. `page`: the route of one."""
    today = localdate(now)
    return [
        Deadline(
            rule=due.rule, label=f"{due.reference} : {due.said}", due=due.due, warn=due.warn, object_id=due.object_id,
            url=reverse(page, args=[due.object_id]), state=state_on(today, due=due.due, warn=due.warn),
        )
        for due in found
    ]  # fmt: skip


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
