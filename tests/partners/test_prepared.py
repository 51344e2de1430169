"""Questions written once: the answers of the queryset, asked again each time, and no value taken for another."""

from __future__ import annotations

import threading
import uuid
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections
from django.urls import reverse
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.models import Device

from casework.access.attach import _ask_running, _running
from casework.partners.models import Mandate
from casework.partners.prepared import Prepared
from tests.people import client_for, device_of

pytestmark = pytest.mark.django_db(databases="__all__")


def _said(rows):
    return [
        (row, row.organisation.name, row.territory.name, row.starts_at, row.may_be_shut_out, row.has_requests)
        for row in rows
    ]


def test_it_answers_as_the_queryset_does(people, django_assert_num_queries):
    now = timezone.now()
    for mandate in people.mandates.values():
        with django_assert_num_queries(1):
            got = _said(_running.rows(agent=mandate.agent_id, now=now))
        assert got == _said(_ask_running(mandate.agent_id, now))
    assert _said(_running.rows(agent=people.pjj.agent_id, now=now))


@pytest.mark.attack("T-37")
@pytest.mark.rule("CLV-24")
def test_each_question_is_asked_at_its_own_instant(people):
    """Half-open: the instant a function ends it is over, though the text of the question was written before."""
    now, agent = timezone.now(), people.pjj.agent_id
    assert _running.rows(agent=agent, now=now) == [people.pjj]
    Mandate.objects.filter(pk=people.pjj.pk).update(ends_at=now + timedelta(seconds=1), end_reason="left")
    assert _running.rows(agent=agent, now=now) == [people.pjj]
    assert _running.rows(agent=agent, now=now + timedelta(seconds=1)) == []


@pytest.mark.parametrize(
    "values",
    [
        {"agent": "1 OR 1=1", "now": timezone.now()},
        {"agent": uuid.uuid4(), "now": datetime(2026, 1, 1)},  # noqa: DTZ001 - an instant without its zone
        {"agent": uuid.uuid4()},
        {"agent": None, "now": timezone.now()},
    ],
)
def test_a_value_of_another_kind_is_refused(values):
    with pytest.raises(TypeError):
        _running.rows(**values)


def test_a_value_that_the_query_does_not_hold_is_refused():
    """One that was worked out, or looked at, while the text was written would stay in it for ever."""
    worked_out = Prepared(lambda now: Mandate.objects.filter(starts_at__lte=now - timedelta(days=1)), now=datetime)
    with pytest.raises(TypeError):
        worked_out.rows(now=timezone.now())


def test_what_is_kept_holds_the_values_of_nobody(people):
    """Not even for a moment: whoever shared this connection would be answered for somebody else."""
    _running.rows(agent=people.pjj.agent_id, now=timezone.now())
    kept = _running._written()
    assert "as_sql" not in vars(kept.compiler)
    assert people.pjj.agent_id.hex not in f"{kept.sql}{kept.params}".replace("-", "")


def test_each_thread_keeps_the_words_of_its_own_connection(people):
    """A compiler holds its connection: used by another thread it would be refused, and its page with it."""
    _running.rows(agent=people.pjj.agent_id, now=timezone.now())
    written = {id(_running._written().compiler.connection)}

    def elsewhere():
        written.add(id(_running._written().compiler.connection))
        connections.close_all()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert len(written) == 2
    assert "_casework_prepared" not in vars(connection)


@pytest.mark.attack("T-45")
@pytest.mark.rule("MFA-01")
@pytest.mark.parametrize(
    "name",
    [
        "", "partners.totpdevice", "partners.totpdevice/", "partners.totpdevice/un", "partners.totpdevice/-1",
        f"partners.totpdevice/{1 << 128}", "partners.totpdevice/7", "partners.passkey/7", "partners.agent/7",
        "otp_totp.totpdevice/7",
    ],
)  # fmt: skip
def test_a_session_that_names_no_device_is_half_way(people, name):
    client = client_for(people.pjj)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = name
    session.save()
    assert client.get(reverse("desk:work"))["Location"].startswith(reverse("partners:second_factor"))


@pytest.mark.attack("T-45")
@pytest.mark.rule("MFA-01")
@pytest.mark.parametrize("change", [{"user": "aemo"}, {"confirmed": False}])
def test_a_device_of_somebody_else_or_not_confirmed_opens_nothing(people, change):
    client, device = client_for(people.pjj), device_of(people.pjj.agent)
    device.user = people.mandates[change.get("user", "pjj")].agent
    device.confirmed = change.get("confirmed", True)
    device.save()
    assert client.get(reverse("desk:work"))["Location"].startswith(reverse("partners:second_factor"))


def test_each_page_asks_for_the_device_in_words_written_once(people, monkeypatch):
    """django-otp lets us say how: the day it no longer does, pages get slower and nothing else tells."""
    client = client_for(people.pjj)
    monkeypatch.setattr(Device, "from_persistent_id", None)
    assert client.get(reverse("desk:work")).status_code == 200
