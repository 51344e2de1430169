"""A legal hold: set by one person with a coded reason, lifted by two. While it runs nothing of the record is destroyed.

It gives no right to read: at its date the record becomes unreadable all the same (RET-03), it only stays.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access import memo
from casework.access.approvals import ApprovalAct
from casework.access.approvals import actions as approvals
from casework.access.approvals.models import Approval
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import erasers
from casework.casefile import format as fr
from casework.casefile.endings import facts
from casework.casefile.endings.codes import HoldReason
from casework.casefile.models import LegalHold, Tombstone
from casework.errors import GuardRefused, InputRefused
from casework.partners import genuine
from casework.partners.models import Territory


def running(subjects: Iterable[UUID]) -> dict[UUID, LegalHold]:
    """Return the hold that runs on each of these persons, in one query.

    An end written by SQL ends nothing, a hold written by SQL holds: both are reported, nobody gains by either.
    """
    rows = list(LegalHold.objects.filter(subject_id__in=list(subjects)).order_by("set_at", "id"))
    good = {row.pk for row in genuine.kept(rows)}
    return {row.subject_id: row for row in rows if row.ended_at is None or row.pk not in good}


def held(subjects: Iterable[UUID]) -> str:
    """Return what to say to whoever would destroy one of these records, "" where nothing holds it."""
    found = next(iter(running(subjects).values()), None)
    if found is None:
        return ""
    return (
        f"Conservation imposée depuis le {fr.numeric_day(localdate(found.set_at))} "
        f"({found.get_reason_display()}) : rien ne s’efface avant qu’elle soit levée, à deux."
    )


def said_of(subject_id: UUID, now: datetime) -> str:
    """Return the same of one person, asked once a page: for those who read the record."""
    return memo.once(("held", subject_id, now), lambda: held([subject_id]))


def refuse_if_held(subjects: Iterable[UUID]) -> None:
    """Raise GuardRefused where a hold runs on one of these persons."""
    if said := held(subjects):
        raise GuardRefused(said, code="held")


def impose(*, by: Viewer, subject_id: UUID, reason: str, now: datetime) -> LegalHold:
    """Keep a record from any destruction, from now on. Raises AccessRefused, InputRefused, GuardRefused (too late)."""
    target = facts.by_subject(by, subject_id, now)
    if reason not in HoldReason.values:
        raise InputRefused("Choisissez le motif.", field="reason")
    with audit.writing(by, now=now) as w:
        # The same lock as an erasure that begins: one of the two comes first, and the other sees it.
        Territory.objects.select_for_update().get(pk=target.territory_id)
        if Tombstone.objects.filter(subject__in=erasers.everybody(subject_id)).exists():
            raise GuardRefused("L’effacement de cette fiche est commencé : elle ne peut plus être conservée.")
        if (row := running([subject_id]).get(subject_id)) is not None:
            return row
        row = LegalHold(
            id=uuid.uuid4(), subject_id=subject_id, territory_id=target.territory_id, reason=reason, set_at=now,
            set_by=by.agent_id, set_as=by.mandate_id,
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, why=f"hold_{reason}")
    return row


def ask_to_lift(*, by: Viewer, subject_id: UUID, reason: str, words: str = "", now: datetime) -> Approval:
    """Ask a second person to agree to the end of a hold. Raises AccessRefused, InputRefused, GuardRefused."""
    target = facts.by_subject(by, subject_id, now)
    row = _running(subject_id)
    return approvals.ask(
        by=by, act=ApprovalAct.LEGAL_HOLD, target_id=row.pk, content=_content(row), reason=reason, words=words,
        reference=target.reference, now=now,
    )  # fmt: skip


def lift(*, by: Viewer, subject_id: UUID, now: datetime) -> None:
    """End a hold, once a second person agreed to that (T-43). Raises AccessRefused, GuardRefused."""
    facts.by_subject(by, subject_id, now)
    with audit.writing(by, now=now) as w:
        Territory.objects.select_for_update().get(pk=by.territory_id)
        # Also one that SQL wrote or ended: two persons decide, and the row is sealed anew.
        row = _running(subject_id)
        taken = approvals.take(w=w, act=ApprovalAct.LEGAL_HOLD, target_id=row.pk, content=_content(row), now=now)
        row.ended_at, row.approval_id = now, taken.pk
        row.save()
        w.note(Act.CHANGE, row, why="hold_lifted")


_ABSENT = "Aucune conservation imposée ne court sur cette fiche."


def _running(subject_id: UUID) -> LegalHold:
    row = running([subject_id]).get(subject_id)
    if row is None:
        raise GuardRefused(_ABSENT)
    return row


def _content(row: LegalHold) -> dict[str, object]:
    return {"hold": row.pk, "subject": row.subject_id, "reason": row.reason, "since": row.set_at}
