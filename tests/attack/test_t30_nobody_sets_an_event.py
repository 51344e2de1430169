"""T-30: who, what, when and from where come from the server; nothing in a request sets them."""

from __future__ import annotations

import inspect
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from casework import audit
from casework.audit import Act, Purpose
from tests.audit.bench import NADIA, events

pytestmark = [pytest.mark.attack("T-30"), pytest.mark.django_db(databases="__all__")]


def test_no_entrance_takes_a_time_an_index_or_a_request() -> None:
    for entrance in (audit.reading, audit.record, audit.Writing.note):
        names = set(inspect.signature(entrance).parameters)
        assert not names & {"ts", "now", "when", "at", "idx", "log", "request", "salt", "leaf", "root", "kwargs"}


def test_the_time_given_to_a_write_is_not_the_time_of_its_event() -> None:
    with audit.writing(NADIA, now=datetime(2001, 1, 1, tzinfo=UTC)) as w:
        w.note(Act.CHANGE, None)
    assert timezone.now() - events()[0].ts < timedelta(minutes=1)


def test_an_actor_cannot_be_changed_once_made() -> None:
    with pytest.raises(FrozenInstanceError):
        NADIA.agent_id = None  # type: ignore[misc]


def test_an_object_cannot_speak_for_another_actor() -> None:
    class Claim:
        agent_id = mandate_id = org_id = actor_id = "somebody else"

    with audit.reading(NADIA, subjects=[NADIA.agent_id], classes=["x"], purpose=Purpose.REVIEW, object_ids=[Claim()]):
        pass
    assert (events()[0].actor_id, events()[0].mandate_id) == (NADIA.agent_id, NADIA.mandate_id)
