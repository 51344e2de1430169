"""T-46: rights belong to a function, not to a name: who comes back inherits nothing, who leaves leaves nothing behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from casework.access import grants
from casework.access.exclusions import actions as exclusions
from casework.access.subjects import Target
from casework.desk import partners_desk
from casework.errors import Shredded, Unaudited
from casework.minors.followups.actions import handover
from casework.minors.followups.models import CircleMembership, FollowUpGrant, Referral
from casework.partners import actions, hooks
from casework.partners.models import Agent, Mandate
from casework.sealing import keys
from tests.followups.circle import followed, situation
from tests.followups.test_seats_and_caseload import sees
from tests.people import client_for, viewer_of

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.attack("T-46")]


def put_in_charge(people, follow_up, mandate) -> CircleMembership:
    """Let a lead put somebody of its service in charge of a situation."""
    place = CircleMembership.objects.get(follow_up=follow_up, organisation=mandate.organisation, ends_at=None)
    lead = people.mds_lead if mandate.organisation == people.mds_service else people.outreach_lead
    handover.name_in_charge(by=viewer_of(lead), membership_id=place.pk, mandate_id=mandate.pk, now=timezone.now())
    place.refresh_from_db()
    return place


@pytest.fixture
def held(people):
    """A situation in the hands of an agent of the MDS who is neither its lead nor its representative."""
    follow_up = followed(people)
    put_in_charge(people, follow_up, people.mds)
    assert sees(people.mds, follow_up)
    return follow_up


def live_grants(mandate) -> int:
    return len(grants.live(FollowUpGrant.objects.filter(mandate=mandate), timezone.now()))


@pytest.mark.rule("CLV-24", "ACL-02")
def test_somebody_appointed_again_inherits_nothing(people, held):
    now = timezone.now()
    actions.end_mandate(by=viewer_of(people.mds_lead), mandate_id=people.mds.pk, reason="left", now=now)
    again = actions.appoint(
        by=viewer_of(people.mds_lead), agent=people.mds.agent, organisation=people.mds_service, role="mds", now=now
    )
    Mandate.objects.get(pk=again.pk)
    assert live_grants(again) == 0
    assert live_grants(people.mds) == 0
    assert not sees(again, held)


def test_a_closed_account_opened_again_keeps_no_ended_function(people, held):
    now = timezone.now()
    lead = viewer_of(people.mds_lead)
    actions.end_mandate(by=lead, mandate_id=people.mds.pk, reason="left", now=now)
    actions.close_account(by=viewer_of(people.coordinator), agent=people.mds.agent, now=now)
    actions.reopen_account(by=viewer_of(people.coordinator), agent=people.mds.agent, now=now)
    people.mds.refresh_from_db()
    people.mds.agent = Agent.objects.get(pk=people.mds.agent_id)
    assert client_for(people.mds).get(reverse("followups:page", args=[held.pk])).status_code == 404


def test_a_destroyed_key_is_not_made_again_under_the_same_name(people):
    import uuid

    subject = uuid.uuid4()
    keys.ensure(subject)
    keys.erase(subject)
    with pytest.raises((Shredded, Unaudited)):
        keys.ensure(subject)


@pytest.mark.rule("CLV-26")
def test_who_leaves_without_a_word_leaves_it_to_the_seat_of_the_service(people, held):
    place = CircleMembership.objects.get(follow_up=held, organisation=people.mds_service)
    actions.end_mandate(
        by=viewer_of(people.mds_lead), mandate_id=people.mds.pk, reason="charter_breach", now=timezone.now()
    )
    place.refresh_from_db()
    assert place.in_charge == people.mds_lead.pk
    assert hooks.entrusted(people.mds, viewer_of(people.mds_lead), timezone.now()) == []
    assert sees(people.mds_lead, held)


@pytest.mark.rule("CLV-26")
def test_a_term_reached_by_itself_leaves_nothing_to_nobody(people, held):
    place = CircleMembership.objects.get(follow_up=held, organisation=people.mds_service)
    later = timezone.now() + timedelta(days=2)
    actions.renew(
        by=viewer_of(people.mds_lead), mandate_id=people.mds.pk, ends_at=timezone.now() + timedelta(days=1),
        now=timezone.now(),
    )  # fmt: skip
    with time_machine.travel(later, tick=False):
        assert partners_desk.give_back(timezone.now()) >= 1
        assert partners_desk.give_back(timezone.now()) == 0
    place.refresh_from_db()
    assert place.in_charge == people.mds_lead.pk


@pytest.mark.rule("CLV-26")
def test_a_lead_shares_out_a_caseload_by_reference_in_one_act(people):
    first, second = followed(people), situation(people, author="mds", last_name="Zerrouki")
    put_in_charge(people, first, people.mds)
    colleague = actions.appoint(
        by=viewer_of(people.mds_lead), agent=people.idle, organisation=people.mds_service, role="mds",
        now=timezone.now(),
    )  # fmt: skip
    client, to = client_for(people.mds_lead), reverse("directory:hand_over", args=[people.mds.pk])
    page = client.get(to).content.decode()
    for follow_up in (first, second):
        assert follow_up.reference in page
    assert "Zerrouki" not in page
    answer = client.post(to, {"agent": str(people.mds_lead.agent_id), f"to-{second.pk}": str(people.idle.pk)})
    assert answer.status_code == 302, answer.content.decode()
    place = CircleMembership.objects.get(follow_up=first, organisation=people.mds_service, ends_at=None)
    assert place.in_charge == people.mds_lead.pk
    assert Referral.objects.get(follow_up=second).author_mandate_id == colleague.pk
    people.mds.refresh_from_db()
    assert people.mds.ends_at is not None
    assert live_grants(people.mds) == 0
    assert live_grants(colleague) > 0
    assert FollowUpGrant.objects.filter(mandate=people.mds).exists(), "what was granted stays written"


def test_a_lead_hears_of_no_case_that_it_is_shut_out_of(people, held):
    lead = viewer_of(people.mds_lead)
    assert [case.reference for case in hooks.entrusted(people.mds, lead, timezone.now())] == [held.reference]
    exclusions.declare(
        by=lead,
        target=Target(
            module="minors", object_id=held.pk, url="/", subject_id=held.subject_id, territory_id=held.territory_id,
            reference=held.reference,
        ),
        now=timezone.now(),
    )  # fmt: skip
    assert hooks.entrusted(people.mds, lead, timezone.now()) == []


@pytest.mark.parametrize("who", ["pjj_lead", "mds", "spip", "dpo", "sysadmin"])
def test_only_who_manages_the_service_opens_the_page(people, held, who):
    answer = client_for(getattr(people, who)).get(reverse("directory:hand_over", args=[people.mds.pk]))
    assert answer.status_code == 404
