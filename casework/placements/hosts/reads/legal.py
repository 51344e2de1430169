"""Legal references for their page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.errors import AccessRefused
from casework.placements.hosts import facts
from casework.placements.hosts.models import LegalReference


@dataclass(frozen=True, kw_only=True)
class ReferenceLine:
    """One reference, in force or to come."""

    id: UUID
    label: str
    ref: str
    valid_from: date
    last_day: date | None
    may_replace: bool


def may_change(viewer: Viewer, now: datetime) -> bool:
    """Say whether this viewer keeps the references: the lead of a service that writes on posts."""
    relation = facts.Relation(territory_id=viewer.territory_id)
    return viewer.is_service_lead and relation.allows(viewer, Action.MANAGE, DataClass.TIG_POSTS, now)


def lines(viewer: Viewer, now: datetime) -> list[ReferenceLine]:
    """Return the references in force and to come (public law: rows of no protected class)."""
    today, may = localdate(now), may_change(viewer, now)
    rows = [row for row in LegalReference.objects.all() if row.valid_to is None or row.valid_to > today]
    followed = {row.code for row in rows if row.valid_to is None}
    return [
        ReferenceLine(
            id=row.pk, label=row.label, ref=row.ref, valid_from=row.valid_from,
            last_day=row.valid_to - timedelta(days=1) if row.valid_to else None,
            may_replace=may and (row.valid_to is None or row.code not in followed),
        )
        for row in sorted(rows, key=lambda row: (row.label, row.valid_from))
    ]  # fmt: skip


def find(viewer: Viewer, pk: UUID, now: datetime) -> LegalReference:
    """Return a reference that this viewer may replace. Raises AccessRefused."""
    row = LegalReference.objects.filter(pk=pk).first()
    if row is None or not may_change(viewer, now):
        raise AccessRefused(code="legal")
    return row
