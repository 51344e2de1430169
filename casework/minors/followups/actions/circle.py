"""The circle of a situation: services from, to, why; and the grants that follow from it (CLV-24, CLV-26).

Grants have one source: `sync`. It compares what the circle, the seats and the agents in charge call for
with the open grants, gives what is missing and closes what is left over.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from casework import audit
from casework.access import grants
from casework.access.matrix import DataClass
from casework.access.policy import Action, Basis
from casework.access.viewer import Viewer
from casework.audit import Act, Actor, Writing
from casework.casefile import revision
from casework.errors import GuardRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.codes import CircleEnd, CircleReason
from casework.minors.followups.models import CircleMembership, FollowUp, FollowUpGrant
from casework.partners import reads as partners
from casework.partners.models import Mandate, Organisation
from casework.sealing import keys

MANAGED = (Basis.CIRCLE, Basis.DEPUTY)


def enter(
    *,
    by: Viewer,
    follow_up: FollowUp,
    organisation: Organisation,
    reason: str,
    now: datetime,
    in_charge: UUID | None = None,
) -> CircleMembership:
    """Let a member service into the circle, with the agent in charge where one is named.

    Raises AccessRefused; GuardRefused when the service does not sit in the group or is already in.
    """
    facts.require_on(by, follow_up, Action.MANAGE, DataClass.YOUTH_IDENTITY, now)
    keys.ensure(follow_up.subject_id)
    with audit.writing(by, now=now) as w:
        membership = add(
            w,
            by=by,
            follow_up=follow_up,
            organisation=organisation,
            reason=reason,
            now=now,
            in_charge=in_charge,
        )
    return membership


def add(
    w: Writing,
    *,
    by: Actor,
    follow_up: FollowUp,
    organisation: Organisation,
    reason: str,
    now: datetime,
    in_charge: UUID | None = None,
) -> CircleMembership:
    """Add a service inside a transaction already open (referral, decision, import). Same refusals as `enter`."""
    if not partners.member_organisations(follow_up.group, now).filter(pk=organisation.pk).exists():
        raise GuardRefused("Ce service ne siège pas dans le groupe.")
    if CircleMembership.objects.filter(follow_up=follow_up, organisation=organisation, ends_at=None).exists():
        raise GuardRefused("Ce service est déjà dans le cercle.")
    membership = CircleMembership(
        subject_id=follow_up.subject_id,
        territory_id=follow_up.territory_id,
        follow_up=follow_up,
        organisation=organisation,
        in_charge=in_charge,
        starts_at=now,
        reason=CircleReason(reason),
    )
    membership.save()
    w.note(Act.CREATE, membership, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_CARD], why=reason)
    sync(w, follow_up=follow_up, organisation=organisation, by=by, now=now)
    return membership


def leave(
    *,
    by: Viewer,
    membership_id: UUID,
    follow_up: FollowUp,
    reason: str,
    now: datetime,
    expected: int | None = None,
) -> None:
    """End a service's place in the circle: its access closes the same second (CLV-24)."""
    facts.require_on(by, follow_up, Action.MANAGE, DataClass.YOUTH_IDENTITY, now)
    with audit.writing(by, now=now) as w:
        membership = revision.lock(
            CircleMembership.objects.filter(follow_up=follow_up, ends_at=None), membership_id, expected
        )
        if follow_up.lead_organisation_id == membership.organisation_id:
            raise GuardRefused("Ce service est référent de parcours : désignez d’abord un autre référent.")
        _end(w, membership, follow_up, CircleEnd(reason), by, now)


def _end(
    w: Writing, membership: CircleMembership, follow_up: FollowUp, reason: CircleEnd, by: Actor, now: datetime
) -> None:
    revision.save(membership, ends_at=now, end_reason=reason)
    w.note(Act.CHANGE, membership, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_CARD], why=reason)
    sync(w, follow_up=follow_up, organisation=membership.organisation, by=by, now=now)


def close_all(w: Writing, *, follow_up: FollowUp, by: Actor, now: datetime) -> None:
    """End every place in the circle when the follow-up ends (RET-02)."""
    for membership in CircleMembership.objects.filter(follow_up=follow_up, ends_at=None).select_related("organisation"):
        _end(w, membership, follow_up, CircleEnd.FOLLOW_UP_ENDED, by, now)
    for grant in grants.live(FollowUpGrant.objects.filter(content_object=follow_up), now):
        grants.close(w, grant, at=now, reason=str(CircleEnd.FOLLOW_UP_ENDED))


