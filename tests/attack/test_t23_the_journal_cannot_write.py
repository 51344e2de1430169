"""T-23: when the journal cannot be written, nothing personal leaves and nothing is saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, OperationalError, connections
from django.utils import timezone

from casework import audit
from casework.audit import Act, Purpose, actions, append, gate
from casework.audit.models import AuditEvent
from casework.sealing import gate as sealing_gate
from tests.audit.bench import NADIA, fill
from tests.databases import read_only

pytestmark = [pytest.mark.attack("T-23"), pytest.mark.django_db(databases="__all__", transaction=True)]

SUBJECT = uuid4()
Breaker = Callable[[pytest.MonkeyPatch], None]


def raising(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours."""

    def fail(*args: Any) -> None:
        raise RuntimeError("bug")

    monkeypatch.setattr(append, "_values", fail)


def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The event row cannot be inserted."""
    refuse_statements(monkeypatch, "INSERT INTO", "audit_auditevent")


def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """The index of persons cannot be written, after the event."""
    refuse_statements(monkeypatch, "INSERT INTO", "audit_auditsubject")


def no_head(monkeypatch: pytest.MonkeyPatch) -> None:
    """The head cannot be moved: the very last statement."""
    refuse_statements(monkeypatch, "UPDATE", "audit_audithead")


def lock_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """The head cannot be locked in time."""
    refuse_statements(monkeypatch, "SELECT", "audit_audithead")


def no_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is written and the commit fails."""

    def fail() -> None:
        raise OperationalError("disk I/O error")

    monkeypatch.setattr(connections["default"], "commit", fail)


def refuse_statements(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    """Make the database refuse the statements that hold all these words."""

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if all(word in sql for word in words):
            raise OperationalError("database or disk is full")
        return execute(sql, params, many, context)

    database = connections["default"]
    monkeypatch.setattr(database, "execute_wrappers", [*database.execute_wrappers, wrapper])


BREAKERS = [raising, full_disk, no_index, no_head, lock_timeout, no_commit]


@pytest.mark.parametrize("break_it", BREAKERS)
def test_the_gate_stays_closed(break_it: Breaker, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(1)
    opened: list[object] = []
    original = sealing_gate.opened
    monkeypatch.setattr(sealing_gate, "opened", lambda asked: (opened.append(asked), original(asked))[1])
    with monkeypatch.context() as broken:
        break_it(broken)
        with (
            pytest.raises((DatabaseError, RuntimeError)),
            gate.reading(NADIA, subjects=[SUBJECT], classes=["youth_card"], purpose=Purpose.REVIEW),
        ):
            opened.append("the body ran")
    assert opened == []
    assert not sealing_gate.covers(SUBJECT, "youth_card")
    assert AuditEvent.objects.count() == 1


def write() -> None:
    """Write a row and tell it."""
    with actions.writing(NADIA, now=timezone.now()) as w:
        made = ContentType.objects.create(app_label="bench", model="never")
        w.note(Act.CREATE, made, subjects=[SUBJECT])


@pytest.mark.parametrize("break_it", BREAKERS)
def test_no_row_is_saved(break_it: Breaker, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(1)
    with monkeypatch.context() as broken:
        break_it(broken)
        with pytest.raises((DatabaseError, RuntimeError)):
            write()
    assert not ContentType.objects.filter(app_label="bench").exists()
    assert AuditEvent.objects.count() == 1
    write()  # and it works again at once, without a restart
    assert AuditEvent.objects.count() == 2


def test_a_read_only_database_gives_nothing() -> None:
    with read_only():
        with (
            pytest.raises(DatabaseError),
            audit.reading(NADIA, subjects=[SUBJECT], classes=["youth_card"], purpose=Purpose.REVIEW),
        ):
            pytest.fail("the gate opened")
        with pytest.raises(DatabaseError):
            write()
    assert not AuditEvent.objects.exists()
