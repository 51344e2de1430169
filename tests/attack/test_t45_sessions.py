"""T-45: what a dump of the sessions gives (nothing), and when a session ends by itself."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.signed_cookies import SessionStore as Signed
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casework.partners import actions, session_state
from casework.partners.models import AgentSession
from casework.partners.session_store import SessionStore, opened_body, sealed_body, stored_key
from tests.partners.helpers import by, is_in, sign_in, with_account
from tests.people import client_for

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.attack("T-45")]


def row_of(client: Client) -> AgentSession:
    return AgentSession.objects.get(session_key=stored_key(client.session.session_key))


def test_the_body_of_a_session_cannot_be_read(people):
    client = client_for(people.pjj)
    stored = row_of(client).session_data
    found = base64.b64decode(stored)
    for secret in (str(people.pjj.agent_id), str(people.pjj.pk), "stepped_up", SESSION_KEY):
        assert secret.encode() not in found
        assert secret not in stored


def test_the_session_of_somebody_else_copied_into_mine_is_empty(people):
    mine, theirs = client_for(people.aemo), client_for(people.coordinator)
    AgentSession.objects.filter(pk=row_of(mine).pk).update(session_data=row_of(theirs).session_data)
    assert not is_in(mine)
    assert opened_body(row_of(theirs))[SESSION_KEY] == str(people.coordinator.agent_id)


def test_a_body_made_with_the_secret_key_of_the_site_is_empty(people):
    """Django signs session bodies with SECRET_KEY alone: here that is not enough."""
    mine = client_for(people.aemo)
    body = {SESSION_KEY: str(people.coordinator.agent_id)}
    AgentSession.objects.filter(pk=row_of(mine).pk).update(session_data=Signed().encode(body))
    assert not is_in(mine)


def test_a_body_sealed_for_another_place_is_empty(people):
    client = client_for(people.pjj)
    AgentSession.objects.filter(pk=row_of(client).pk).update(session_data=sealed_body("elsewhere", {"a": 1}))
    assert opened_body(row_of(client)) == {}


def test_an_end_postponed_by_sql_changes_nothing(people):
    client = client_for(people.pjj)
    AgentSession.objects.filter(pk=row_of(client).pk).update(expire_date=timezone.now() + timedelta(days=900))
    with time_machine.travel(timezone.now() + timedelta(hours=10, seconds=1), tick=False):
        assert not is_in(client)


def test_a_session_is_kept_under_a_hash(people):
    store = SessionStore()
    store["a"] = 1
    store.create()
    assert not AgentSession.objects.filter(session_key=store.session_key).exists()
    assert SessionStore(session_key=store.session_key).load() == {"a": 1}
    assert SessionStore(session_key=stored_key(store.session_key)).load() == {}


@pytest.mark.parametrize("how", ["account_closed", "mandate_ended", "access_reissued", "password_changed_by_link"])
def test_sessions_end_with_what_they_rest_on(people, how):
    agent = people.aemo.agent
    with_account(agent)
    client = sign_in(agent)
    assert is_in(client)
    lead, now = by(people.aemo_lead), timezone.now()
    if how == "account_closed":
        actions.close_account(by=by(people.coordinator), agent=agent, now=now)
    elif how == "mandate_ended":
        actions.end_mandate(by=lead, mandate_id=people.aemo.pk, reason="left", now=now)
    elif how == "access_reissued":
        actions.reissue_access(by=lead, agent=agent, now=now)
    else:
        from tests.partners.helpers import choose_password, open_link

        link = actions.renew_invitation(by=lead, agent=agent, now=now)
        choose_password(open_link(link.token or ""))
    assert not is_in(client)


def test_a_second_device_may_follow_an_open_meeting(people, settings):
    agent = people.pjj.agent
    with_account(agent)
    room = sign_in(agent)
    session = room.session
    session_state.open_meeting(session, timezone.now() + timedelta(hours=2))
    session.save()
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert is_in(sign_in(agent))
        assert is_in(room), "the projected meeting goes on"


def test_no_name_goes_into_a_session(people):
    client = client_for(people.pjj)
    client.get(reverse("partners:account"))
    words = str(opened_body(row_of(client)))
    for name in (people.pjj.agent.last_name, people.pjj.agent.first_name, people.pjj.agent.email):
        assert name not in words
