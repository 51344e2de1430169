"""What schools ask of one's house, without a name: level, kind, half-days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from casework.access.viewer import Viewer
from casework.exclusions import facts
from casework.exclusions.codes import Half, Kind, Level
from casework.exclusions.models import ExclusionSupport


@dataclass(frozen=True, kw_only=True)
class AskedHalfDay:
    """One half-day that a school asks for."""

    day: date
    half: str
    starts_at: time
    ends_at: time


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One reception that waits for a yes or a no. Nothing of the pupil but the class level."""

    id: UUID
    reference: str
    school: str
    level: str
    kind: str
    asked_at: datetime
    held_until: date | None
    half_days: tuple[AskedHalfDay, ...]


def asked(viewer: Viewer, now: datetime) -> tuple[Asked, ...]:
    """Return what waits for the answer of the viewer's house, oldest first; nothing sealed is opened."""
    rows = facts.asked_of(viewer, now).prefetch_related("half_days__opening").order_by("held_at", "id")
    return tuple(_asked(row) for row in rows)


def _asked(row: ExclusionSupport) -> Asked:
    return Asked(
        id=row.pk, reference=row.reference, school=row.organisation.name, level=Level(row.level).label,
        kind=Kind(row.kind).label, asked_at=row.held_at, held_until=row.held_until,
        half_days=tuple(
            AskedHalfDay(
                day=each.day, half=Half(each.half).label, starts_at=each.opening.starts_at,
                ends_at=each.opening.ends_at,
            )
            for each in sorted(row.half_days.all(), key=lambda each: (each.day, each.half))
        ),
    )  # fmt: skip
