"""What the policy must know about a service, a function or an account; and who may open which page."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from casework.access.matrix import DataClass
from casework.access.policy import Action, Facts, ceiling, decide, require
from casework.access.viewer import Viewer
from casework.errors import AccessRefused
from casework.partners import reads
from casework.partners.models import Agent, Mandate, Organisation


def facts(viewer: Viewer, data_class: DataClass, *, territory_id: UUID | None, organisation_id: UUID | None) -> Facts:
    """Return the facts of one entry of the directory: nobody is excluded from it, it is never closed."""
    return Facts(
        territory_id=territory_id,
        data_class=data_class,
        own_service=organisation_id is not None and organisation_id == viewer.organisation_id,
        excluded=False,
        rules_in_force=True,
        state_open=True,
    )


def may_open_directory(viewer: Viewer, action: Action, now: datetime) -> bool:
    """Say whether the viewer reads (or manages) services, functions, rules and charter: row 31, accounts apart."""
    return not accounts_only(viewer) and _may(viewer, action, now)


def accounts_only(viewer: Viewer) -> bool:
    """Say whether row 31 stops at the accounts for this role: whoever holds the keys sees no service (row 33)."""
    return ceiling(viewer.role, Action.MANAGE, DataClass.KEYS)


def may_change_accounts(viewer: Viewer, now: datetime) -> bool:
    """Say whether the viewer opens, renews and stops accounts, and not only reads their list."""
    return _may(viewer, Action.MANAGE, now)


def _may(viewer: Viewer, action: Action, now: datetime) -> bool:
    asked = facts(viewer, DataClass.ACCOUNTS, territory_id=viewer.territory_id, organisation_id=None)
    return decide(viewer, action, asked, now).allow


def require_directory(viewer: Viewer, action: Action, now: datetime) -> UUID:
    """Return the viewer's territory. Raises AccessRefused for whoever the directory is not open to."""
    if viewer.territory_id is None or not may_open_directory(viewer, action, now):
        raise AccessRefused(code="role")
    return viewer.territory_id


def may_manage_service(viewer: Viewer, organisation: Organisation, now: datetime) -> bool:
    """Say whether the viewer appoints in this service: the coordinator (row 31) or its lead (row 31a)."""
    if organisation.territory_id != viewer.territory_id:
        return False
    asked = facts(
        viewer, DataClass.OWN_SERVICE, territory_id=organisation.territory_id, organisation_id=organisation.pk
    )
    return may_open_directory(viewer, Action.MANAGE, now) or decide(viewer, Action.MANAGE, asked, now).allow


def service(viewer: Viewer, pk: UUID, now: datetime, action: Action = Action.VIEW) -> Organisation:
    """Return a service that the viewer may see, or manage. Raises AccessRefused, absent ones included."""
    found = reads.organisation(viewer.territory_id, pk) if viewer.territory_id else None
    if found is None:
        raise AccessRefused(code="absent")
    if action is Action.VIEW and may_open_directory(viewer, Action.VIEW, now):
        return found
    if not may_manage_service(viewer, found, now):
        raise AccessRefused(code="role")
    return found


def own_service(viewer: Viewer, now: datetime, action: Action) -> Organisation:
    """Return the service that the viewer leads. Raises AccessRefused."""
    if viewer.territory_id is None or viewer.organisation_id is None:
        raise AccessRefused(code="lead")
    asked = facts(
        viewer, DataClass.OWN_SERVICE, territory_id=viewer.territory_id, organisation_id=viewer.organisation_id
    )
    require(viewer, action, asked, now)
    found = reads.organisation(viewer.territory_id, viewer.organisation_id)
    if found is None or not viewer.is_service_lead:
        raise AccessRefused(code="lead")
    return found


def function(viewer: Viewer, pk: UUID, now: datetime, action: Action = Action.VIEW) -> Mandate:
    """Return a function (mandate) that the viewer may see or manage. Raises AccessRefused.

    A lead sees those of its own service and role.
    """
    found = reads.mandate(viewer.territory_id, pk) if viewer.territory_id else None
    if found is None:
        raise AccessRefused(code="absent")
    service(viewer, found.organisation_id, now, action)
    if not may_open_directory(viewer, Action.VIEW, now) and found.role != viewer.role:
        raise AccessRefused(code="role")
    return found


def account(viewer: Viewer, pk: UUID, now: datetime) -> Agent:
    """Return an account of the territory for whoever manages accounts; the action says for which ones."""
    found = reads.agent_of(viewer.territory_id, pk) if viewer.territory_id else None
    if found is None:
        raise AccessRefused(code="absent")
    return found
