"""A one-time link lets a person in: password, phone, recovery codes, charter. Then it is dead."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casework.errors import AccessRefused
from casework.partners import actions, credentials, reads
from casework.partners.models import Agent, Invitation
from tests.partners.helpers import (
    OTHER,
    PHRASE,
    agent_of,
    by,
    choose_password,
    code,
    enrol,
    give_code,
    give_password,
    invited,
    is_in,
    open_link,
    seed_of,
    sign_in,
    with_account,
)
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__")


def first_sign_in(people) -> tuple[Client, Agent, str]:
    found = invited(people)
    client = open_link(found.token)
    assert choose_password(client).url == reverse("partners:enrol")
    assert len(enrol(client, found.agent)) == 8
    return client, found.agent, found.token


@pytest.mark.rule("MFA-04", "CLV-25")
def test_the_whole_way_in(people):
    client, agent, _ = first_sign_in(people)
    assert is_in(client)
    assert client.get(reverse("directory:my_service")).url == reverse("partners:charter"), "no record before"
    page = client.get(reverse("partners:charter"))
    assert "J’ai lu et je signe" in page.content.decode()
    client.post(reverse("partners:charter"), {"charter": people.charter.pk})
    assert client.get(reverse("directory:my_service")).status_code == 404, "signed; but not a lead"
    client.post(reverse("partners:sign_out"))
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        again = Client()
        give_password(again, agent.email, PHRASE)
        give_code(again, code(seed_of(reads.device(agent), agent)))
        assert is_in(again)


def test_a_link_serves_once(people):
    _, _, token = first_sign_in(people)
    second = open_link(token)
    assert second.get(reverse("partners:choose_password")).status_code == 410
    assert choose_password(second, OTHER).status_code == 410
    assert Invitation.objects.get(token_hash=credentials.token_hash(token)).used_at is not None


def test_two_browsers_with_one_link_give_one_account(people):
    found = invited(people)
    first, second = open_link(found.token), open_link(found.token)
    choose_password(first)
    stale = reads.device(found.agent, confirmed=False)
    choose_password(second, OTHER)
    enrol(second, found.agent)
    assert is_in(second)
    response = first.post(reverse("partners:enrol"), {"code": code(seed_of(stale, found.agent))})
    assert response.status_code in (302, 410)
    assert not is_in(first)
    assert agent_of(found.agent.pk).check_password(OTHER)


def test_opening_the_link_uses_nothing_up_and_hides_the_token(people):
    found = invited(people)
    client = Client()
    for _ in range(3):
        response = client.get(reverse("partners:invitation", args=[found.token]))
        assert found.token not in response.url
    assert client.get(reverse("partners:choose_password")).status_code == 200
    assert found.token not in str(dict(client.session))


@pytest.mark.parametrize("how", ["unknown", "expired", "revoked", "replaced", "closed"])
def test_dead_links_all_look_the_same(people, how):
    found = invited(people)
    token, moment = found.token, timezone.now()
    if how == "unknown":
        token = "x" * 43
    elif how == "expired":
        moment += timedelta(days=7)
    elif how == "revoked":
        actions.revoke_invitation(by=by(people.aemo_lead), invitation_id=found.invitation_id, now=moment)
    elif how == "replaced":
        actions.renew_invitation(by=by(people.aemo_lead), agent=found.agent, now=moment)
    elif how == "closed":
        Agent.objects.filter(pk=found.agent.pk).update(is_active=False)
    with time_machine.travel(moment, tick=False):
        client = open_link(token)
        page = client.get(reverse("partners:choose_password"))
        posted = choose_password(client)
    assert page.status_code == posted.status_code == 410
    assert "Ce lien n’est plus valable" in page.content.decode()
    assert found.agent.first_name not in page.content.decode()


def test_a_link_lasts_until_its_last_second(people):
    found = invited(people, now=timezone.now())
    with time_machine.travel(timezone.now() + timedelta(days=7) - timedelta(minutes=1), tick=False):
        assert open_link(found.token).get(reverse("partners:choose_password")).status_code == 200


def test_only_the_hash_is_kept_and_the_link_names_nobody(people):
    found = invited(people)
    row = Invitation.objects.get(pk=found.invitation_id)
    assert found.token not in repr(row.__dict__)
    url = reverse("partners:invitation", args=[found.token])
    for word in ("lea", "ferry", "aemo", "nouvelle", str(found.agent.pk)):
        assert word not in url.removesuffix(found.token).lower()


def test_the_mail_is_neutral(people):
    found = invited(people)
    assert actions.send_invitation_mail(agent=found.agent, link="https://x.example/connexion/invitation/abc")
    (message,) = mail.outbox
    text = f"{message.subject} {message.body}".lower()
    for word in ("léa", "ferry", "aemo", "mireval", "cellule", "clspd", "jeune", "situation"):
        assert word not in text


@pytest.mark.rule("PWD-01")
def test_a_weak_password_is_refused_in_french_and_uses_nothing_up(people):
    found = invited(people)
    client = open_link(found.token)
    response = choose_password(client, "motdepasse1")
    assert response.status_code == 422
    assert "trop court" in response.content.decode()
    assert not agent_of(found.agent.pk).has_usable_password()
    assert choose_password(client).status_code == 302


def test_a_new_password_never_removes_the_second_factor(people):
    agent = people.aemo.agent
    device = with_account(agent)
    link = actions.renew_invitation(by=by(people.aemo_lead), agent=agent, now=timezone.now())
    other = sign_in(agent)
    client = open_link(link.token)
    assert choose_password(client, OTHER).url == reverse("partners:sign_in")
    assert reads.device(agent) == device
    assert not is_in(client), "the link does not sign in"
    assert not is_in(other), "open sessions are closed"
    assert choose_password(open_link(link.token)).status_code == 410


def test_starting_again_sends_the_link_to_its_owner_only(people):
    agent = people.aemo.agent
    with_account(agent)
    client = client_for(people.aemo_lead)
    page = client.post(reverse("directory:start_again", args=[agent.pk]), {"function": str(people.aemo.pk)})
    assert "/connexion/invitation/" in mail.outbox[0].body
    assert "/connexion/invitation/" not in page.content.decode()
    assert mail.outbox[0].to == [agent.email]
    assert reads.device(agent) is None


def test_an_invitation_never_gives_away_an_account_of_another_service(people):
    actions.invite(
        by=by(people.pjj_lead), email="partagee@mireval.example", first_name="Zoé", last_name="Brun",
        organisation=people.pjj_service, role="pjj", now=timezone.now(),
    )  # fmt: skip
    found = invited(people, email="partagee@mireval.example")
    assert found.token is None
    with pytest.raises(AccessRefused):
        actions.renew_invitation(by=by(people.aemo_lead), agent=found.agent, now=timezone.now())


def test_nobody_resets_their_own_account_or_their_controllers(people):
    for who, agent in (
        (people.coordinator, people.coordinator.agent),
        (people.coordinator, people.dpo.agent),
        (people.coordinator, people.sysadmin.agent),
        (people.aemo_lead, people.pjj.agent),
        (people.aemo, people.unsigned.agent),
        (people.dpo, people.pjj.agent),
        (people.stranger, people.pjj.agent),
        (people.ended, people.pjj.agent),
    ):
        with pytest.raises(AccessRefused):
            actions.renew_invitation(by=by(who), agent=agent, now=timezone.now())


def test_the_administrator_sends_links_without_seeing_them(people):
    client = client_for(people.sysadmin)
    page = client.post(reverse("directory:new_link", args=[people.pjj.agent_id]))
    assert page.status_code == 200
    assert "/connexion/invitation/" not in page.content.decode()
    assert len(mail.outbox) == 1
