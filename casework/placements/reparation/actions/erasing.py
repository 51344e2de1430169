"""The end of a réparation, six months after its own end; and what the erasure of a person asks of it.

Victims' keys die with the young person's, places are given back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from casework.audit import Writing
from casework.casefile import erasers, erasure
from casework.placements.hosts.actions import places, unplaced
from casework.placements.reparation import facts
from casework.placements.reparation.models import Reparation, Victim

TERM = "reparation_term"  # the reason on the certificate of the erasure


def erase_closed(now: datetime) -> int:
    """Begin to erase the réparations whose six months after their end are over, legal holds apart (RET-07).

    Daily, resumable; return how many erasures ended.
    """
    over = Reparation.objects.filter(facts.gone(now)).order_by("closed_on", "pk")
    erasure.begin_due(over.values_list("subject_id", "territory_id"), reason=TERM, now=now)
    return erasure.nightly(now)


def _victims(subject_id: UUID) -> Iterable[UUID]:
    return list(Victim.objects.filter(reparation__subject_id=subject_id).values_list("subject_id", flat=True))


def _clear(subject_id: UUID, w: Writing, why: str, now: datetime) -> int:
    """Give back every half-day held, and cut the count from the file: no list of somebody's half-days outlives it.

    Return how many half-days.
    """
    released = 0
    for row in Reparation.objects.filter(subject_id=subject_id):
        for holder in (row.pk, *row.requests.values_list("pk", flat=True)):
            released += places.release(w, holder=holder)
        unplaced.forget(row.pk)
    return released


erasers.register_files(
    name="placements.reparation", model=Reparation, is_gone=facts.is_gone, with_it=_victims, clear=_clear
)
