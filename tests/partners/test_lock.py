"""The idle lock: fifteen minutes, the password alone reopens, nothing lost; ten hours at most."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.backends.base import SessionBase
from django.urls import reverse
from django.utils import timezone

from casework.audit import Act
from casework.partners import session_state
from casework.partners.session_state import SessionState
from tests.partners.helpers import PASSWORD, code, events, is_in, sign_in, with_account

PAGE = "/compte/"


class Memory(SessionBase):
    """A session in memory."""


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "open"), (899, "open"), (900, "locked"), (35_999, "locked"), (36_000, "over")],
)
@pytest.mark.attack("T-45")
def test_limits_of_a_quiet_session(seconds, expected):
    session, now = Memory(), timezone.now().replace(microsecond=0)
    session_state.begin(session, mandate_id=None, now=now)
    assert session_state.state(session, now + timedelta(seconds=seconds)) == expected


def test_activity_postpones_the_lock_but_not_the_end():
    session, start = Memory(), timezone.now().replace(microsecond=0)
    session_state.begin(session, mandate_id=None, now=start)
    for minutes in range(10, 600, 10):
        moment = start + timedelta(minutes=minutes)
        assert session_state.state(session, moment) is SessionState.OPEN
        session_state.touch(session, moment)
    assert session_state.state(session, start + timedelta(hours=10)) is SessionState.OVER


@pytest.mark.parametrize(("minutes", "expected"), [(44, "open"), (45, "locked")])
def test_a_running_meeting_waits_forty_five_minutes(minutes, expected):
    session, now = Memory(), timezone.now().replace(microsecond=0)
    session_state.begin(session, mandate_id=None, now=now)
    session_state.open_meeting(session, now + timedelta(hours=3))
    assert session_state.state(session, now + timedelta(minutes=minutes)) == expected
    session_state.open_meeting(session, None)
    assert session_state.state(session, now + timedelta(minutes=minutes)) is SessionState.LOCKED


def test_a_session_without_clocks_is_over():
    assert session_state.state(Memory(), timezone.now()) is SessionState.OVER


def test_step_up_is_fresh_for_five_minutes():
    session, now = Memory(), timezone.now().replace(microsecond=0)
    session_state.begin(session, mandate_id=None, now=now)
    assert session_state.factor_is_fresh(session, now + timedelta(seconds=299))
    assert not session_state.factor_is_fresh(session, now + timedelta(seconds=300))
    assert not session_state.factor_is_fresh(session, now - timedelta(seconds=1)), "a clock set back"


@pytest.mark.django_db(databases="__all__")
def test_after_fifteen_quiet_minutes_the_password_reopens_the_same_page(people):
    agent = people.pjj.agent
    with_account(agent)
    client = sign_in(agent)
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        locked = client.get(PAGE)
        assert locked.status_code == 302
        assert locked.url.startswith(reverse("partners:lock"))
        shown = client.get(locked.url)
        assert "Session verrouillée" in shown.content.decode()
        wrong = client.post(reverse("partners:unlock"), {"password": "Autre-1-chose", "next": PAGE})
        assert wrong.status_code == 422
        assert not is_in(client)
        reopened = client.post(reverse("partners:unlock"), {"password": PASSWORD, "next": PAGE})
        assert reopened.url == PAGE
        assert is_in(client)


@pytest.mark.django_db(databases="__all__")
def test_locking_by_hand_is_recorded_and_holds(people):
    agent = people.pjj.agent
    with_account(agent)
    client = sign_in(agent)
    response = client.post(reverse("partners:lock"), {"next": PAGE})
    assert response.url.endswith("next=%2Fcompte%2F")
    assert not is_in(client)
    assert events(Act.LOCK).count() == 1
    assert client.get(reverse("partners:lock")).status_code == 200, "a GET does not unlock"


@pytest.mark.django_db(databases="__all__")
def test_in_a_meeting_the_code_of_the_phone_reopens_no_password_in_public(people):
    agent = people.pjj.agent
    with_account(agent)
    client = sign_in(agent)
    session = client.session
    session_state.open_meeting(session, timezone.now() + timedelta(hours=3))
    session_state.lock(session)
    session.save()
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        page = client.get(reverse("partners:lock")).content.decode()
        assert "Code à 6 chiffres" in page
        assert agent.full_name not in page, "the screen may be projected"
        assert client.post(reverse("partners:unlock"), {"password": PASSWORD}).status_code == 422
        assert client.post(reverse("partners:unlock"), {"code": code(), "next": PAGE}).url == PAGE
        assert is_in(client)


@pytest.mark.django_db(databases="__all__")
def test_after_ten_hours_one_signs_in_again(people):
    agent = people.pjj.agent
    with_account(agent)
    client = sign_in(agent)
    session = client.session
    with time_machine.travel(timezone.now() + timedelta(hours=10, seconds=1), tick=False):
        session_state.unlock(session, timezone.now())
        session.save()
        response = client.get(PAGE)
        assert response.url.startswith(reverse("partners:sign_in"))


@pytest.mark.django_db(databases="__all__")
def test_sensitive_acts_on_ones_account_ask_for_the_code_again(people):
    agent = people.pjj.agent
    with_account(agent)
    client = sign_in(agent)
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        asked = client.post(reverse("partners:recovery_codes"))
        assert asked.status_code == 401
        assert "Confirmez que c’est vous" in asked.content.decode()
        shown = client.post(reverse("partners:recovery_codes"), {"confirm_code": code()})
        assert "Vos codes de secours" in shown.content.decode()
