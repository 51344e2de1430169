"""What the erasure of a person asks of placements: the places held are given back, the rows follow by their key."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from casework.audit import Writing
from casework.casefile import erasers
from casework.casefile.erasers import Target
from casework.placements.hosts.actions import places
from casework.placements.tig import facts
from casework.placements.tig.models import TigPlacement


def _find(territory_id: UUID, reference: str) -> Target | None:
    return _target(TigPlacement.objects.filter(territory_id=territory_id, reference=reference).first())


def _of(territory_id: UUID, subject_id: UUID) -> Target | None:
    return _target(TigPlacement.objects.filter(territory_id=territory_id, subject_id=subject_id).first())


def _target(row: TigPlacement | None) -> Target | None:
    if row is None:
        return None
    return Target(
        subject_id=row.subject_id, territory_id=row.territory_id, reference=row.reference,
        past_its_date=facts.is_gone(row, timezone.now()),
    )  # fmt: skip


def _nobody(subject_id: UUID) -> Iterable[UUID]:
    return ()


def _clear(subject_id: UUID, w: Writing, why: str, now: datetime) -> None:
    for row in TigPlacement.objects.filter(subject_id=subject_id):
        places.release(w, holder=row.pk, now=now)


erasers.register(erasers.Eraser(name="placements.tig", find=_find, of=_of, with_it=_nobody, clear=_clear))
