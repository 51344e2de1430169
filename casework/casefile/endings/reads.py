"""What « Fin de fiche » shows: references, reasons, dates. No name, nothing of a record is opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from casework.access import subjects
from casework.access.approvals import ApprovalAct
from casework.access.approvals import reads as approvals
from casework.access.exclusions.reads import require_manager, shut
from casework.access.viewer import Viewer
from casework.casefile import erasure
from casework.casefile.endings import facts, holds
from casework.casefile.models import Erasure, ErasureStep, LegalHold
from casework.errors import AccessRefused
from casework.partners import genuine

MOST = 100


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A hold that runs: why, since when."""

    subject_id: UUID
    reference: str
    reason: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Ending:
    """One record, and what may be done about its end."""

    subject_id: UUID
    reference: str
    past_its_date: bool
    hold: Hold | None
    erase: approvals.Line | None  # my request, waiting or agreed to
    lift: approvals.Line | None


@dataclass(frozen=True, kw_only=True)
class Erased:
    """One erasure: its number, its reason, its certificate once it ended."""

    id: UUID
    number: str
    reason: str
    began_at: datetime
    ended_at: datetime | None
    certified: bool


def one(viewer: Viewer, subject_id: UUID, now: datetime) -> Ending:
    """Return one record. Raises AccessRefused."""
    target = facts.by_subject(viewer, subject_id, now)
    row = holds.running([subject_id]).get(subject_id)
    return Ending(
        subject_id=subject_id, reference=target.reference, past_its_date=target.past_its_date,
        hold=_hold(row, target.reference) if row else None,
        erase=approvals.mine_about(viewer, ApprovalAct.SUBJECT_ERASE, subject_id, now),
        lift=approvals.mine_about(viewer, ApprovalAct.LEGAL_HOLD, row.pk, now) if row else None,
    )  # fmt: skip


def kept(viewer: Viewer, now: datetime) -> list[Hold]:
    """Return the holds that run in the territory, oldest first; never those of a person shut to the viewer."""
    require_manager(viewer, None, now)
    rows = LegalHold.objects.filter(territory_id=viewer.territory_id, ended_at=None)
    found = genuine.kept(rows.exclude(subject_id__in=shut(viewer, now)).order_by("set_at", "id")[:MOST])
    known = subjects.by_subjects(viewer, {row.subject_id for row in found})
    # A record past its date is no longer known to anybody by its reference.
    return [_hold(row, known[row.subject_id].reference if row.subject_id in known else "") for row in found]


def erased(viewer: Viewer, now: datetime) -> list[Erased]:
    """Return the erasures of the territory, latest first."""
    require_manager(viewer, None, now)
    rows = Erasure.objects.filter(territory_id=viewer.territory_id).order_by("-began_at", "id")[:MOST]
    return [
        Erased(
            id=row.pk, number=row.number, reason=erasure.reason_label(row.reason), began_at=row.began_at,
            ended_at=row.ended_at, certified=row.step == ErasureStep.DONE,
        )
        for row in rows
    ]  # fmt: skip


def certificate(viewer: Viewer, erasure_id: UUID, now: datetime) -> bytes:
    """Return the certificate of one erasure of the territory as a PDF. Raises AccessRefused, GuardRefused."""
    require_manager(viewer, None, now)
    row = Erasure.objects.filter(pk=erasure_id, territory_id=viewer.territory_id).first()
    if row is None:
        raise AccessRefused(code="erasure")
    return erasure.certificate(row)


def _hold(row: LegalHold, reference: str) -> Hold:
    return Hold(subject_id=row.subject_id, reference=reference, reason=row.get_reason_display(), since=row.set_at)
