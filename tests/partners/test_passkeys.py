"""Security keys beside the phone: enrolment by a link only, one signature per challenge, nothing forged (MFA-01, T-36)."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casework.audit import Act
from casework.errors import AccessRefused, GuardRefused
from casework.partners import actions, genuine, passkeys, reads
from casework.partners.models import Agent, AgentSession, Invitation, Passkey, TotpDevice
from tests.partners.authenticator import ORIGIN, Authenticator
from tests.partners.helpers import (
    by_self,
    choose_password,
    code,
    events,
    give_password,
    invited,
    is_in,
    open_link,
    sign_in,
    with_account,
)
from tests.people import client_of

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.rule("MFA-01", "MFA-03")]

ADD = "partners:add_passkey"


def options_in(response) -> str:
    """Return the options that the page gives to the browser."""
    found = re.search(r'data-options="([^"]+)"', response.content.decode())
    assert found is not None, response.content.decode()[:400]
    return html.unescape(found[1])


def add(client: Client, key: Authenticator, name: str = "clé du bureau"):
    """Add a key through the page."""
    asked = options_in(client.get(reverse(ADD)))
    return client.post(reverse(ADD), {"name": name, "passkey": key.create(asked)})


def with_key(agent: Agent, key: Authenticator) -> Client:
    """Give an agent a password, a phone and a key; return the browser that added it."""
    with_account(agent)
    client = sign_in(agent)
    assert add(client, key).status_code == 302
    return client


def half_way(agent: Agent) -> tuple[Client, str]:
    """Return a browser that gave the password, and what its page asks a key to sign."""
    client = Client()
    assert give_password(client, agent.email).status_code == 302
    return client, options_in(client.get(reverse("partners:second_factor")))


@pytest.mark.rule("MFA-04")
def test_a_newcomer_enters_with_a_key_and_no_phone(people):
    key = Authenticator()
    link = invited(people)
    client = open_link(link.token or "")
    choose_password(client)
    page = add(client, key)
    codes = re.findall(r"[2-9A-Z]{5}-[2-9A-Z]{5}", page.content.decode())
    assert len(codes) == 8
    assert is_in(client)
    agent = link.agent
    assert reads.device(agent) is None
    assert Invitation.objects.get(agent=agent).used_at is not None
    again, asked = half_way_with(agent, "sept petits mots pour ouvrir la porte")
    assert again.post(reverse("partners:second_factor"), {"passkey": key.get(asked)}).status_code == 302
    assert is_in(again)


def half_way_with(agent: Agent, password: str) -> tuple[Client, str]:
    client = Client()
    assert give_password(client, agent.email, password).status_code == 302
    return client, options_in(client.get(reverse("partners:second_factor")))


def test_a_link_serves_once_whatever_the_factor(people):
    link = invited(people)
    client = open_link(link.token or "")
    choose_password(client)
    other = open_link(link.token or "")
    choose_password(other)
    assert add(client, Authenticator()).status_code == 200
    asked = other.get(reverse(ADD))
    late = other.post(reverse(ADD), {"name": "x", "passkey": Authenticator().create(options_in(asked))})
    assert late.status_code == 410
    assert Passkey.objects.filter(user=link.agent).count() == 1


@pytest.mark.attack("T-45")
def test_a_stolen_password_does_not_choose_its_own_factor(people):
    agent = people.pjj.agent
    agent.set_password("sept petits mots pour ouvrir la porte")
    agent.save()
    client = Client()
    give_password(client, agent.email, "sept petits mots pour ouvrir la porte")
    assert client.get(reverse(ADD)).url == reverse("partners:sign_in")
    material = passkeys.Material(b"id", b"key", 0, ())
    with pytest.raises(AccessRefused):
        actions.add_passkey(by=by_self(agent), agent=agent, name="x", material=material, now=timezone.now())


def test_signing_in_with_a_key(people):
    key, agent = Authenticator(), people.pjj.agent
    with_key(agent, key)
    client, asked = half_way(agent)
    assert client.post(reverse("partners:second_factor"), {"passkey": key.get(asked)}).status_code == 302
    assert is_in(client)
    row = Passkey.objects.get(user=agent)
    assert row.sign_count == key.count
    assert row.used_at is not None
    assert genuine.checked(row) is not None


@pytest.mark.rule("MFA-02")
def test_the_key_alone_is_not_enough(people):
    key, agent = Authenticator(), people.pjj.agent
    with_key(agent, key)
    assert Client().post(reverse("partners:second_factor"), {"passkey": "{}"}).url == reverse("partners:sign_in")


@pytest.mark.attack("T-45")
@pytest.mark.parametrize(
    "wrong", ["replayed", "other_challenge", "other_site", "other_key", "copied_key", "other_purpose", "absent", "late"]
)
def test_what_a_key_must_not_pass(people, wrong):
    key, agent = Authenticator(), people.pjj.agent
    member = with_key(agent, key)
    client, asked = half_way(agent)
    if wrong == "replayed":
        answer = key.get(asked)
        assert client.post(reverse("partners:second_factor"), {"passkey": answer}).status_code == 302
        client, _ = half_way(agent)
    elif wrong == "other_challenge":
        answer = key.get({"challenge": "A" * 43})
    elif wrong == "other_site":
        key.origin = "https://casework.example.com"
        answer = key.get(asked)
    elif wrong == "other_key":
        stranger = Authenticator()
        stranger.id = key.id
        stranger.count = 50
        answer = stranger.get(asked)
    elif wrong == "copied_key":
        key.count = 0
        answer = key.get(asked)
    elif wrong == "other_purpose":
        answer = key.get(options_in(member.get(reverse("partners:confirm"))))
    elif wrong == "absent":
        answer = key.get(asked, flags=0)
    else:
        answer = key.get(asked)
    with time_machine.travel(timezone.now() + timedelta(minutes=6 if wrong == "late" else 0), tick=False):
        refused = client.post(reverse("partners:second_factor"), {"passkey": answer})
        assert refused.status_code == 422
        assert "Cette clé ne convient pas" in refused.content.decode()
        assert not is_in(client)
    assert events(Act.SIGN_IN_FAILED, "second_factor").exists()


@pytest.mark.parametrize(
    "answer", ["{", "[]", "null", '{"rawId": 3}', '{"response": {"clientDataJSON": "!!"}}', "é" * 30_000]
)
def test_nonsense_is_refused_quietly(people, answer):
    agent = people.pjj.agent
    with_key(agent, Authenticator())
    client, _ = half_way(agent)
    assert client.post(reverse("partners:second_factor"), {"passkey": answer}).status_code == 422


@pytest.mark.django_db(databases="__all__", transaction=True)
@pytest.mark.attack("T-36")
@pytest.mark.parametrize("column", ["user", "subject_id", "sign_count", "key_hash", "material"])
def test_a_key_changed_by_sql_opens_nothing(people, column):
    genuine.forget_what_was_told()
    key, agent, other = Authenticator(), people.pjj.agent, people.aemo.agent
    with_key(agent, key)
    stranger = Authenticator()
    with_key(other, stranger)
    mine, theirs = Passkey.objects.get(user=agent), Passkey.objects.get(user=other)
    from casework.sealing.fields import stored_values

    with stored_values():
        blob = theirs.material
    from django.db import connection

    new = {"user": other.pk, "subject_id": other.pk, "sign_count": 0, "key_hash": "0" * 64}
    with connection.cursor() as cursor:
        if column == "material":
            cursor.execute(
                "UPDATE partners_passkey SET material = %s, key_hash = %s WHERE id = %s",
                [
                    blob.blob,
                    passkeys.key_hash(stranger.id)[:-1] + "0",
                    Passkey._meta.pk.get_db_prep_save(mine.pk, connection),
                ],
            )
        else:
            name = {"user": "user_id"}.get(column, column)
            value = Passkey._meta.get_field(column).get_db_prep_save(new[column], connection)
            cursor.execute(
                f'UPDATE partners_passkey SET "{name}" = %s WHERE id = %s',
                [value, Passkey._meta.pk.get_db_prep_save(mine.pk, connection)],
            )
    holder = other if column == "user" else agent
    assert mine.pk not in {row.pk for row in reads.passkeys(holder)}
    assert events(Act.INTEGRITY_FAIL).filter(object_type="partners.passkey").exists()


def test_confirming_with_a_key(people):
    key, agent = Authenticator(), people.pjj.agent
    client = with_key(agent, key)
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        asked = client.post(reverse("partners:recovery_codes"))
        assert asked.status_code == 401
        answer = key.get(options_in(asked))
        shown = client.post(reverse("partners:recovery_codes"), {"confirm_passkey": answer})
        assert "Vos codes de secours" in shown.content.decode()


def test_adding_a_key_asks_who_is_there(people):
    agent = people.pjj.agent
    with_account(agent)
    client = client_of(agent, now=timezone.now() - timedelta(minutes=6))
    assert client.get(reverse(ADD)).url.startswith(reverse("partners:confirm"))


def test_a_change_of_factor_closes_the_other_sessions(people):
    agent = people.pjj.agent
    with_account(agent)
    other, client = client_of(agent), client_of(agent)
    add(client, Authenticator())
    assert is_in(client)
    assert not is_in(other)
    other = client_of(agent)
    assert AgentSession.objects.filter(agent_id=agent.pk).count() == 2
    client.post(reverse("partners:remove_passkey", args=[Passkey.objects.get(user=agent).pk]))
    assert is_in(client)
    assert not is_in(other)


def test_keys_are_named_and_removed_by_their_owner_alone(people):
    key, agent = Authenticator(), people.pjj.agent
    client = with_key(agent, key)
    row = Passkey.objects.get(user=agent)
    prefix = str(row.pk)[:8]
    client.post(reverse("partners:rename_passkey", args=[row.pk]), {f"{prefix}-name": "clé de secours"})
    assert "clé de secours" in client.get(reverse("partners:account")).content.decode()
    stranger = client_of(people.aemo.agent)
    assert stranger.post(reverse("partners:remove_passkey", args=[row.pk])).status_code == 404
    assert stranger.post(reverse("partners:rename_passkey", args=[row.pk]), {f"{prefix}-name": "x"}).status_code == 404
    assert Passkey.objects.get(pk=row.pk).name == "clé de secours"


@pytest.mark.rule("MFA-04")
def test_the_last_factor_stays(people):
    key, agent = Authenticator(), people.pjj.agent
    with_key(agent, key)
    TotpDevice.objects.filter(user=agent).delete()
    with pytest.raises(GuardRefused):
        actions.remove_passkey(
            by=by_self(agent), agent=agent, passkey_id=Passkey.objects.get(user=agent).pk, keep_session="",
            now=timezone.now(),
        )  # fmt: skip


def test_a_key_belongs_to_one_account(people):
    key = Authenticator()
    with_key(people.pjj.agent, key)
    with_account(people.aemo.agent)
    client = sign_in(people.aemo.agent)
    refused = add(client, key)
    assert refused.status_code == 422
    assert "déjà reliée" in refused.content.decode()


def test_starting_an_account_again_takes_its_keys_away(people):
    from tests.partners.helpers import by

    agent = people.aemo.agent
    with_key(agent, Authenticator())
    actions.reissue_access(by=by(people.aemo_lead), agent=agent, now=timezone.now())
    assert not Passkey.objects.filter(user=agent).exists()


def test_neither_the_public_key_nor_its_name_elsewhere_is_readable(people):
    key, agent = Authenticator(), people.pjj.agent
    with_key(agent, key)
    row = Passkey.objects.get(user=agent)
    assert key.id.hex() not in row.key_hash
    from casework.errors import Unaudited

    with pytest.raises(Unaudited):
        _ = row.material


def test_the_options_name_no_other_key_and_ask_for_no_finger(people):
    import json

    key, agent = Authenticator(), people.pjj.agent
    with_key(agent, key)
    _, asked = half_way(agent)
    options = json.loads(asked)
    assert options["userVerification"] == "discouraged"
    assert len(options["allowCredentials"]) == 1
    assert options["rpId"] == "testserver"


def test_production_believes_its_settings_and_not_the_request(people, settings, rf):
    from casework.access.accounts import factors

    request = rf.get("/", headers={"Host": "testserver"})
    assert factors.origin(request) == ORIGIN
    settings.IS_PRODUCTION, settings.BASE_URL = True, "https://cellule.example.fr/chemin"
    assert factors.origin(request) == "https://cellule.example.fr"


def test_the_code_of_the_phone_still_serves(people):
    agent = people.pjj.agent
    with_key(agent, Authenticator())
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        client, _ = half_way(agent)
        assert client.post(reverse("partners:second_factor"), {"code": code()}).status_code == 302
        assert is_in(client)
