"""The read gate: the event first, and at most one per quarter of an hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from casework import audit
from casework.audit import Act, Purpose
from casework.audit.models import AuditEvent
from casework.sealing import gate as sealing_gate
from tests.audit.bench import NADIA, SAMIR, events, head

pytestmark = pytest.mark.django_db(databases="__all__")

ONE, TWO, THREE = uuid4(), uuid4(), uuid4()
NOON = datetime(2026, 12, 8, 11, tzinfo=UTC)


def read(**changes: Any) -> int:
    """Read once; return how many events that made."""
    before = AuditEvent.objects.count()
    given: dict[str, Any] = {
        "actor": NADIA, "subjects": [ONE, TWO], "classes": ["youth_identity", "youth_card"],
        "purpose": Purpose.REVIEW,
    } | changes  # fmt: skip
    with audit.reading(given.pop("actor"), **given):
        pass
    return AuditEvent.objects.count() - before


@pytest.mark.rule("LOG-01")
def test_the_event_says_who_what_and_why_without_a_name() -> None:
    with audit.reading(
        NADIA, subjects=[ONE], classes=["youth_card"], purpose=Purpose.SESSION, act=Act.REVEAL,
        object_type="followups.followup", object_ids=[TWO],
    ):  # fmt: skip
        pass
    (event,) = events()
    assert (event.actor_id, event.org_id, event.mandate_id) == (
        NADIA.agent_id, NADIA.organisation_id, NADIA.mandate_id,
    )  # fmt: skip
    assert (event.act, event.purpose, event.outcome, event.n) == ("reveal", "session", "ok", 1)
    assert event.classes == ["youth_card"]
    assert event.refs() == {bytes.fromhex(audit.subject_ref(ONE))}
    assert event.object_ref == audit.object_ref("followups.followup", TWO)
    assert ONE.hex not in repr(vars(event))


def test_the_gate_opens_on_these_subjects_and_classes_only_and_closes() -> None:
    with audit.reading(NADIA, subjects=[ONE], classes=["youth_card"], purpose=Purpose.REVIEW, object_ids=[TWO]):
        assert sealing_gate.covers(ONE, "youth_card")
        assert not sealing_gate.covers(ONE, "youth_identity")
        assert not sealing_gate.covers(TWO, "youth_card")
    assert not sealing_gate.covers(ONE, "youth_card")


def test_the_event_is_there_before_the_gate_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    opened = sealing_gate.opened
    monkeypatch.setattr(sealing_gate, "opened", lambda gate: (seen.append(AuditEvent.objects.count()), opened(gate))[1])
    read()
    assert seen == [1]


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_a_gate_inside_a_transaction_is_refused_even_when_covered() -> None:
    assert read() == 1
    with transaction.atomic(), pytest.raises(RuntimeError):
        read()
    assert len(events()) == 1


def test_the_same_read_is_told_once() -> None:
    assert read() == 1
    assert read() == 0


@pytest.mark.parametrize(
    "changes", [{"subjects": [TWO]}, {"classes": ["youth_card"]}, {"actor": replace(NADIA, request_id="r2")}]
)
def test_less_than_what_was_told_is_covered(changes: dict[str, Any]) -> None:
    read()
    assert read(**changes) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"subjects": [ONE, THREE]},
        {"classes": ["youth_card", "youth_review"]},
        {"purpose": Purpose.SESSION},
        {"act": Act.LIST},
        {"actor": SAMIR},
        {"actor": replace(NADIA, session_ref="another")},
        {"actor": replace(NADIA, mandate_id=SAMIR.mandate_id)},
        {"actor": replace(NADIA, agent_id=SAMIR.agent_id)},
        {"actor": replace(NADIA, session_ref="")},
        {"actor": audit.system_actor(NADIA.territory_id)},
    ],
)
def test_anything_else_is_told_again(changes: dict[str, Any]) -> None:
    read()
    assert read(**changes) == 1


@pytest.mark.parametrize("act", [Act.EXPORT, Act.PRINT, Act.REVEAL])
def test_exports_prints_and_reveals_are_each_told(act: Act) -> None:
    assert read(act=act) == 1
    assert read(act=act) == 1


@pytest.mark.parametrize(
    "actor", [replace(NADIA, session_ref=""), replace(NADIA, agent_id=None), audit.system_actor(NADIA.territory_id)]
)
def test_nobody_in_particular_is_never_covered(actor: audit.Actor) -> None:
    assert [read(actor=actor), read(actor=actor)] == [1, 1]


def test_cover_lasts_fifteen_minutes_exactly() -> None:
    with audit.pinned_clock(NOON):
        assert read() == 1
    with audit.pinned_clock(NOON + timedelta(minutes=15) - timedelta(microseconds=1)):
        assert read() == 0
    with audit.pinned_clock(NOON + timedelta(minutes=15)):
        assert read() == 1


def test_an_event_of_the_future_covers_nothing() -> None:
    with audit.pinned_clock(NOON + timedelta(hours=1)):
        assert read() == 1
    with audit.pinned_clock(NOON):
        assert read() == 1


def test_a_refused_or_written_event_covers_nothing() -> None:
    audit.record(
        NADIA, Act.VIEW, outcome="denied", subjects=[ONE, TWO], classes=["youth_identity", "youth_card"],
        purpose=Purpose.REVIEW,
    )  # fmt: skip
    assert read() == 1


def test_an_empty_list_opens_nothing_and_tells_nothing() -> None:
    assert read(subjects=[], act=Act.LIST) == 0
    assert read(subjects=[], act=Act.EXPORT) == 1


def test_a_search_is_covered_and_keeps_every_name_without_the_index() -> None:
    many = [uuid4() for _ in range(30)]
    assert read(subjects=many, act=Act.SEARCH, purpose=Purpose.SEARCH) == 1
    assert read(subjects=many[:9], act=Act.SEARCH, purpose=Purpose.SEARCH) == 0
    assert read(subjects=[*many, ONE], act=Act.SEARCH, purpose=Purpose.SEARCH) == 1
    assert len(events()[0].refs()) == 30
    assert audit.who_opened(many[0]) == []


@pytest.mark.parametrize("count", [1, 50])
def test_queries_do_not_grow_with_the_list(count: int) -> None:
    read(subjects=[THREE])
    subjects = [uuid4() for _ in range(count)]
    with CaptureQueriesContext(
        connection,
    ) as first:
        read(subjects=subjects)
    # PostgreSQL gets event, index and head in one batch.
    sent = [part for query in first if "COUNT" not in query["sql"] for part in query["sql"].split("; ")]
    statements = [part.split()[0] for part in sent]
    data = [word for word in statements if word in ("SELECT", "INSERT", "UPDATE")]
    # cover, head, event, index of persons, head
    assert data == ["SELECT", "SELECT", "INSERT", "INSERT", "UPDATE"]
    with CaptureQueriesContext(connection) as second:
        read(subjects=subjects)
    assert len([query for query in second if "COUNT" not in query["sql"]]) == 1


def test_the_head_moves_with_each_event() -> None:
    read()
    read(actor=SAMIR)
    assert (head().size, bytes(head().root)) == (2, bytes(events()[1].root))
