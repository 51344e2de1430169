"""What the erasure of a person asks of réparations: victims' keys die with the young person's, places are given back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from casework.audit import Writing
from casework.casefile import erasers
from casework.casefile.erasers import Target
from casework.placements.hosts.actions import places
from casework.placements.reparation import facts
from casework.placements.reparation.models import Reparation, Victim


def _find(territory_id: UUID, reference: str) -> Target | None:
    return _target(Reparation.objects.filter(territory_id=territory_id, reference=reference).first())


def _of(territory_id: UUID, subject_id: UUID) -> Target | None:
    return _target(Reparation.objects.filter(territory_id=territory_id, subject_id=subject_id).first())


def _target(row: Reparation | None) -> Target | None:
    if row is None:
        return None
    return Target(
        subject_id=row.subject_id, territory_id=row.territory_id, reference=row.reference,
        past_its_date=facts.is_gone(row, timezone.now()),
    )  # fmt: skip


def _victims(subject_id: UUID) -> Iterable[UUID]:
    return list(Victim.objects.filter(reparation__subject_id=subject_id).values_list("subject_id", flat=True))


def _clear(subject_id: UUID, w: Writing, why: str, now: datetime) -> None:
    """Give back every half-day held: no list of somebody's half-days outlives the record."""
    for row in Reparation.objects.filter(subject_id=subject_id):
        for holder in (row.pk, *row.requests.values_list("pk", flat=True)):
            places.release(w, holder=holder, now=now)


erasers.register(erasers.Eraser(name="placements.reparation", find=_find, of=_of, with_it=_victims, clear=_clear))
