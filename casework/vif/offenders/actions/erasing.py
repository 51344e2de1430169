"""The end of a measure, six months after its own end; and what the erasure of a person asks of it."""

from __future__ import annotations

from datetime import datetime

from casework.casefile import erasers, erasure
from casework.vif.offenders import facts
from casework.vif.offenders.models import Measure

TERM = "measure_term"  # the reason on the certificate of the erasure


def erase_closed(now: datetime) -> int:
    """Begin to erase the measures whose six months after their end are over, legal holds apart (domain.md §12, 9).

    Daily, resumable; return how many erasures ended.
    """
    over = Measure.objects.filter(facts.gone(now)).order_by("closed_on", "pk")
    erasure.begin_due(over.values_list("subject_id", "territory_id"), reason=TERM, now=now)
    return erasure.nightly(now)


# Every row carries the person’s key and names nobody else (VIC-01); the numbers of the year are of nobody.
erasers.register_files(name="vif.offenders", model=Measure, is_gone=facts.is_gone)
