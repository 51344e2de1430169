"""The SPIP telephones: the town's référent notes, the officer confirms by a link, silence frees the places (§11.1)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework import audit
from casework.access import grants
from casework.access.policy import Basis
from casework.casefile import mailer
from casework.casefile.calendar import add_working_days
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.partners.codes import Role
from casework.partners.models import Agent, Mandate
from casework.placements.hosts.models import Booking, Post, PostGrant
from casework.placements.tig.actions import calls, decisions
from casework.placements.tig.actions.calls import CallData
from casework.placements.tig.codes import DecisionAuthor, State
from casework.placements.tig.models import PhoneCall, TigPlacement
from tests.instants import noon
from tests.people import client_for, viewer_of
from tests.placements.tig.clicks import ONCE, send, text
from tests.placements.tig.setting import fresh

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def referent(place):
    """The town's référent TIG: a host's function in the municipality, over its posts."""
    people = place.people
    agent = Agent(email="referente@mireval.example", first_name="Nicole", last_name="Brun")
    agent.set_unusable_password()
    agent.save()
    mandate = Mandate.objects.create(
        agent=agent, organisation=people.mandates["coordinator"].organisation, territory=people.territory, role=Role.HOST,
        starts_at=people.since, charter_signed_at=people.since, charter_version=people.charter.version,
    )  # fmt: skip
    with audit.writing(audit.system_actor(people.territory.pk), now=timezone.now()) as w:
        grants.give(
            w, PostGrant, mandate=mandate, obj=place.post, basis=Basis.CIRCLE, starts_at=people.since, ends_at=None,
            reason="manager", by=None,
        )  # fmt: skip
    return mandate


def noted(place, referent, **changes):
    values = {
        "post_id": place.post.pk, "officer": place.people.spip.agent.email, "minutes": 21 * 60, "weekly": 2,
        "last_useful_on": localdate() + timedelta(days=150),
    }  # fmt: skip
    now = timezone.now()
    return calls.record(by=viewer_of(referent, now=now), data=CallData(**(values | changes)), now=now)


def link_of():
    sent = next(each for each in mailer.messages() if "/appels/confirmer/" in each.body)
    return sent, re.search(r"http://[^/]+(/\S+)", sent.body).group(1)


@pytest.mark.rule("10.2")
def test_a_call_holds_places_and_its_mail_says_nothing_of_anybody(place, referent):
    call = noted(place, referent)
    assert Booking.objects.filter(holder=call.pk).count() == 6
    assert call.confirm_by == add_working_days(localdate(), 5)
    assert not TigPlacement.objects.exists()
    sent, _ = link_of()
    assert sent.to == place.people.spip.agent.email
    for secret in ("berges", "21", "Régie"):
        assert secret not in sent.body.replace(sent.body.split("jusqu’au")[1].split(";")[0], "")


@pytest.mark.rule("ASG-01", "ASG-02", "10.2")
def test_the_officer_confirms_once_from_the_link_and_has_only_the_decision_left(place, referent):
    call = noted(place, referent)
    _, url = link_of()
    assert Client().get(url).status_code == 302  # a mailbox alone confirms nothing
    client = client_for(place.people.spip)
    assert "Appel à la ville" in text(client.get(reverse("desk:work")))
    page = text(client.get(url))
    assert "Entretien des berges" in page
    response = send(client, url, case_mark="2026/99", limits=["heavy_loads"], job_hours="")
    assert response.status_code == 302, text(response)
    placement = fresh(TigPlacement.objects.get())
    assert response["Location"] == reverse("tig:page", args=[placement.pk])
    assert (placement.state, placement.post_id) == (State.PROPOSED, place.post.pk)
    assert placement.half_days.count() == Booking.objects.filter(holder=placement.pk, state="used").count() == 6
    assert not Booking.objects.filter(holder=call.pk).exists()
    assert client.get(url).status_code == 404  # it served
    now = timezone.now()
    decisions.decide(
        by=place.viewer("spip", now), placement=placement, author=DecisionAuthor.JAP, decided_on=localdate(now),
        last_name="Zzmartin", first_name="Léo", phone="", now=now, expected=None,
    )  # fmt: skip
    assert fresh(placement).state == State.ASSIGNED


@pytest.mark.rule("10.2")
def test_unconfirmed_in_five_working_days_it_is_released(place, referent):
    call = noted(place, referent)
    last = noon(call.confirm_by)
    assert calls.release_unconfirmed(last) == 0
    after = noon(call.confirm_by + timedelta(days=1))
    with pytest.raises(GuardRefused, match="passée"):
        calls.confirm(by=place.viewer("spip", after), call=call, case_mark="x", limits=[], job_minutes=0, now=after)
    assert calls.release_unconfirmed(after) == 1
    assert calls.release_unconfirmed(after) == 0
    assert PhoneCall.objects.get().answer == "released"
    assert not Booking.objects.exists()
    with pytest.raises(AccessRefused):
        calls.find(link_of()[1].rstrip("/").rpartition("/")[2], place.viewer("spip", after), after)
    assert calls.release_unconfirmed(after + timedelta(days=366)) == 0
    assert not PhoneCall.objects.exists()


@pytest.mark.rule("ACL-03")
@pytest.mark.parametrize("who", ["pjj", "host", "coordinator", "dpo", "prosecutor"])
def test_the_link_opens_to_nobody_but_the_officer_who_telephoned(place, referent, who):
    noted(place, referent)
    _, url = link_of()
    assert client_for(place.people.mandates[who]).get(url).status_code == 404
    assert client_for(referent).get(url).status_code == 404


@pytest.mark.parametrize("who", ["host", "spip", "pjj", "coordinator", "mayor", "outreach"])
def test_nobody_but_the_towns_referent_notes_a_call(place, referent, who):
    assert client_for(place.people.mandates[who]).get(reverse("tig:calls")).status_code == 404
    with pytest.raises(AccessRefused):
        noted(place, place.people.mandates[who])


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"officer": "inconnu@ailleurs.example"}, "officer"), ({"officer": "pjj@mireval.example"}, "officer"),
     ({"minutes": 401 * 60}, "hours"), ({"last_useful_on": localdate()}, "last_useful_on")],
)  # fmt: skip
def test_a_call_is_noted_for_an_officer_of_the_spip_and_within_the_law(place, referent, changes, field):
    with pytest.raises(InputRefused) as refusal:
        noted(place, referent, **changes)
    assert refusal.value.field == field
    assert not Booking.objects.exists()


@pytest.mark.rule("ASG-05")
def test_a_post_with_special_risks_is_not_given_by_telephone(place, referent):
    Post.objects.filter(pk=place.post.pk).update(risks=["chemicals"])
    with pytest.raises(InputRefused):
        noted(place, referent)


@pytest.mark.rule("ASG-03")
def test_a_person_who_cannot_do_what_the_post_asks_is_sent_to_another(place, referent):
    call = noted(place, referent)
    now = timezone.now()
    with pytest.raises(InputRefused, match="travail en extérieur") as refusal:
        calls.confirm(
            by=place.viewer("spip", now), call=call, case_mark="x", limits=["outdoors"], job_minutes=0, now=now
        )
    assert refusal.value.field == "limits"


@pytest.mark.rule("ASG-07")
def test_with_a_job_the_half_days_are_planned_again_within_the_legal_week(place, referent):
    call = noted(place, referent, weekly=10, minutes=35 * 60)
    now = timezone.now()
    pk = calls.confirm(by=place.viewer("spip", now), call=call, case_mark="x", limits=[], job_minutes=35 * 60, now=now)
    weeks: dict[object, int] = {}
    for row in TigPlacement.objects.get(pk=pk).half_days.all():
        monday = row.day - timedelta(days=row.day.weekday())
        weeks[monday] = weeks.get(monday, 0) + row.planned_minutes
    assert max(weeks.values()) <= 12 * 60


def test_not_my_call_and_taken_back_free_the_places(place, referent):
    noted(place, referent)
    _, url = link_of()
    client = client_for(place.people.spip)
    client.post(url, {"once": ONCE.search(text(client.get(url))).group(1), "not_mine": "1"})
    assert PhoneCall.objects.get().answer == "refused"
    assert not Booking.objects.exists()
    again = noted(place, referent, minutes=7 * 60)
    town = client_for(referent)
    page = text(town.get(reverse("tig:calls")))
    assert "non reconnu" in page
    town.post(reverse("tig:withdraw_call", args=[again.pk]), {"once": ONCE.search(page).group(1)})
    assert PhoneCall.objects.get(pk=again.pk).answer == "withdrawn"
    assert not Booking.objects.exists()


def test_the_referent_notes_it_on_screen(place, referent):
    client, url = client_for(referent), reverse("tig:calls")
    assert url in text(client.get(reverse("tig:today")))
    response = send(
        client, url, post=str(place.post.pk), officer=place.people.spip.agent.email, hours="21", weekly="2",
        last_useful_on=str(localdate() + timedelta(days=150)),
    )  # fmt: skip
    assert response.status_code == 302, text(response)
    assert "à confirmer" in text(client.get(url))
