"""The end of a measure, six months after its own end; and what the erasure of a person asks of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from casework.audit import Writing
from casework.casefile import erasers, erasure
from casework.casefile.erasers import Target
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


def _find(territory_id: UUID, reference: str) -> Target | None:
    return _target(Measure.objects.filter(territory_id=territory_id, reference=reference).first())


def _of(territory_id: UUID, subject_id: UUID) -> Target | None:
    return _target(Measure.objects.filter(territory_id=territory_id, subject_id=subject_id).first())


def _target(row: Measure | None) -> Target | None:
    if row is None:
        return None
    return Target(
        subject_id=row.subject_id, territory_id=row.territory_id, reference=row.reference,
        past_its_date=facts.is_gone(row, timezone.now()),
    )  # fmt: skip


def _alone(subject_id: UUID) -> Iterable[UUID]:
    """Nobody else's key dies with this one: no row of this side names another person (VIC-01)."""
    return ()


def _clear(subject_id: UUID, w: Writing, why: str, now: datetime) -> None:
    """Leave nothing to do first: every row carries the person's key, the numbers of the year name nobody."""


erasers.register(erasers.Eraser(name="vif.offenders", find=_find, of=_of, with_it=_alone, clear=_clear))
