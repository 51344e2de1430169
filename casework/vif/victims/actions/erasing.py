"""The end of a support's file, six months after its own end; sooner at her request, by the acts of two."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from casework.access.protection.models import ProtectedAddress
from casework.audit import Act, Writing
from casework.casefile import erasers, erasure
from casework.vif.victims import facts
from casework.vif.victims.models import VictimSupport

TERM = "victims_term"  # the reason on the certificate of the erasure


def erase_closed(now: datetime) -> int:
    """Begin to erase the files whose six months after their end are over, legal holds apart (RET-07).

    Daily, resumable; return how many erasures ended.
    """
    over = VictimSupport.objects.filter(facts.gone(now)).order_by("closed_on", "pk")
    erasure.begin_due(over.values_list("subject_id", "territory_id"), reason=TERM, now=now)
    return erasure.nightly(now)


def _clear(subject_id: UUID, w: Writing, why: str, now: datetime) -> None:
    """Delete the mark on her address: it would say that she was known."""
    for row in ProtectedAddress.objects.filter(person_id=subject_id):
        w.note(Act.DELETE, row, subjects=[subject_id], why=why, classes=[facts.LOCATION])
        row.delete()


erasers.register_files(name="vif.victims", model=VictimSupport, is_gone=facts.is_gone, clear=_clear)
