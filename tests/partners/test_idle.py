"""Accounts nobody uses: warned without a word about anybody, closed a month later, opened again by a person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from casework.audit import Act
from casework.casefile import daily, mailer
from casework.desk import partners_desk
from casework.partners import actions, genuine
from casework.partners.models import Agent, AgentSession
from tests.partners.helpers import by, events, sign_in, with_account

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def quiet(agent: Agent, days: float) -> Agent:
    """Let an agent have signed in some days ago for the last time."""
    Agent.objects.filter(pk=agent.pk).update(last_login=timezone.now() - timedelta(days=days))
    return Agent.objects.get(pk=agent.pk)


@pytest.fixture
def everybody_else_is_here(people):
    Agent.objects.update(last_login=timezone.now())
    return people


def warned(now=None) -> int:
    return partners_desk.warn_idle(now or timezone.now())


@pytest.mark.parametrize(("days", "told"), [(59.9, 0), (60.1, 1), (400, 1)])
def test_two_months_of_silence_warn_once(everybody_else_is_here, days, told):
    agent = quiet(everybody_else_is_here.pjj.agent, days)
    assert warned() == told
    assert warned() == 0
    posted = [each for each in mailer.messages(limit=10) if each.to == agent.email]
    assert len(posted) == told
    for message in posted:
        words = f"{message.subject} {message.body}"
        for name in (agent.last_name, agent.first_name, "Mireval", "PJJ", "cellule", "situation", "http"):
            assert name not in words


def test_a_month_after_the_warning_the_account_closes(everybody_else_is_here):
    people, now = everybody_else_is_here, timezone.now()
    agent = quiet(people.pjj.agent, 61)
    AgentSession.objects.create(
        session_key="x" * 40, session_data="", expire_date=now + timedelta(days=1), agent_id=agent.pk, started_at=now,
        seen_at=now,
    )  # fmt: skip
    warned()
    assert actions.close_idle(now + timedelta(days=29, hours=23)) == 0
    assert actions.close_idle(now + timedelta(days=30, hours=1)) == 1
    closed = Agent.objects.get(pk=agent.pk)
    assert not closed.is_active
    assert genuine.checked(closed) is not None
    assert not AgentSession.objects.filter(agent_id=agent.pk).exists()
    assert events(Act.REVOKE, "idle").count() == 1


def test_a_sign_in_between_starts_again_from_nothing(everybody_else_is_here):
    people, now = everybody_else_is_here, timezone.now()
    agent = quiet(people.pjj.agent, 61)
    warned()
    with_account(agent)
    sign_in(agent)
    assert actions.close_idle(now + timedelta(days=45)) == 0
    assert warned(now + timedelta(days=61)) >= 1
    assert actions.close_idle(now + timedelta(days=62)) == 0, "the warning of this absence is a day old"


def test_an_account_reopened_by_a_person_stays_open(everybody_else_is_here):
    people, now = everybody_else_is_here, timezone.now()
    agent = quiet(people.pjj.agent, 61)
    warned()
    actions.close_idle(now + timedelta(days=31))
    actions.reopen_account(by=by(people.coordinator), agent=agent, now=now + timedelta(days=40))
    assert actions.close_idle(now + timedelta(days=41)) == 0
    assert Agent.objects.get(pk=agent.pk).is_active


@pytest.mark.parametrize("who", ["sysadmin", "dpo"])
def test_whoever_can_let_others_in_is_not_shut_out_by_a_machine(everybody_else_is_here, who):
    now = timezone.now()
    quiet(getattr(everybody_else_is_here, who).agent, 61)
    assert warned() == 1
    assert actions.close_idle(now + timedelta(days=90)) == 0


def test_somebody_invited_who_never_came_is_closed_too(everybody_else_is_here):
    now = timezone.now()
    agent = everybody_else_is_here.idle
    Agent.objects.filter(pk=agent.pk).update(last_login=None, created_at=now - timedelta(days=70))
    assert warned() == 1
    assert actions.close_idle(now + timedelta(days=31)) == 1


def test_the_nightly_job_does_it():
    assert {"partners.warn_idle", "partners.close_idle", "partners.give_back"} <= set(daily.steps())
