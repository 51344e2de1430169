"""The sheet as it is read and printed, and the sessions of the year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.partners.models import Territory
from casework.vif.reflex import facts
from casework.vif.reflex.codes import STARTING, Audience, Part
from casework.vif.reflex.models import AwarenessSession, ReflexSheet


@dataclass(frozen=True, kw_only=True)
class PartLine:
    """One part of the sheet."""

    code: str
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SessionLine:
    """One awareness session."""

    id: UUID
    held_on: date
    audience: str
    people: int


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The sheet of the viewer's territory. `version` 0: nobody wrote it yet, national numbers stand alone."""

    town: str
    version: int
    written_on: date | None
    texts: dict[str, str]
    parts: tuple[PartLine, ...]
    sessions: tuple[SessionLine, ...]
    people: int
    """How many people came this year."""
    may_write: bool


def sheet(viewer: Viewer, now: datetime) -> Sheet:
    """Return the last version of the sheet. Raises AccessRefused."""
    facts.require_reader(viewer, now)
    row = ReflexSheet.objects.filter(territory_id=viewer.territory_id).order_by("-version").first()
    texts = dict(row.parts) if row is not None else dict(STARTING)
    year = localdate(now).year
    held = AwarenessSession.objects.filter(territory_id=viewer.territory_id, held_on__year=year)
    sessions = tuple(
        SessionLine(id=each.pk, held_on=each.held_on, audience=Audience(each.audience).label, people=each.people)
        for each in held
    )
    return Sheet(
        town=Territory.objects.get(pk=viewer.territory_id).name, version=row.version if row else 0,
        written_on=localdate(row.written_at) if row else None, texts=texts,
        parts=tuple(
            PartLine(code=part.value, title=str(part.label), lines=tuple(texts[part].splitlines()))
            for part in Part
            if texts.get(part)
        ),
        sessions=sessions, people=sum(each.people for each in sessions), may_write=facts.may_write(viewer, now),
    )  # fmt: skip
