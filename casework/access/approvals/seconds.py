"""Who may be the second person of a request: never the asker, under any function or account (T-43)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from casework.access import memo, subjects
from casework.access.approvals.codes import TABLE
from casework.access.approvals.models import Approval
from casework.access.viewer import Viewer
from casework.partners import genuine
from casework.partners.codes import Role
from casework.partners.models import Agent, Mandate


def of(approval: Approval, now: datetime) -> list[Mandate]:
    """Return the functions asked at `now`, deputies of the valideur only once their day has come."""
    principal, others = _delegates(approval.territory_id, now)
    row = TABLE[approval.act]
    named = _running(approval.territory_id, _roles(approval), now)
    if row.by_delegation and subjects.told(Role.VALIDEUR, approval.reference):
        named += principal + (others if now >= approval.deputy_from else [])
    return [mandate for mandate in named if _is_another(approval, mandate)]


def deputies(approval: Approval, now: datetime) -> list[Mandate]:
    """Return the deputies of the valideur who may answer."""
    if not TABLE[approval.act].by_delegation or not subjects.told(Role.VALIDEUR, approval.reference):
        return []
    return [mandate for mandate in _delegates(approval.territory_id, now)[1] if _is_another(approval, mandate)]


def may(viewer: Viewer, approval: Approval, now: datetime) -> bool:
    """Say whether `viewer` is one of those asked; an ended function, or the asker under another one, is not."""
    if not viewer.charter_signed or not viewer.live(now):
        return False
    row = TABLE[approval.act]
    named = viewer.role in _roles(approval)
    delegated = row.by_delegation and subjects.told(viewer.role, approval.reference)
    if not named and delegated and viewer.role == Role.VALIDEUR:
        named = now >= approval.deputy_from or _is_principal(viewer, now)
    return named and _differ(approval, viewer.agent_id, viewer.organisation_id)


def _roles(approval: Approval) -> frozenset[str]:
    """Return the roles that may agree; about a walled file, those it is spoken of to, the prosecutor among them."""
    seconds = TABLE[approval.act].seconds
    kept = frozenset(role for role in seconds if subjects.told(role, approval.reference))
    return kept if kept == seconds else kept | {Role.PROSECUTOR}


def reads_words(viewer: Viewer, approval: Approval) -> bool:
    """Say whether this role reads why, and not only act and reference."""
    return viewer.role in _roles(approval)


def still_counts(approval: Approval, now: datetime) -> bool:
    """Say whether the one who agreed still holds the function under which it was done (T-43)."""
    if approval.decided_as is None or approval.decided_by is None:
        return False
    rows = Mandate.objects.live(now).filter(pk=approval.decided_as, agent_id=approval.decided_by, agent__is_active=True)
    return any(_is_another(approval, mandate) for mandate in genuine.kept(rows))


def _running(territory_id: UUID, roles: frozenset[str], now: datetime) -> list[Mandate]:
    rows = Mandate.objects.live(now).filter(
        territory_id=territory_id, role__in=roles, agent__is_active=True, charter_signed_at__lte=now
    )
    return genuine.kept(rows.select_related("agent").order_by("starts_at", "id"))


def _delegates(territory_id: UUID, now: datetime) -> tuple[list[Mandate], list[Mandate]]:
    """Return the valideur and its deputies: the one named first, then the others."""
    rows = _running(territory_id, frozenset({Role.VALIDEUR}), now)
    return rows[:1], rows[1:]


def _is_principal(viewer: Viewer, now: datetime) -> bool:
    def ask() -> bool:
        return viewer.mandate_id in {row.pk for row in _delegates(viewer.territory_id, now)[0]}

    return memo.once(("valideur", viewer.mandate_id, now), ask)


def _is_another(approval: Approval, mandate: Mandate) -> bool:
    return _differ(approval, mandate.agent_id, mandate.organisation_id)


def _differ(approval: Approval, agent_id: UUID, organisation_id: UUID) -> bool:
    """Say whether this is somebody else than the asker: neither the same agent nor another account of the same name."""
    if TABLE[approval.act].other_organisation and organisation_id == approval.asked_from:
        return False
    asker, other = _who(approval.asked_by), _who(agent_id)
    return None not in (asker, other) and asker != other


def _who(agent_id: UUID) -> tuple[str, ...] | None:
    """Return what two accounts of one person share: the name."""

    def ask() -> tuple[str, ...] | None:
        agent = Agent.objects.filter(pk=agent_id).first()
        return None if agent is None else tuple(f"{agent.first_name} {agent.last_name}".casefold().split())

    return memo.once(("agent_name", agent_id), ask)
