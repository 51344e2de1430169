"""The end of a support's file, six months after its own end; sooner at her request, by the acts of two."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from casework.access.protection.models import ProtectedAddress
from casework.audit import Act, Writing
from casework.casefile import erasers, erasure
from casework.casefile.erasers import Target
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


def _find(territory_id: UUID, reference: str) -> Target | None:
    return _target(VictimSupport.objects.filter(territory_id=territory_id, reference=reference).first())


def _of(territory_id: UUID, subject_id: UUID) -> Target | None:
    return _target(VictimSupport.objects.filter(territory_id=territory_id, subject_id=subject_id).first())


def _target(row: VictimSupport | None) -> Target | None:
    if row is None:
        return None
    return Target(
        subject_id=row.subject_id, territory_id=row.territory_id, reference=row.reference,
        past_its_date=facts.is_gone(row, timezone.now()),
    )  # fmt: skip


def _alone(subject_id: UUID) -> Iterable[UUID]:
    return ()


def _clear(subject_id: UUID, w: Writing, why: str, now: datetime) -> None:
    """Delete the mark on her address: it would say that she was known."""
    for row in ProtectedAddress.objects.filter(person_id=subject_id):
        w.note(Act.DELETE, row, subjects=[subject_id], why=why, classes=[facts.LOCATION])
        row.delete()


erasers.register(erasers.Eraser(name="vif.victims", find=_find, of=_of, with_it=_alone, clear=_clear))
