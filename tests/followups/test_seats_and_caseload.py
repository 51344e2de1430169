"""The service holds the seat: people change, cases follow, the circle alone opens (CLV-24, CLV-26, row 31a)."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.errors import AccessRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import circle, handover, steps
from casework.minors.followups.codes import ActionType, CircleEnd
from casework.minors.followups.models import Action, CircleMembership, FollowUp, FollowUpGrant
from casework.minors.followups.reads import caseload as reads
from casework.partners.actions import houses, mandates
from casework.partners.codes import Role, SeatFunction
from casework.partners.models import Seat
from tests.followups.circle import followed, post
from tests.people import client_for, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")


def sees(mandate, follow_up, at=None) -> bool:
    now = at or timezone.now()
    mandate.refresh_from_db()
    return facts.visible_to(viewer_of(mandate, now=now), now).filter(pk=follow_up.pk).exists()


@pytest.mark.rule("CLV-24", "CLV-26")
def test_a_new_representative_gains_what_the_old_one_loses_the_same_second(people):
    follow_up = followed(people)
    now = timezone.now()
    lead = viewer_of(people.mds_lead)
    assert sees(people.mds_lead, follow_up)
    assert not sees(people.mds, follow_up), "a colleague without a seat"
    mandates.name_seat(by=lead, membership=people.memberships["mds_service"], mandate_id=people.mds.pk, now=now)
    assert sees(people.mds, follow_up)
    seat = Seat.objects.get(mandate=people.mds_lead)
    # The author of the saisine stays in charge; another service shows the seat alone.
    outreach = Seat.objects.get(mandate=people.outreach_lead)
    assert sees(people.outreach_lead, follow_up)
    mandates.end_seat(by=viewer_of(people.outreach_lead), seat_id=outreach.pk, now=timezone.now())
    assert not sees(people.outreach_lead, follow_up)
    assert seat.ends_at is None


@pytest.mark.rule("CLV-24", "CLV-25")
def test_a_deputy_begins_and_ends_by_itself(people):
    follow_up = followed(people)
    today = timezone.localdate()
    mandates.switch_deputy_on(
        by=viewer_of(people.mds_lead), membership=people.memberships["mds_service"], mandate_id=people.mds.pk,
        from_day=today + timedelta(days=2), to_day=today + timedelta(days=4), now=timezone.now(),
    )  # fmt: skip
    assert FollowUpGrant.objects.filter(mandate=people.mds, basis="deputy").count() == 1
    for days, opens in ((0, False), (1, False), (2, True), (4, True), (5, False), (30, False)):
        with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
            noon = timezone.localtime().replace(hour=12, minute=0)
            assert sees(people.mds, follow_up, noon) is opens, days


@pytest.mark.rule("CLV-24", "ACL-02")
def test_a_service_that_leaves_the_group_opens_nothing_more(people):
    follow_up = followed(people)
    assert sees(people.mds_lead, follow_up)
    houses.leave_group(
        by=viewer_of(people.coordinator), membership_id=people.memberships["mds_service"].pk, now=timezone.now()
    )
    viewer = viewer_of(people.mds_lead)
    assert facts.relation(viewer, follow_up, timezone.now()).classes(viewer, timezone.now()) <= {DataClass.WHO_OPENED}
    assert client_for(people.mds_lead).get(reverse("followups:page", args=[follow_up.pk])).status_code == 404


@pytest.mark.rule("CLV-24", "CLV-26")
def test_leaving_the_circle_closes_access_at_once(people):
    follow_up = followed(people, "aemo_service")
    assert sees(people.aemo_lead, follow_up)
    place = CircleMembership.objects.get(follow_up=follow_up, organisation=people.aemo_service)
    circle.leave(
        by=viewer_of(people.coordinator), membership_id=place.pk, follow_up=follow_up, reason=CircleEnd.NO_LONGER,
        now=timezone.now(),
    )  # fmt: skip
    assert not sees(people.aemo_lead, follow_up)
    assert client_for(people.aemo_lead).get(reverse("followups:page", args=[follow_up.pk])).status_code == 404


@pytest.mark.rule("CLV-25", "CLV-05", "ACL-03")
@pytest.mark.parametrize(
    "who", ["spip", "sah", "education", "municipal_police", "national_police", "apers_offender", "host", "prosecutor",
            "mayor", "sysadmin", "stranger", "unsigned", "ended", "not_yet", "pjj_lead", "aemo"],
)  # fmt: skip
def test_who_is_not_of_the_circle_sees_nothing(people, who):
    follow_up = followed(people)
    mandate = people.mandates[who]
    now = timezone.now()
    viewer = viewer_of(mandate)
    opened = facts.relation(viewer, follow_up, now).classes(viewer, now)
    assert opened <= ({DataClass.MAYOR_DISCLOSURE} if who == "mayor" else set())
    assert not facts.visible_to(viewer, now).exists()
    for name in ("page", "point", "mayor_prepare", "measure", "sensitive"):
        answer = client_for(mandate).get(reverse(f"followups:{name}", args=[follow_up.pk]))
        # Without a function or a signature the frame sends elsewhere; nothing of the file is ever shown.
        assert answer.status_code in (302, 403, 404), name
        assert b"Belkacem" not in answer.content
        assert follow_up.reference.encode() not in answer.content


@pytest.mark.rule("CLV-26", "CLV-24")
def test_a_hand_over_passes_cases_by_reference(people):
    follow_up = followed(people)
    now = timezone.now()
    action = steps.decide(
        by=viewer_of(people.mds_lead), follow_up=follow_up, kind=ActionType.FAMILY_MEETING, owner=people.mds_service,
        due_on=now.date() + timedelta(days=5), now=now, owner_mandate_id=people.mds_lead.pk,
    )  # fmt: skip
    place = CircleMembership.objects.get(follow_up=follow_up, organisation=people.mds_service)
    assert place.in_charge == people.mds_lead.pk
    FollowUp.objects.filter(pk=follow_up.pk).update(lead_mandate_id=people.mds_lead.pk)
    new, count = mandates.hand_over(
        by=viewer_of(people.coordinator), mandate_id=people.mds_lead.pk, to_agent=people.mds.agent, now=now
    )
    assert count == 1
    place.refresh_from_db(), follow_up.refresh_from_db(), action.refresh_from_db()
    assert place.in_charge == follow_up.lead_mandate_id == action.owner_mandate_id == new.pk
    assert sees(new, follow_up)
    assert not sees(people.mds_lead, follow_up)
    assert not FollowUpGrant.objects.filter(mandate=people.mds_lead).live(timezone.now()).exists()
    assert Action.objects.get(pk=action.pk).revision == 2


@pytest.mark.rule("CLV-26")
def test_the_lead_names_who_follows_without_opening_the_file(people):
    follow_up = followed(people)
    # A lead that is not in the circle's seats: the seat goes to somebody else.
    place = CircleMembership.objects.get(follow_up=follow_up, organisation=people.outreach_service)
    mandates.end_seat(
        by=viewer_of(people.outreach_lead), seat_id=Seat.objects.get(mandate=people.outreach_lead).pk,
        now=timezone.now(),
    )  # fmt: skip
    client = client_for(people.outreach_lead)
    page = client.get(reverse("followups:caseload"))
    text = page.content.decode()
    assert follow_up.reference in text
    assert "Belkacem" not in text
    assert "Yanis" not in text
    answer = post(
        client, reverse("followups:caseload_name"), membership=place.pk, mandate=people.outreach.pk,
        revision=place.revision,
    )  # fmt: skip
    assert answer.status_code == 302
    assert sees(people.outreach, follow_up)
    assert not sees(people.outreach_lead, follow_up)
    assert not sees(people.outreach_colleague, follow_up)


@pytest.mark.rule("CLV-26")
def test_a_representative_names_too_and_nobody_else(people):
    follow_up = followed(people)
    place = CircleMembership.objects.get(follow_up=follow_up, organisation=people.outreach_service)
    mandates.name_seat(
        by=viewer_of(people.outreach_lead), membership=people.memberships["outreach_service"],
        mandate_id=people.outreach.pk, now=timezone.now(), function=SeatFunction.REPRESENTATIVE,
    )  # fmt: skip
    assert reads.caseload(viewer_of(people.outreach), now=timezone.now()).rows
    handover.name_in_charge(
        by=viewer_of(people.outreach), membership_id=place.pk, mandate_id=people.outreach_colleague.pk,
        now=timezone.now(),
    )  # fmt: skip
    assert sees(people.outreach_colleague, follow_up)
    for other in (people.outreach_colleague, people.mds_lead, people.coordinator, people.stranger):
        with pytest.raises(AccessRefused):
            handover.name_in_charge(
                by=viewer_of(other), membership_id=place.pk, mandate_id=people.outreach.pk, now=timezone.now()
            )
    with pytest.raises(InputRefused):
        handover.name_in_charge(
            by=viewer_of(people.outreach_lead), membership_id=place.pk, mandate_id=people.mds.pk, now=timezone.now()
        )


def test_the_list_leads_a_representative_to_the_caseload_of_its_service(people):
    followed(people)
    link = reverse("followups:caseload")
    mandates.name_seat(
        by=viewer_of(people.mds_lead), membership=people.memberships["mds_service"], mandate_id=people.mds.pk,
        now=timezone.now(),
    )  # fmt: skip
    assert f'href="{link}"' in client_for(people.mds).get(reverse("followups:list")).content.decode()
    assert link not in client_for(people.outreach_colleague).get(reverse("followups:list")).content.decode()


@pytest.mark.parametrize("who", ["outreach_colleague", "mayor", "spip", "coordinator", "stranger"])
def test_the_caseload_is_for_leads_and_representatives(people, who):
    followed(people)
    client = client_for(people.mandates[who])
    page = client.get(reverse("followups:caseload"))
    named = post(client, reverse("followups:caseload_name"), membership=str(uuid.uuid4()), revision="1")
    if who == "spip":  # not a lead: row 31a
        assert people.spip.role == Role.SPIP
    assert page.status_code == 404
    assert named.status_code == 404


@pytest.mark.rule("ACL-10")
def test_history_obeys_the_rights_of_the_live_row(people):
    follow_up = followed(people)
    now = timezone.now()
    for who in ("mds_lead", "outreach_lead", "coordinator", "pjj_lead", "spip", "mayor"):
        viewer = viewer_of(people.mandates[who])
        relation = facts.relation(viewer, follow_up, now)
        live, past = relation.classes(viewer, now), relation.classes(viewer, now, Ask.HISTORY)
        assert past <= live
        if who in ("mds_lead", "coordinator"):
            assert past
