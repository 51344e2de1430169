"""The end of a placement, a year after its own end; and what the erasure of a person asks of it.

The places held are given back, the rows follow by their key.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from casework.audit import Writing
from casework.casefile import erasers, erasure
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


def _clear(subject_id: UUID, w: Writing, why: str, now: datetime) -> int:
    """Give back every half-day held, and cut the count from the file; return how many half-days."""
    released = 0
    for row in TigPlacement.objects.filter(subject_id=subject_id):
        released += places.release(w, holder=row.pk)
        unplaced.forget(row.pk)
    return released


erasers.register_files(name="placements.tig", model=TigPlacement, is_gone=facts.is_gone, clear=_clear)
