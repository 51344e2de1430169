"""Sessions of réparations: what an officer reads of them, and what a host does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from casework.placements.hosts.codes import Half
from casework.placements.reparation.codes import ParentsPart, Presence, SessionKind
from casework.placements.reparation.models import Reparation, Session

SHOWN_BACK = timedelta(days=35)
"""How far back a host still reads and corrects a presence."""


@dataclass(frozen=True, kw_only=True)
class SessionLine:
    """One session."""

    id: UUID
    revision: int
    day: date
    half: str
    starts_at: time
    ends_at: time
    kind: str
    at_host: bool
    presence: str
    presence_code: str
    parents: str
    parents_code: str
    is_due: bool
    """It took place and nobody said yet who came."""
    is_to_come: bool


def line(row: Session, now: datetime, *, with_parents: bool = True) -> SessionLine:
    """Return one session; a host does not read the parents' part."""
    today = localdate(now)
    return SessionLine(
        id=row.pk, revision=row.revision, day=row.day, half=Half(row.half).label, starts_at=row.starts_at,
        ends_at=row.ends_at, kind=SessionKind(row.kind).label, at_host=row.post_id is not None,
        presence=Presence(row.presence).label if row.presence else "", presence_code=row.presence,
        parents=ParentsPart(row.parents).label if row.parents and with_parents else "",
        parents_code=row.parents if with_parents else "", is_due=not row.presence and row.day <= today,
        is_to_come=not row.presence and row.day > today,
    )  # fmt: skip


def of(reparation: Reparation, now: datetime) -> tuple[SessionLine, ...]:
    """Return every session of one réparation, in order."""
    return tuple(line(row, now) for row in reparation.sessions.all())


def of_hosts(rows: Iterable[Reparation], now: datetime) -> dict[UUID, tuple[SessionLine, ...]]:
    """Return the half-days of each réparation at its present host, without what concerns the family; one query."""
    posts = {row.pk: row.post_id for row in rows}
    since = localdate(now) - SHOWN_BACK
    found: dict[UUID, list[SessionLine]] = {}
    for row in Session.objects.filter(reparation_id__in=posts, post__isnull=False, day__gte=since):
        if posts[row.reparation_id] == row.post_id:
            found.setdefault(row.reparation_id, []).append(line(row, now, with_parents=False))
    return {pk: tuple(lines) for pk, lines in found.items()}
