"""Who may appoint whom (domain.md §11, rows 31 and 31a). The views ask `access`; the actions ask again here.

The acting mandate is read again inside the transaction: an actor is only what the request believed.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from casework.audit import Actor
from casework.errors import AccessRefused, GuardRefused
from casework.partners.codes import LEADLESS_ROLES, SERVER_ROLES, TWO_PERSON_ROLES, Role
from casework.partners.macs import mandate_is_genuine
from casework.partners.models import Agent, Mandate

SYSTEM = "system"


def is_system(by: Actor) -> bool:
    """Say whether a command acts (first installation, fictitious town), not a person."""
    return by.role == SYSTEM and by.agent_id is None and by.mandate_id is None


def acting(by: Actor, now: datetime) -> Mandate | None:
    """Return the running, genuine mandate, charter signed, under which `by` acts; None for a command.

    Raises AccessRefused for anybody else (CLV-24, CLV-25, T-36).
    """
    if is_system(by):
        return None
    if by.mandate_id is None or by.agent_id is None:
        raise AccessRefused(code="mandate")
    mandate = Mandate.objects.filter(pk=by.mandate_id, agent_id=by.agent_id).select_related("agent").first()
    if mandate is None or not mandate_is_genuine(mandate) or not mandate.runs(now):
        raise AccessRefused(code="mandate")
    if mandate.charter_signed_at is None or not mandate.agent.is_active:
        raise AccessRefused(code="charter")
    return mandate


def require_coordinator(by: Actor, territory_id: UUID, now: datetime) -> None:
    """Raise AccessRefused unless `by` coordinates this territory (row 31)."""
    mandate = acting(by, now)
    if mandate is not None and not _coordinates(mandate, territory_id):
        raise AccessRefused(code="role")


def require_lead(by: Actor, organisation_id: UUID, role: str, now: datetime) -> None:
    """Raise AccessRefused unless `by` leads this service in this role (row 31a). `role` "": any role."""
    mandate = acting(by, now)
    if mandate is not None and not _leads(mandate, organisation_id, role):
        raise AccessRefused(code="lead")


def require_appointer(
    by: Actor, *, organisation_id: UUID, territory_id: UUID, role: str, is_service_lead: bool, now: datetime
) -> bool:
    """Raise unless `by` may appoint, renew or end such a mandate (rows 31, 31a).

    The coordinator appoints service leads, and people of roles that have no lead; a lead appoints inside
    its own service and role. Return whether a second person, the DPO or the prosecutor, must have agreed as well.
    """
    mandate = acting(by, now)
    if mandate is None:
        return False
    if _coordinates(mandate, territory_id):
        if role in SERVER_ROLES:
            raise GuardRefused(
                "Le délégué à la protection des données et l’administration technique sont désignés sur le "
                "serveur, jamais par les services qu’ils contrôlent."
            )
        if is_service_lead or role in LEADLESS_ROLES:
            return role in TWO_PERSON_ROLES
    if not is_service_lead and _leads(mandate, organisation_id, role):
        return False
    raise AccessRefused(code="appoint")


def require_account_manager(by: Actor, agent: Agent, now: datetime) -> None:
    """Raise AccessRefused unless `by` may send links to, close or reopen this account.

    The technical administrator for accounts of the territory; the coordinator too, save those of the
    DPO and the administrator; a lead for agents who work for its own service and role only. Nobody for their
    own account.
    """
    mandate = acting(by, now)
    if mandate is not None and not _manages(mandate, agent, now):
        raise AccessRefused(code="account")


def may_manage_account(by: Actor, agent: Agent, now: datetime) -> bool:
    """Say the same as a plain answer."""
    mandate = acting(by, now)
    return mandate is None or _manages(mandate, agent, now)


def require_inviter(by: Actor, now: datetime) -> None:
    """Raise AccessRefused unless `by` may create accounts: coordinator, lead, technical administrator."""
    mandate = acting(by, now)
    if mandate is not None and not (mandate.is_service_lead or mandate.role in (Role.COORDINATOR, Role.SYSADMIN)):
        raise AccessRefused(code="account")


def _manages(mandate: Mandate, agent: Agent, now: datetime) -> bool:
    if agent.pk == mandate.agent_id:
        return False
    rows = Mandate.objects.filter(agent=agent)
    held = set(rows.values_list("territory_id", "organisation_id", "role"))
    here = mandate.territory_id in {territory for territory, _, _ in held}
    if mandate.role == Role.SYSADMIN:
        return here
    if any(role in SERVER_ROLES for _, _, role in held):
        return False
    if mandate.role == Role.COORDINATOR:
        return here
    # A lead: a link to the account must not open another service's files.
    coming = set(rows.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now)).values_list("organisation_id", "role"))
    return bool(coming) and all(_leads(mandate, organisation, role) for organisation, role in coming)


def _coordinates(mandate: Mandate, territory_id: UUID) -> bool:
    return mandate.role == Role.COORDINATOR and mandate.territory_id == territory_id


def _leads(mandate: Mandate, organisation_id: UUID, role: str) -> bool:
    return mandate.is_service_lead and mandate.organisation_id == organisation_id and (not role or mandate.role == role)
