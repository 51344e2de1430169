"""T-28: an act that is rolled back leaves no `ok` event; refused and failed acts leave theirs."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from casework import audit
from casework.audit import Act, verify
from casework.audit.models import AuditEvent
from casework.errors import GuardRefused
from tests.audit.bench import NADIA, TERRITORY, events

pytestmark = [pytest.mark.attack("T-28"), pytest.mark.django_db(databases="__all__", transaction=True)]


def act(error: Exception | None) -> None:
    """Write, tell it, then fail or not."""
    with audit.writing(NADIA, now=timezone.now()) as w:
        row = ContentType.objects.create(app_label="bench", model=str(uuid4()))
        w.note(Act.CREATE, row)
        if error:
            raise error


@pytest.mark.parametrize("error", [GuardRefused("WL-14"), ZeroDivisionError(), KeyboardInterrupt()])
def test_a_failed_act_leaves_no_ok_event(error: Exception) -> None:
    with pytest.raises(type(error)):
        act(error)
    assert not AuditEvent.objects.exists()
    assert not ContentType.objects.filter(app_label="bench").exists()
    audit.record(NADIA, Act.CREATE, outcome="denied", why="guard")
    assert [(event.act, event.outcome) for event in events()] == [("create", "denied")]


def test_a_failure_between_two_acts_keeps_the_log_whole() -> None:
    act(None)
    with pytest.raises(GuardRefused):
        act(GuardRefused())
    act(None)
    assert [event.idx for event in events()] == [0, 1]
    assert verify.verify(str(TERRITORY)).ok


def test_notes_of_a_failed_act_do_not_reach_the_next_one() -> None:
    with pytest.raises(GuardRefused):
        act(GuardRefused())
    with audit.writing(NADIA, now=timezone.now()):
        pass
    assert not AuditEvent.objects.exists()
