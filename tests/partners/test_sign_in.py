"""Signing in through the real pages: two factors for everybody, the same answer for unknown names."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from casework.audit import Act
from casework.partners import actions, throttle
from casework.partners.models import AgentSession, Mandate, SignInCounter
from casework.partners.session_store import stored_key
from tests.partners.helpers import (
    PASSWORD,
    by_self,
    code,
    events,
    give_code,
    give_password,
    is_in,
    sign_in,
    with_account,
)

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.rule("MFA-01", "MFA-04")
def test_the_password_alone_opens_nothing(people):
    with_account(people.pjj.agent)
    client = Client()
    response = give_password(client, people.pjj.agent.email)
    assert response.url == reverse("partners:second_factor")
    assert not is_in(client)
    assert "_auth_user_id" not in client.session
    assert client.get(reverse("desk:work")).status_code == 302


@pytest.mark.rule("MFA-01", "MFA-04")
@pytest.mark.parametrize("who", ["coordinator", "mayor", "dpo", "sysadmin", "pjj", "education"])
def test_every_role_enters_with_both_factors(people, who):
    agent = people.mandates[who].agent
    with_account(agent)
    assert is_in(sign_in(agent))
    assert events(Act.SIGN_IN).count() == 1


@pytest.mark.rule("MFA-04")
def test_an_account_without_phone_does_not_enter_by_its_password(people):
    agent = people.pjj.agent
    agent.set_password(PASSWORD)
    agent.save()
    client = Client()
    response = give_password(client, agent.email)
    assert response.status_code == 422
    assert "première connexion" in response.content.decode()
    assert client.get(reverse("partners:enrol")).status_code == 302, "enrolling needs the invitation"


@pytest.mark.rule("MFA-02")
def test_no_code_travels_by_mail(people, mailoutbox):
    with_account(people.pjj.agent)
    sign_in(people.pjj.agent)
    assert mailoutbox == []


def test_a_code_with_spaces_enters(people):
    with_account(people.pjj.agent)
    client = Client()
    give_password(client, people.pjj.agent.email.upper())
    typed = code()
    assert give_code(client, f" {typed[:3]} {typed[3:]} ").status_code == 302
    assert is_in(client)


def test_a_wrong_code_does_not_enter_and_is_recorded(people):
    with_account(people.pjj.agent)
    client = Client()
    give_password(client, people.pjj.agent.email)
    assert give_code(client, "000000").status_code == 422
    assert not is_in(client)
    assert events(Act.SIGN_IN_FAILED, "second_factor").count() == 1


def test_the_time_between_password_and_code_is_short(people):
    with_account(people.pjj.agent)
    client = Client()
    give_password(client, people.pjj.agent.email)
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1), tick=False):
        response = give_code(client, code())
        assert response.url == reverse("partners:sign_in")
        assert not is_in(client)


def test_a_recovery_code_enters_once(people):
    agent = people.pjj.agent
    with_account(agent)
    codes = actions.regenerate_recovery_codes(by=by_self(agent), agent=agent, now=timezone.now())
    for expected in (True, False):
        client = Client()
        give_password(client, agent.email)
        give_code(client, codes[0], **{"with": "recovery"})
        assert is_in(client) is expected


def test_unknown_and_known_names_get_the_same_answer_for_the_same_work(people):
    with_account(people.pjj.agent)
    agent = people.aemo.agent
    agent.set_unusable_password()
    agent.save()
    closed = people.mds.agent
    with_account(closed)
    closed.is_active = False
    closed.save()
    give_password(Client(), "avant@nulle-part.example", "Autre-chose-1")  # the network's counter exists
    seen = []
    hashed = Argon2PasswordHasher.encode
    for email in (people.pjj.agent.email, "personne@nulle-part.example", agent.email, closed.email):
        client = Client()
        client.get(reverse("partners:sign_in"))
        password = PASSWORD if email == closed.email else "Autre-chose-1"
        with (
            mock.patch.object(Argon2PasswordHasher, "encode", autospec=True, side_effect=hashed) as encode,
            mock.patch.object(
                Argon2PasswordHasher, "verify", autospec=True, side_effect=Argon2PasswordHasher.verify
            ) as verify,
            CaptureQueriesContext(
                connection,
            ) as queries,
        ):
            response = give_password(client, email, password)
        body = response.content.decode().replace(email, "")
        shapes = [query["sql"].split()[0] for query in queries.captured_queries]
        seen.append((response.status_code, encode.call_count + verify.call_count, shapes, _plain(body)))
    assert len({repr(answer[:3]) for answer in seen}) == 1, [answer[:3] for answer in seen]
    assert len({answer[3] for answer in seen}) == 1


def _plain(body: str) -> str:
    """Return a page without its tokens, which change each time."""
    import re

    return re.sub(r'(csrfmiddlewaretoken" value=|data-csrf=|X-CSRFToken": )"[^"]*"', "", body)


def test_guessing_gets_slower_for_one_name_and_forgets_in_an_hour(people):
    with_account(people.pjj.agent)
    email = people.pjj.agent.email
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(5):
            client = Client()
            give_password(client, email, "Faux-mot-1!x")
            clock.shift(timedelta(seconds=1))
        refused = give_password(Client(), email)
        assert refused.status_code == 422
        assert "Trop d’essais" in refused.content.decode(), "even the right password waits"
        other = give_password(Client(), "inconnu@mireval.example", "Faux-mot-1!x")
        assert "Trop d’essais" not in other.content.decode()
        clock.shift(timedelta(hours=1))
        assert give_password(Client(), email).status_code == 302


def test_unknown_names_are_slowed_down_too(people):
    for _ in range(5):
        give_password(Client(), "inconnu@mireval.example", "Faux-mot-1!x")
    assert "Trop d’essais" in give_password(Client(), "inconnu@mireval.example", "x").content.decode()


def test_counters_hold_no_name(people):
    give_password(Client(), "inconnu@mireval.example", "Faux-mot-1!x")
    keys = list(SignInCounter.objects.values_list("key_hash", flat=True))
    assert keys
    assert all(len(key) == 64 and "inconnu" not in key for key in keys)


def test_delays_grow_and_stop_growing():
    delays = [throttle.delay("account", failures).total_seconds() for failures in range(1, 20)]
    assert delays[:3] == [0, 0, 0]
    assert delays == sorted(delays)
    assert delays[-1] == 900


@pytest.mark.attack("T-45")
def test_signing_in_changes_the_session_key_and_closes_the_others(people):
    agent = people.pjj.agent
    with_account(agent)
    first = sign_in(agent)
    before = first.session.session_key
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        client = Client()
        client.get(reverse("partners:sign_in"))
        give_password(client, agent.email)
        half_way = client.session.session_key
        give_code(client, code())
        assert client.session.session_key != half_way
        assert is_in(client)
        assert not is_in(first)
    assert not AgentSession.objects.filter(session_key=stored_key(before), agent_id__isnull=False).exists()
    page = first.get(reverse("partners:sign_in")).content.decode()
    assert "sur un autre poste" in page, "whoever was put out is told"
    assert "sur un autre poste" not in first.get(reverse("partners:sign_in")).content.decode()


@pytest.mark.attack("T-45")
def test_a_stored_session_key_does_not_sign_in(people):
    agent = people.pjj.agent
    with_account(agent)
    client = sign_in(agent)
    row = AgentSession.objects.get(agent_id=agent.pk)
    assert row.session_key != client.session.session_key
    thief = Client()
    thief.cookies["session"] = row.session_key
    assert not is_in(thief)
    thief.cookies["session"] = client.session.session_key
    assert is_in(thief), "the control: the cookie itself does"


@pytest.mark.parametrize(
    ("given", "goes"),
    [
        ("/compte/", "/compte/"),
        ("https://ailleurs.example/", "/"),
        ("//ailleurs.example/", "/"),
        ("/connexion/verrouillage", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_the_way_back_stays_here(people, given, goes):
    with_account(people.pjj.agent)
    client = Client()
    give_password(client, people.pjj.agent.email, next=given)
    assert give_code(client, code()).url == goes


def test_signing_out_closes_the_session_in_the_base(people):
    agent = people.pjj.agent
    with_account(agent)
    client = sign_in(agent)
    assert client.get(reverse("partners:sign_out")).status_code == 405
    client.post(reverse("partners:sign_out"))
    assert not AgentSession.objects.filter(agent_id=agent.pk).exists()
    assert not is_in(client)


def test_demo_entrances_exist_in_the_demo_only(people, settings):
    url = reverse("partners:demo_sign_in", args=[people.pjj.agent_id])
    assert Client().post(url).status_code == 404
    assert "Entrer dans la ville fictive" not in Client().get(reverse("partners:sign_in")).content.decode()
    settings.IS_DEMO = True
    client = Client()
    assert people.pjj.agent.full_name in client.get(reverse("partners:sign_in")).content.decode()
    assert client.post(url).status_code == 302
    assert is_in(client)
    assert Client().post(reverse("partners:demo_sign_in", args=[uuid4()])).status_code == 404
    settings.IS_PRODUCTION = True
    assert Client().post(url).status_code == 404


def test_an_agent_without_function_enters_and_opens_nothing(people):
    with_account(people.idle)
    client = sign_in(people.idle)
    assert is_in(client)
    assert client.get(reverse("directory:services")).status_code == 404


def test_a_closed_account_is_out_at_once(people):
    agent = people.pjj.agent
    with_account(agent)
    client = sign_in(agent)
    agent.is_active = False
    agent.save()
    assert not is_in(client)


def test_switching_function_is_one_click_and_only_to_ones_own(people):
    agent = people.pjj.agent
    with_account(agent)
    second = Mandate.objects.create(
        agent=agent, organisation=people.accredited, territory=people.territory, role="sah",
        starts_at=people.since, charter_signed_at=people.since, charter_version=1,
    )  # fmt: skip
    client = sign_in(agent)
    assert client.post(reverse("partners:switch_mandate"), {"mandate": str(second.pk)}).status_code == 302
    assert client.get(reverse("partners:account")).wsgi_request.viewer.mandate_id == second.pk
    assert client.post(reverse("partners:switch_mandate"), {"mandate": str(people.aemo.pk)}).status_code == 404
    assert client.get(reverse("partners:account")).wsgi_request.viewer.mandate_id == second.pk
    agent.refresh_from_db()
    assert agent.last_mandate_id == second.pk
