"""The end of a placement, a year after its own end; and what the erasure of a person asks of it.

The places held are given back, the rows follow by their key.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from casework.audit import Writing
from casework.casefile import erasers, erasure
from casework.casefile.erasers import Target
from casework.placements.hosts.actions import places, unplaced
from casework.placements.tig import facts
from casework.placements.tig.models import TigPlacement

TERM = "tig_term"  # the reason on the certificate of the erasure


def erase_ended(now: datetime) -> int:
    """Begin to erase the placements whose year after their end is over, legal holds apart; return how many (RET-07).

    It counts from the day a placement ended, whenever it was asked for. Daily, resumable: what is begun is carried on.
    """
    over = TigPlacement.objects.filter(facts.gone(now)).order_by("ended_on", "pk")
    erasure.begin_due(over.values_list("subject_id", "territory_id"), reason=TERM, now=now)
    return erasure.nightly(now)


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


def _clear(subject_id: UUID, w: Writing, why: str, now: datetime) -> int:
    """Give back every half-day held, and cut the count from the file; return how many half-days."""
    released = 0
    for row in TigPlacement.objects.filter(subject_id=subject_id):
        released += places.release(w, holder=row.pk, now=now)
        unplaced.forget(row.pk)
    return released


erasers.register(erasers.Eraser(name="placements.tig", find=_find, of=_of, with_it=_nobody, clear=_clear))
