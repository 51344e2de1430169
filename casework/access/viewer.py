"""Who is looking: one agent under one live mandate, as plain data that `policy.decide` can enumerate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from casework.access.clock import is_aware, running, runs
from casework.audit import Actor
from casework.errors import AccessRefused
from casework.partners import genuine
from casework.partners.codes import Role
from casework.partners.macs import mandate_is_genuine
from casework.partners.models import GroupMembership, Mandate, WatchGroup
from casework.partners.prepared import Prepared


@dataclass(frozen=True, kw_only=True)
class Viewer(Actor):
    """An audit actor plus what decides access. Holds initials, never a name."""

    agent_id: UUID  # a viewer is always somebody, of a service, under a mandate, somewhere
    organisation_id: UUID
    mandate_id: UUID
    territory_id: UUID
    territory_kind: str
    group_id: UUID | None  # the group worked in; None: no seat now
    group_ids: frozenset[UUID] = frozenset()  # every group where the service sits now (CLV-24)
    organisation_kind: str
    starts_at: datetime
    ends_at: datetime | None
    charter_signed: bool
    is_service_lead: bool
    agent_name: str = ""  # initials, for the header
    has_requests: bool = False  # asked for the agreement of a second person once, or answered
    may_be_shut_out: bool = True  # False: no row shuts out this agent or service, nothing to ask

    def live(self, now: datetime) -> bool:
        """Say whether the mandate runs at `now` (half-open: at its end it no longer does)."""
        return is_aware(now) and runs(self.starts_at, self.ends_at, now)

    def sits_in(self, group_id: UUID | None) -> bool:
        """Say whether the service sits in this group; without a group named, in any (CLV-24, ACL-02)."""
        return bool(self.group_ids) if group_id is None else group_id in self.group_ids


def groups_of(mandate: Mandate, now: datetime) -> tuple[UUID, ...]:
    """Return the groups where `mandate` counts at `now`, oldest seat first; one query.

    The coordinator runs every group of the territory; others sit through their organisation.
    """
    if mandate.role == Role.COORDINATOR:
        groups = WatchGroup.objects.filter(territory_id=mandate.territory_id).order_by("name", "id")
        return tuple(groups.values_list("id", flat=True))
    seats = _seats.rows(organisation=mandate.organisation_id, territory=mandate.territory_id, now=now)
    return tuple(dict.fromkeys(seat.group_id for seat in genuine.kept(seats)))


_seats: Prepared[GroupMembership] = Prepared(
    lambda organisation, territory, now: GroupMembership.objects.filter(
        running(now), organisation_id=organisation, group__territory_id=territory
    ).order_by("starts_at", "id"),
    organisation=UUID, territory=UUID, now=datetime,
)  # fmt: skip


def viewer_for(mandate: Mandate, *, session_ref: str, request_id: str, net_prefix: str, now: datetime) -> Viewer:
    """Return the viewer who acts under `mandate` (its agent, organisation and territory loaded, else more queries).

    Raises AccessRefused when the row does not carry its seal (T-36) or the agent or the
    organisation is no longer active.
    Whether the mandate runs and the charter is signed is said by the viewer and judged by `decide`.
    """
    if not mandate_is_genuine(mandate):
        raise AccessRefused(code="mandate_seal")
    if genuine.checked(mandate.agent) is None:
        raise AccessRefused(code="agent_seal")
    if not (mandate.agent.is_active and mandate.organisation.is_active):
        raise AccessRefused(code="inactive")
    groups = groups_of(mandate, now)
    return Viewer(
        agent_id=mandate.agent_id,
        organisation_id=mandate.organisation_id,
        mandate_id=mandate.pk,
        territory_id=mandate.territory_id,
        territory_kind=str(mandate.territory.kind),
        role=str(mandate.role),
        session_ref=session_ref,
        request_id=request_id,
        net_prefix=net_prefix,
        group_id=groups[0] if groups else None,
        group_ids=frozenset(groups),
        organisation_kind=str(mandate.organisation.kind),
        starts_at=mandate.starts_at,
        ends_at=mandate.ends_at,
        charter_signed=mandate.charter_signed_at is not None and mandate.charter_signed_at <= now,
        is_service_lead=mandate.is_service_lead,
        has_requests=getattr(mandate, "has_requests", False),
        may_be_shut_out=getattr(mandate, "may_be_shut_out", True),
        agent_name="".join(f"{part[:1]}." for part in (mandate.agent.first_name, mandate.agent.last_name) if part),
    )
