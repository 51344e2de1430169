"""The end of the data: with the school year, at the family's refusal, when a place frees itself (EXC-21, DL-20, 10.6)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from casework.audit import Writing
from casework.casefile import erasers, erasure
from casework.exclusions import facts
from casework.exclusions.actions import lines
from casework.exclusions.models import ExclusionSupport

TERM = "exclusion_term"  # the reason on the certificate of the erasure


def erase_over(now: datetime) -> int:
    """Begin to erase the supports that nobody opens any more, legal holds apart; daily, return how many ended."""
    over = ExclusionSupport.objects.filter(facts.gone(now)).order_by("school_year", "pk")
    erasure.begin_due(over.values_list("subject_id", "territory_id"), reason=TERM, now=now)
    return erasure.nightly(now)


def _clear(subject_id: UUID, w: Writing, why: str, now: datetime) -> int:
    """Leave the anonymous line of each support; its half-days and their places go with its rows."""
    for row in ExclusionSupport.objects.filter(subject_id=subject_id):
        lines.leave(w, row)
    return 0


erasers.register_files(name="exclusions", model=ExclusionSupport, is_gone=facts.is_gone, clear=_clear)
