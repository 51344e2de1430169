"""A placement in other hands, in another tool, or answered by a single-use link."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.audit import Act
from casework.audit.models import AuditEvent
from casework.errors import AccessRefused, GuardRefused
from casework.partners.codes import Role
from casework.partners.models import Agent, Mandate
from casework.placements.tig.actions import team
from casework.placements.tig.codes import State
from tests.instants import noon
from tests.people import client_for
from tests.placements.tig import setting as stage
from tests.placements.tig.clicks import ONCE, send, text
from tests.placements.tig.setting import assigned, demand, fresh, work

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def colleague(place):
    people = place.people
    agent = Agent(email="spip2@mireval.example", first_name="Rose", last_name="Lacaze")
    agent.set_unusable_password()
    agent.save()
    return Mandate.objects.create(
        agent=agent, organisation=people.spip.organisation, territory=people.territory, role=Role.SPIP,
        starts_at=people.since, charter_signed_at=people.since, charter_version=people.charter.version,
    )  # fmt: skip


@pytest.mark.rule("CLV-26", "ACL-02")
def test_an_officer_hands_a_case_over_to_a_colleague_and_no_longer_sees_it(place, colleague):
    placement = assigned(place)
    here, act = reverse("tig:page", args=[placement.pk]), reverse("tig:act", args=[placement.pk, "confier"])
    client = client_for(place.people.spip)
    assert act in text(client.get(here))
    found = text(client.get(act))
    assert "Rose Lacaze" in found
    assert "Haddad" not in found  # the PJJ is another service
    response = send(client, act, to=str(place.people.pjj.pk))
    assert response.status_code == 422
    response = send(client, act, to=str(colleague.pk))
    assert response["Location"] == reverse("tig:list")
    assert client.get(here).status_code == 404
    assert client_for(colleague).get(here).status_code == 200
    assert client_for(place.people.host).get(here).status_code == 200  # the host keeps what it had


def test_the_host_hands_nothing_over(place, colleague):
    placement = assigned(place)
    now = timezone.now()
    with pytest.raises(AccessRefused):
        team.hand_over(by=place.viewer("host", now), placement=placement, to=colleague.pk, now=now)


@pytest.mark.attack("T-46")
def test_the_cases_of_a_function_that_ends_follow_by_reference(place, colleague):
    from casework import audit
    from casework.partners import hooks

    one, other = demand(place), demand(place)
    now = timezone.now()
    spip = place.people.spip
    assert {each.reference for each in hooks.entrusted(spip, place.viewer("dpo", now), now)} == {
        one.reference, other.reference
    }  # fmt: skip
    with audit.writing(audit.system_actor(one.territory_id), now=now) as w:
        assert hooks.hand_over(w, spip, colleague, audit.system_actor(one.territory_id), now, frozenset({one.pk})) == 1
    later = now + timedelta(seconds=1)
    assert client_for(colleague, now=later).get(reverse("tig:page", args=[one.pk])).status_code == 200
    assert client_for(spip, now=later).get(reverse("tig:page", args=[one.pk])).status_code == 404
    assert client_for(spip, now=later).get(reverse("tig:page", args=[other.pk])).status_code == 200


@pytest.mark.rule("ATG-04", "ACL-08")
def test_the_officer_copies_plain_text_and_the_journal_tells(place):
    later = noon(localdate() + timedelta(days=200))
    placement = work(place, assigned(place), later, n=2)
    url = reverse("tig:copy", args=[placement.pk])
    with time_machine.travel(later, tick=False):
        client = client_for(place.people.spip, now=later)
        assert url in text(client.get(reverse("tig:page", args=[placement.pk])))
        response = client.get(url)
        page = text(response)
        for said in (placement.reference, "2026/4471", "Léo Zzmartin", "Entretien des berges", "présent"):
            assert said in page, said
        assert "onclick" not in page
        assert 'data-copy="tig-plain"' in page
        assert "no-store" in response["Cache-Control"]
        assert AuditEvent.objects.filter(act=Act.PRINT, why="copy").count() == 1
        for mandate in (place.people.host, place.people.pjj, place.people.mandates["coordinator"]):
            assert client_for(mandate, now=later).get(url).status_code == 404


@pytest.mark.rule("10.2")
@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_host_without_an_account_answers_once_by_a_link_and_reads_no_name(place, answer):
    from django.test import Client

    from casework import audit
    from casework.access import grants
    from casework.casefile import mailer
    from casework.placements.hosts.models import HostStructure, PostGrant

    now = timezone.now()
    with audit.writing(audit.system_actor(place.people.territory.pk), now=now) as w:
        for row in PostGrant.objects.on([place.post.pk]).select_related("content_object"):
            grants.close(w, row, at=now, reason="left")
        host = HostStructure.objects.get(pk=place.host.pk)
        host.email = "contact@quais.example"
        host.save()
    placement = demand(place)
    stage.ask(place, placement)
    sent = next(each for each in mailer.messages() if each.to == "contact@quais.example")
    url = re.search(r"http://[^/]+(/\S+)", sent.body).group(1)
    client = Client()
    page = text(client.get(url))
    assert "Entretien des berges" in page
    for secret in ("2026/4471", placement.reference, "Zzmartin"):
        assert secret not in page
    response = client.post(url, {"once": ONCE.search(page).group(1), "answer": answer, "reason": "no_room"})
    assert response.status_code == 302
    assert "transmis" in text(client.get(response["Location"]))
    assert client.get(url).status_code == 410
    proposal = fresh(placement).proposals.get()
    assert proposal.answer == ("accepted" if answer == "yes" else "declined")
    assert fresh(placement).state == (State.PROPOSED if answer == "yes" else State.MATCHING)


def test_a_host_with_neither_account_nor_address_is_to_be_called(place):
    from casework import audit
    from casework.access import grants
    from casework.placements.hosts.models import PostGrant

    now = timezone.now()
    with audit.writing(audit.system_actor(place.people.territory.pk), now=now) as w:
        for row in PostGrant.objects.on([place.post.pk]).select_related("content_object"):
            grants.close(w, row, at=now, reason="left")
    placement = demand(place)
    with pytest.raises(GuardRefused, match="appelez-la"):
        stage.ask(place, placement)
