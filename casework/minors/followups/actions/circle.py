"""The circle of a situation: services from, to, why; and the grants that follow from it (CLV-24, CLV-26).

Grants have one source: `sync`. It compares what the circle, the seats and the agents in charge call for
with the open grants, gives what is missing and closes what is left over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

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
from casework.partners.codes import SeatFunction
from casework.partners.models import Mandate, Organisation, WatchGroup
from casework.sealing import history, keys

MANAGED = (Basis.CIRCLE, Basis.DEPUTY)
_BASIS = {SeatFunction.REPRESENTATIVE: Basis.CIRCLE, SeatFunction.DEPUTY: Basis.DEPUTY}


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
    if organisation not in partners.member_organisations(follow_up.group, now):
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


def open_many(
    w: Writing,
    *,
    by: Actor,
    joining: Sequence[tuple[FollowUp, Organisation]],
    reason: CircleReason,
    now: datetime,
) -> None:
    """Let services into the circle of situations just created, all of one group: what `add` does, in few queries.

    Raises GuardRefused when one of the services does not sit in the group.
    """
    if not joining:
        return
    group = joining[0][0].group
    services = {organisation.pk: organisation for _, organisation in joining}
    if not services.keys() <= {row.pk for row in partners.member_organisations(group, now)}:
        raise GuardRefused("Ce service ne siège pas dans le groupe.")
    wanted = {key: _from_seats(group, organisation, now) for key, organisation in services.items()}
    memberships = [
        CircleMembership(
            subject_id=follow_up.subject_id, territory_id=follow_up.territory_id, follow_up=follow_up,
            organisation=organisation, starts_at=now, reason=reason,
        )
        for follow_up, organisation in joining
    ]  # fmt: skip
    history.insert_many(memberships)
    for row in memberships:
        w.note(Act.CREATE, row, subjects=[row.subject_id], classes=[DataClass.YOUTH_CARD], why=reason)
    doors = [
        grants.Door(
            mandate=want.mandate, obj=follow_up, basis=want.basis, starts_at=want.starts_at, ends_at=want.ends_at,
            sort_key=follow_up.reference,
        )
        for follow_up, organisation in joining
        for want in wanted[organisation.pk]
    ]  # fmt: skip
    grants.give_many(w, FollowUpGrant, doors, reason="circle", by=by)


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

    A grant carries the dates of the seat it comes from: a stand-in begins and stops by itself.
    """
    wanted = _wanted(follow_up, organisation, now)
    rows = FollowUpGrant.objects.filter(
        content_object=follow_up, organisation_id=organisation.pk, basis__in=[str(basis) for basis in MANAGED]
    ).filter(Q(ends_at=None) | Q(ends_at__gt=now))
    held: set[Wanted] = set()
    for grant in grants.valid(rows):
        match = next((want for want in wanted if want.matches(grant)), None)
        if match is None:
            grants.close(w, grant, at=now, reason="circle")
        else:
            held.add(match)
    for want in wanted - held:
        grants.give(
            w, FollowUpGrant, mandate=want.mandate, obj=follow_up, basis=want.basis, starts_at=want.starts_at,
            ends_at=want.ends_at, reason="circle", by=by, sort_key=follow_up.reference,
        )  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """A grant that the seats and the circle call for."""

    mandate: Mandate
    basis: Basis
    starts_at: datetime
    ends_at: datetime | None

    def matches(self, grant: FollowUpGrant) -> bool:
        """Say whether this grant already gives the same to the same until the same instant."""
        same = (grant.mandate_id, grant.basis, grant.ends_at) == (self.mandate.pk, str(self.basis), self.ends_at)
        return same and grant.starts_at <= self.starts_at


def _wanted(follow_up: FollowUp, organisation: Organisation, now: datetime) -> set[Wanted]:
    """Return who of this service should hold which grant, from when to when."""
    membership = CircleMembership.objects.filter(follow_up=follow_up, organisation=organisation, ends_at=None).first()
    if membership is None:
        return set()
    wanted = _from_seats(follow_up.group, organisation, now)
    in_charge = membership.in_charge
    if in_charge is not None and in_charge not in {want.mandate.pk for want in wanted}:
        wanted |= {
            Wanted(mandate, Basis.CIRCLE, now, None)
            for mandate in partners.service_agents(organisation, now)
            if mandate.pk == in_charge
        }
    return wanted


def _from_seats(group: WatchGroup, organisation: Organisation, now: datetime) -> set[Wanted]:
    """Return the grants that the seats of a service call for, in any circle that it is in."""
    return {
        Wanted(seat.mandate, _BASIS[SeatFunction(seat.function)], max(now, seat.starts_at), seat.ends_at)
        for seat in partners.seats(group, organisation, now)
    }


def sync_service(*, organisation: Organisation, by: Actor, now: datetime) -> None:
    """Follow a change of seat or deputy through every open situation of the service.

    Called by partners through its hook after a seat changed; its own transaction.
    """
    rows = CircleMembership.objects.filter(organisation=organisation, ends_at=None).select_related("follow_up__group")
    with audit.writing(by, now=now) as w:
        for membership in rows:
            sync(w, follow_up=membership.follow_up, organisation=organisation, by=by, now=now)
