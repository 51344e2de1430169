"""Acts on the page of a situation: an action between meetings, what a service says of itself."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.minors.followups.models import Action, CircleMembership
from tests.followups.circle import followed, post
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__")

TOLD = "avec Mme Perrin, suivie en psychiatrie"


def typed(people, **changes):
    due = timezone.localdate() + timedelta(days=10)
    form = {
        "kind": "school_return", "owner": str(people.mds_service.pk), "due_on": due.isoformat(), "precision": "au collège",
        "after": "",
    }  # fmt: skip
    return form | changes


def hidden(page, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"|value="([^"]*)"[^>]* name="{name}"', page.content.decode())
    return (found.group(1) or found.group(2)) if found else ""


@pytest.mark.rule("SEC-05")
def test_words_that_should_not_stand_warn_once_beside_the_field_then_pass(people):
    follow_up = followed(people)
    client, url = client_for(people.mds_lead), reverse("followups:actions", args=[follow_up.pk])
    page = post(client, url, **typed(people, precision=TOLD))
    assert page.status_code == 422
    assert not Action.objects.exists()
    text = page.content.decode()
    assert TOLD in text
    assert "envoyez à nouveau" in text
    again = post(client, url, **typed(people, precision=TOLD), confirm_text=hidden(page, "confirm_text"))
    assert again.status_code == 302
    assert Action.objects.count() == 1
    changed = post(client, url, **typed(people, precision=TOLD + "."), confirm_text=hidden(page, "confirm_text"))
    assert changed.status_code == 422
    assert Action.objects.count() == 1


def test_a_refused_action_comes_back_with_all_that_was_typed(people):
    follow_up = followed(people)
    client, url = client_for(people.mds_lead), reverse("followups:actions", args=[follow_up.pk])
    for wrong in ({"due_on": "2020-01-01"}, {"due_on": ""}, {"owner": str(people.pjj_service.pk)}, {"kind": "nothing"}):
        page = post(client, url, **typed(people, **wrong))
        assert page.status_code == 422
        assert 'value="au collège"' in page.content.decode()
    assert not Action.objects.exists()
    assert post(client, url, **typed(people)).status_code == 302
    assert Action.objects.get().owner_id == people.mds_service.pk


def test_only_who_may_write_gets_the_page(people):
    follow_up = followed(people)
    url = reverse("followups:actions", args=[follow_up.pk])
    assert client_for(people.mds_lead).get(url).status_code == 200
    for who in ("pjj", "aemo_lead", "education", "mayor", "dpo", "stranger"):
        client = client_for(people.mandates[who])
        assert client.get(url).status_code == 404
        assert post(client, url, **typed(people)).status_code == 404
    assert not Action.objects.exists()


@pytest.mark.rule("SEC-03")
def test_a_service_says_of_itself_alone_whether_it_intervenes(people):
    follow_up = followed(people)
    own = CircleMembership.objects.get(follow_up=follow_up, organisation=people.mds_service)
    other = CircleMembership.objects.get(follow_up=follow_up, organisation=people.outreach_service)
    url = reverse("followups:circle", args=[follow_up.pk])
    say = {"do": "say", "involvement": "intervenes", "revision": own.revision, "membership": str(other.pk)}
    assert post(client_for(people.mds_lead), url, **say).status_code == 302
    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.involvement, other.involvement) == ("intervenes", "")
    assert post(client_for(people.mds_lead), url, **say, again="1").status_code == 409  # said meanwhile
    assert post(client_for(people.pjj_lead), url, **say).status_code == 404
    page = client_for(people.mds_lead).get(reverse("followups:page", args=[follow_up.pk])).content.decode()
    assert page.count('name="do" value="say"') == 1
    assert "intervient" in page