def put_in_charge(
    *,
    by: Viewer,
    membership_id: UUID,
    follow_up: FollowUp,
    mandate_id: UUID | None,
    now: datetime,
    expected: int | None = None,
) -> None:
    """Name the intervenant of a service on one situation: by its lead, its representative or the coordinator.

    Raises InputRefused when the agent is not of that service now.
    """
    relation = facts.require_on(by, follow_up, Action.VIEW, DataClass.YOUTH_CARD, now)
    with audit.writing(by, now=now) as w:
        membership = revision.lock(
            CircleMembership.objects.filter(follow_up=follow_up, ends_at=None), membership_id, expected
        )
        own = membership.organisation_id == by.organisation_id and relation.grants & set(MANAGED)
        if not own:
            facts.require_on(by, follow_up, Action.MANAGE, DataClass.YOUTH_IDENTITY, now)
        if mandate_id is not None:
            agents = partners.service_agents(membership.organisation, now)
            if mandate_id not in {agent.pk for agent in agents}:
                raise InputRefused("Cette personne ne fait pas partie du service.", field="mandate")
        revision.save(membership, in_charge=mandate_id)
        w.note(
            Act.CHANGE,
            membership,
            subjects=[follow_up.subject_id],
            classes=[DataClass.YOUTH_CARD],
            why="in_charge",
        )
        sync(w, follow_up=follow_up, organisation=membership.organisation, by=by, now=now)


def sync(w: Writing, *, follow_up: FollowUp, organisation: Organisation, by: Actor, now: datetime) -> None:
    """Bring the grants of one service on one situation in line with its seats and the agent in charge.

    A deputy's grant carries the deputy's own end: it stops by itself.
    """
    wanted = _wanted(follow_up, organisation, now)
    rows = FollowUpGrant.objects.filter(
        content_object=follow_up, organisation_id=organisation.pk, basis__in=[str(basis) for basis in MANAGED]
    )
    held: set[tuple[UUID, str]] = set()
    for grant in grants.live(rows, now):
        key = (grant.mandate_id, grant.basis)
        if key in wanted and wanted[key][1] == grant.ends_at:
            held.add(key)
        else:
            grants.close(w, grant, at=now, reason="circle")
    for key, (mandate, ends_at) in wanted.items():
        if key not in held:
            grants.give(
                w, FollowUpGrant, mandate=mandate, obj=follow_up, basis=Basis(key[1]), starts_at=now,
                ends_at=ends_at, reason="circle", by=by, sort_key=follow_up.reference,
            )  # fmt: skip


def _wanted(
    follow_up: FollowUp, organisation: Organisation, now: datetime
) -> dict[tuple[UUID, str], tuple[Mandate, datetime | None]]:
    """Return who of this service should hold which grant at `now`, and until when."""
    membership = CircleMembership.objects.filter(follow_up=follow_up, organisation=organisation, ends_at=None).first()
    if membership is None:
        return {}
    wanted: dict[tuple[UUID, str], tuple[Mandate, datetime | None]] = {}
    for mandate in partners.seat_holders(follow_up.group, organisation, now):
        wanted[(mandate.pk, str(Basis.CIRCLE))] = (mandate, None)
    for seat in partners.deputy_seats(follow_up.group, organisation, now):
        wanted[(seat.mandate_id, str(Basis.DEPUTY))] = (seat.mandate, seat.ends_at)
    if membership.in_charge is not None:
        agents = {mandate.pk: mandate for mandate in partners.service_agents(organisation, now)}
        if membership.in_charge in agents:
            wanted[(membership.in_charge, str(Basis.CIRCLE))] = (agents[membership.in_charge], None)
    return wanted


def sync_service(*, organisation: Organisation, by: Actor, now: datetime) -> None:
    """Follow a change of seat or deputy through every open situation of the service.

    Called by partners through its hook after a seat changed; its own transaction.
    """
    rows = CircleMembership.objects.filter(organisation=organisation, ends_at=None).select_related("follow_up__group")
    with audit.writing(by, now=now) as w:
        for membership in rows:
            sync(w, follow_up=membership.follow_up, organisation=organisation, by=by, now=now)
