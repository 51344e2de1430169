"""T-36, second half: what the seals cannot see (a row put back, deleted, changed outside them), `audit_verify --rows` finds."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from casework.audit import verify
from casework.partners import reads
from casework.partners.models import Agent, Mandate
from tests.partners.helpers import (
    PHRASE,
    choose_password,
    code,
    enrol,
    give_code,
    give_password,
    invited,
    is_in,
    open_link,
    seed_of,
)

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.attack("T-36")]


def newcomer(people):
    """Return somebody who followed their link, enrolled, and signed in again two minutes later."""
    link = invited(people)
    client = open_link(link.token or "")
    choose_password(client)
    enrol(client, link.agent)
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        again = Client()
        give_password(again, link.agent.email, PHRASE)
        device = reads.device(link.agent)
        assert device is not None
        give_code(again, code(seed_of(device, link.agent)))
        assert is_in(again)
    return link


def faults() -> set[tuple[str, str]]:
    return {(fault.object_type, fault.code) for fault in verify.verify_rows()[1]}


def test_an_ordinary_day_of_sign_in_cries_no_tampering(people):
    newcomer(people)
    assert faults() == set()


def test_a_function_changed_by_sql_is_found(people):
    link = newcomer(people)
    Mandate.objects.filter(agent=link.agent).update(role="clspd_coordinator")
    assert ("partners.mandate", "changed") in faults()


def test_an_older_password_put_back_whole_is_found(people):
    """Its seal is right: it was written here, once."""
    from casework.partners import actions
    from tests.partners.helpers import OTHER, by_self

    link = newcomer(people)
    agent = Agent.objects.get(pk=link.agent.pk)
    old = Agent.objects.filter(pk=agent.pk).values("password", "revision", "mac").get()
    actions.change_password(by=by_self(agent), agent=agent, password=OTHER, keep_session="", now=timezone.now())
    assert faults() == set()
    Agent.objects.filter(pk=agent.pk).update(**old)
    assert ("partners.agent", "changed") in faults()


def test_a_function_deleted_by_sql_is_found(people):
    from casework.audit.models import AuditEvent

    link = newcomer(people)
    mandate = Mandate.objects.get(agent=link.agent)
    assert AuditEvent.objects.filter(object_type="partners.mandate").exists()
    Mandate.objects.filter(pk=mandate.pk).delete()
    assert ("partners.mandate", "missing") in faults()
