"""Appointments that need a second person: the leads of couple-violence services, a change of side (31a, VIC-07)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from casework.access import approvals
from casework.access.approvals.codes import ApprovalAct, ApprovalReason
from casework.access.approvals.models import Approval
from casework.access.viewer import Viewer
from casework.audit import Writing
from casework.errors import AccessRefused
from casework.partners.actions.mandates import SIDE_CHANGE, VIF_LEAD, exact
from casework.partners.codes import Role
from casework.partners.models import Organisation
from casework.partners.rights import require_appointer

ACTS = {VIF_LEAD: ApprovalAct.VIF_LEAD, SIDE_CHANGE: ApprovalAct.SIDE_CHANGE}


def take(w: Writing, act: str, target_id: UUID, content: Mapping[str, object], now: datetime) -> None:
    """Use up an agreement for an act of partners. Raises GuardRefused."""
    approvals.take(w=w, act=ACTS[act], target_id=target_id, content=content, now=now)


def ask(
    *,
    by: Viewer,
    act: str,
    organisation: Organisation,
    name: str,
    email: str,
    role: str,
    is_service_lead: bool,
    ends_at: datetime | None,
    now: datetime,
) -> Approval:
    """Ask the second person to agree to this very appointment; the words say whom it is about.

    Raises AccessRefused (who may not appoint there, unknown act), GuardRefused (nobody could agree).
    """
    if act not in ACTS:
        raise AccessRefused(code="act")
    require_appointer(
        by, organisation_id=organisation.pk, territory_id=organisation.territory_id, role=role,
        is_service_lead=is_service_lead, now=now,
    )  # fmt: skip
    until = f", jusqu’au {ends_at - timedelta(microseconds=1):%d/%m/%Y}" if ends_at else ""
    as_lead = "responsable, " if is_service_lead else ""
    return approvals.ask(
        by=by, act=ACTS[act], target_id=organisation.pk, reason=ApprovalReason.SERVICE_NEED, now=now,
        content=exact(
            email=email, organisation_id=organisation.pk, role=role, is_service_lead=is_service_lead, ends_at=ends_at
        ),
        words=f"{name} ({email.strip().lower()}), {organisation.name} : {as_lead}{Role(role).label}{until}.",
    )  # fmt: skip
