"""The one write of the Journal: the standing agreement of two persons to empty it at its term (LOG-09)."""

from __future__ import annotations

from datetime import datetime, timedelta

from casework import audit
from casework.access import approvals
from casework.access.approvals import ApprovalAct, ApprovalReason, ApprovalState
from casework.access.approvals.actions import is_agreed
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, purge
from casework.audit.codes import log_of
from casework.desk.journal import facts
from casework.errors import AccessRefused, GuardRefused

HOLDS = timedelta(days=365)


def _content(viewer: Viewer, now: datetime) -> dict[str, object]:
    """Return what the second person agrees to: this log, this policy."""
    territory_id = facts.require_journal(viewer, Action.VIEW, now)
    if not facts.may_decide_on_terms(viewer, now):
        raise AccessRefused(code="terms")
    return {"log": log_of(territory_id), "policy": purge.POLICY}


def ask(*, by: Viewer, now: datetime) -> None:
    """Ask a second person to agree to the purge at its term. Raises AccessRefused, GuardRefused."""
    content = _content(by, now)
    if by.territory_id is None:
        raise AccessRefused(code="territory")
    approvals.ask(
        by=by, act=ApprovalAct.JOURNAL_PURGE, target_id=by.territory_id, content=content, reason=ApprovalReason.TERM,
        count=max(purge.due(str(content["log"]), now), 1), now=now,
    )  # fmt: skip


def agreed(*, by: Viewer, now: datetime) -> bool:
    """Say whether the second person agreed and the purge can be put in force."""
    if by.territory_id is None or not facts.may_decide_on_terms(by, now):
        return False
    content = _content(by, now)
    return is_agreed(by=by, act=ApprovalAct.JOURNAL_PURGE, target_id=by.territory_id, content=content, now=now)


def asked(*, by: Viewer, now: datetime) -> bool:
    """Say whether a request waits for the answer of the second person."""
    rows = approvals.Approval.objects.filter(
        territory_id=by.territory_id, act=ApprovalAct.JOURNAL_PURGE, state=ApprovalState.ASKED, expires_at__gt=now
    )
    return rows.exists()


def put_in_force(*, by: Viewer, now: datetime) -> None:
    """Put the agreement in force for a year. Raises AccessRefused, GuardRefused (nobody agreed to it)."""
    content = _content(by, now)
    if by.territory_id is None or by.agent_id is None:
        raise AccessRefused(code="territory")
    with audit.writing(by, now=now) as w:
        given = approvals.take(
            w=w, act=ApprovalAct.JOURNAL_PURGE, target_id=by.territory_id, content=content, now=now
        )  # fmt: skip
        if given.decided_by is None:
            raise GuardRefused("Personne n’a encore donné son accord.")
        purge.authorise(
            str(content["log"]), asked_by=given.asked_by, agreed_by=given.decided_by, starts_at=now,
            ends_at=now + HOLDS,
        )  # fmt: skip
        w.note(Act.GRANT, None, object_type="audit.authority", why=purge.POLICY)
