"""A service keeps its seat while people change: cases follow by reference, unread (CLV-24, CLV-26, row 31a).

Partners calls these two through its hooks: `follow_seats` after a representative or a deputy changed,
`pass_on` inside the transaction of a hand-over.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from casework import audit
from casework.access import exclusions, grants
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.policy import Basis, Facts, decide
from casework.access.viewer import Viewer
from casework.audit import Act, Actor, Writing
from casework.casefile import revision
from casework.errors import AccessRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import circle
from casework.minors.followups.codes import OPEN_RESULTS, Sorting
from casework.minors.followups.models import Action, CircleMembership, FollowUp, FollowUpGrant, Referral
from casework.partners import reads as partners
from casework.partners.hooks import Entrusted
from casework.partners.models import Mandate, Organisation

# What was opened for the person who leaves, beside the circle: it goes on for the one who takes over, same end.
PASSED = (Basis.SESSION_WINDOW, Basis.INVITED, Basis.AUTHOR)


def follow_seats(organisation: Organisation, by: Actor, now: datetime) -> None:
    """Bring every open situation of the service in line with its seats, in a transaction of its own."""
    circle.sync_service(organisation=organisation, by=by, now=now)


def entrusted(mandate: Mandate, by: Actor, now: datetime) -> list[Entrusted]:
    """Return the situations in the hands of `mandate`, by reference, save those that `by` is shut out of."""
    found: dict[UUID, tuple[str, list[str]]] = {}

    def add(rows: Iterable[tuple[UUID, str]], what: str) -> None:
        for pk, reference in rows:
            ways = found.setdefault(pk, (reference, []))[1]
            if what not in ways:
                ways.append(what)

    shut = exclusions.shut(by, now) if isinstance(by, Viewer) else ()
    places = CircleMembership.objects.filter(in_charge=mandate.pk, ends_at=None).exclude(subject_id__in=shut)
    add(places.values_list("follow_up_id", "follow_up__reference"), "intervenant")
    led = FollowUp.objects.filter(lead_mandate_id=mandate.pk).exclude(state__in=(*facts.GONE, *facts.CLOSED))
    add(led.exclude(subject_id__in=shut).values_list("pk", "reference"), "référent de parcours")
    owned = Action.objects.filter(owner_mandate_id=mandate.pk, result__in=OPEN_RESULTS).exclude(subject_id__in=shut)
    add(owned.values_list("follow_up_id", "follow_up__reference"), "décisions à tenir")
    sent = Referral.objects.filter(author_mandate_id=mandate.pk, sorting__in=(Sorting.WAITING, Sorting.MORE_ASKED))
    add(sent.exclude(subject_id__in=shut).values_list("follow_up_id", "follow_up__reference"), "saisine en cours")
    return [Entrusted(object_id=pk, reference=ref, what=", ".join(ways)) for pk, (ref, ways) in found.items()]


def pass_on(
    w: Writing, old: Mandate, new: Mandate, by: Actor, now: datetime, only: frozenset[UUID] | None = None
) -> int:
    """Give `new` what was entrusted to `old`: situations in charge, lead, open actions, rights. Return how many.

    `only`: these situations; the others keep their holder. Nothing is opened: only references change hands. `old`
    loses every right on them this second.
    """
    touched: set[UUID] = set()
    of_file = {} if only is None else {"follow_up_id__in": only}
    of_pk = {} if only is None else {"pk__in": only}
    places = CircleMembership.objects.select_for_update(of=("self",)).filter(in_charge=old.pk, ends_at=None, **of_file)
    for membership in places.select_related("follow_up__group", "organisation"):
        revision.save(membership, in_charge=new.pk)
        touched.add(membership.follow_up_id)
        w.note(Act.CHANGE, membership, subjects=[membership.subject_id], why="handed_over")
    for follow_up in FollowUp.objects.select_for_update(of=("self",)).filter(lead_mandate_id=old.pk, **of_pk):
        revision.save(follow_up, lead_mandate_id=new.pk)
        touched.add(follow_up.pk)
        w.note(Act.CHANGE, follow_up, subjects=[follow_up.subject_id], why="handed_over")
    for action in Action.objects.select_for_update(of=("self",)).filter(
        owner_mandate_id=old.pk, result__in=OPEN_RESULTS, **of_file
    ):
        revision.save(action, owner_mandate_id=new.pk)
        touched.add(action.follow_up_id)
        w.note(Act.CHANGE, action, subjects=[action.subject_id], why="handed_over")
    for referral in Referral.objects.select_for_update(of=("self",)).filter(
        author_mandate_id=old.pk, sorting__in=(Sorting.WAITING, Sorting.MORE_ASKED), **of_file
    ):
        revision.save(referral, author_mandate_id=new.pk)
        touched.add(referral.follow_up_id)
        w.note(Act.CHANGE, referral, subjects=[referral.subject_id], why="handed_over")
    touched |= _pass_grants(w, old, new, by, now, only)
    return len(touched)


def _pass_grants(
    w: Writing, old: Mandate, new: Mandate, by: Actor, now: datetime, only: frozenset[UUID] | None
) -> set[UUID]:
    """Close every right of `old`; those that do not come from the circle go on under `new`, same end.

    Those of the circle come back through `circle.sync`, from the seats and the agents in charge.
    """
    rows = FollowUpGrant.objects.filter(mandate=old).filter(Q(ends_at=None) | Q(ends_at__gt=now))
    if only is not None:
        rows = rows.filter(content_object_id__in=only)
    held = grants.valid(rows.select_related("content_object__group"))
    for grant in held:
        if Basis(grant.basis) in PASSED:
            grants.give(
                w, FollowUpGrant, mandate=new, obj=grant.content_object, basis=Basis(grant.basis),
                starts_at=max(now, grant.starts_at), ends_at=grant.ends_at, reason="handed_over", by=by,
                sort_key=grant.sort_key,
            )  # fmt: skip
        grants.close(w, grant, at=now, reason="handed_over")
    return {grant.content_object_id for grant in held}


def leads(viewer: Viewer, now: datetime) -> bool:
    """Say whether the viewer manages the caseload of its own service, by reference (row 31a)."""
    own = Facts(
        territory_id=viewer.territory_id, data_class=DataClass.OWN_SERVICE, own_service=True, excluded=False,
        rules_in_force=True, state_open=True,
    )  # fmt: skip
    return decide(viewer, Ask.MANAGE, own, now).allow


def represents(viewer: Viewer, follow_up: FollowUp, organisation: Organisation, now: datetime) -> bool:
    """Say whether the viewer represents this service in the group that follows the situation, now."""
    return viewer.mandate_id in {row.pk for row in partners.seat_holders(follow_up.group, organisation, now)}


def name_in_charge(
    *, by: Viewer, membership_id: UUID, mandate_id: UUID | None, now: datetime, expected: int | None = None
) -> None:
    """Name who follows one situation of one's own service, by its lead or its representative, by reference only.

    None gives it back to the representative. Raises AccessRefused (absent, another service, neither lead nor
    representative), InputRefused (not an agent of the service), ConflictRefused.
    """
    membership = (
        CircleMembership.objects.filter(pk=membership_id, organisation_id=by.organisation_id, ends_at=None)
        .select_related("follow_up__group", "organisation")
        .first()
    )
    if membership is None or membership.territory_id != by.territory_id or membership.follow_up.state in facts.GONE:
        raise AccessRefused(code="caseload")
    follow_up = membership.follow_up
    if exclusions.is_shut(by, follow_up.subject_id, now):
        raise AccessRefused(code="excluded")
    if not leads(by, now) and not represents(by, follow_up, membership.organisation, now):
        raise AccessRefused(code="caseload")
    agents = {agent.pk for agent in partners.service_agents(membership.organisation, now)}
    if mandate_id is not None and mandate_id not in agents:
        raise InputRefused("Cette personne ne fait pas partie du service.", field="mandate")
    with audit.writing(by, now=now) as w:
        row = revision.lock(CircleMembership.objects.filter(ends_at=None), membership_id, expected)
        revision.save(row, in_charge=mandate_id)
        w.note(Act.CHANGE, row, subjects=[follow_up.subject_id], classes=[DataClass.OWN_SERVICE], why="in_charge")
        circle.sync(w, follow_up=follow_up, organisation=membership.organisation, by=by, now=now)
