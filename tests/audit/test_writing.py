"""One transaction: rows, then the events that tell them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casework import audit
from casework.audit import Act, append, digests
from casework.audit.codes import INSTALLATION
from casework.audit.models import AuditEvent, AuditHead
from casework.errors import GuardRefused
from casework.sealing import history
from tests.audit.bench import NADIA, OTHER_TERRITORY, TERRITORY, events

pytestmark = pytest.mark.django_db(databases="__all__")

THEN = datetime(2001, 1, 1, tzinfo=UTC)
SUBJECT = UUID("33333333-3333-4333-8333-333333333333")


def new_row(model: str) -> ContentType:
    """Write any row: the journal does not care which."""
    return ContentType.objects.create(app_label="bench", model=model)


@pytest.mark.rule("LOG-01")
def test_a_write_tells_its_object_its_persons_and_the_digest_of_the_row() -> None:
    with audit.writing(NADIA, now=timezone.now()) as w:
        row = new_row("a")
        w.note(Act.CREATE, row, subjects=[SUBJECT], classes=["youth_card"], why="reprise")
        row.model = "changed-later"
        row.save()
    (event,) = events()
    assert (event.act, event.object_type, event.why, event.n) == (
        "create", "contenttypes.contenttype", "reprise", 1,
    )  # fmt: skip
    assert event.object_ref == audit.object_ref("contenttypes.contenttype", row.pk)
    _, stored = digests.stored_digests(ContentType, [row.pk])
    assert bytes(event.state_digest) == stored[row.pk]


def test_the_time_of_an_event_is_the_clock_of_the_server_not_the_callers() -> None:
    before = timezone.now()
    with audit.writing(NADIA, now=THEN) as w:
        w.note(Act.CHANGE, None)
    assert before <= events()[0].ts <= timezone.now()


def test_events_keep_their_order_and_go_to_the_log_of_their_object() -> None:
    with audit.writing(NADIA, now=THEN) as w:
        w.note(Act.MOVE, None, why="one", territory_id=OTHER_TERRITORY)
        w.note(Act.MOVE, None, why="two")
        w.note(Act.MOVE, None, why="three", territory_id=OTHER_TERRITORY)
    audit.record(None, Act.SIGN_IN_FAILED, outcome="denied")
    assert [event.why for event in events(OTHER_TERRITORY)] == ["one", "three"]
    assert [event.why for event in events(TERRITORY)] == ["two"]
    assert [event.act for event in events(INSTALLATION)] == ["sign_in_failed"]


def test_heads_are_locked_in_ascending_order_after_all_else() -> None:
    with CaptureQueriesContext(connection) as queries, audit.writing(NADIA, now=THEN) as w:
        w.note(Act.MOVE, None)
        w.note(Act.MOVE, None, territory_id=OTHER_TERRITORY)
        new_row("last")
    statements = [query["sql"] for query in queries]
    first_head = next(at for at, sql in enumerate(statements) if "audit_audithead" in sql)
    assert any("bench" in sql for sql in statements[:first_head])
    assert "ORDER BY log" in statements[first_head]


def test_a_thousand_events_are_appended_in_few_statements() -> None:
    audit.record(NADIA, Act.CHANGE)
    with CaptureQueriesContext(connection) as queries, audit.writing(NADIA, now=THEN) as w:
        for _ in range(1000):
            w.note(Act.IMPORT, None, subjects=[uuid4()])
    assert sum("audit_audithead" in query["sql"] for query in queries) == 2
    assert len(queries) < 50
    assert [event.idx for event in events()] == list(range(1001))


@pytest.mark.attack("T-28")
def test_writes_do_not_nest() -> None:
    with audit.writing(NADIA, now=THEN), pytest.raises(RuntimeError, match="already going on"):
        audit.writing(NADIA, now=THEN).__enter__()
    with audit.writing(NADIA, now=THEN) as w:  # the failed one left nothing behind
        assert audit.current() is w
    with pytest.raises(RuntimeError):
        audit.current()


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_neither_a_write_nor_a_record_joins_another_transaction() -> None:
    with transaction.atomic():
        with pytest.raises(RuntimeError):
            audit.writing(NADIA, now=THEN).__enter__()
        with pytest.raises(RuntimeError):
            audit.record(NADIA, Act.DENIED, outcome="denied")
    assert not AuditEvent.objects.exists()


@pytest.mark.rule("LOG-05")
@pytest.mark.parametrize("field", ["why", "module"])
def test_prose_in_a_code_is_refused_before_anything_is_written(field: str) -> None:
    def act() -> None:
        with audit.writing(NADIA, now=THEN) as w:
            new_row("prose")
            w.note(Act.CHANGE, None, **{field: "Yanis Belkacem a été vu"})

    with pytest.raises(ValueError):
        act()
    assert not AuditEvent.objects.exists()
    assert not ContentType.objects.filter(model="prose").exists()


def test_an_object_tells_its_own_person_and_territory() -> None:
    row = new_row("own")
    row.subject_id, row.territory_id = SUBJECT, OTHER_TERRITORY  # type: ignore[attr-defined]
    with audit.writing(NADIA, now=THEN) as w:
        w.note(Act.CHANGE, row)
        w.note(Act.CHANGE, row, subjects=[OTHER_TERRITORY], territory_id=TERRITORY)
    (own,), (given,) = events(OTHER_TERRITORY), events(TERRITORY)
    assert own.refs() == {bytes.fromhex(audit.subject_ref(SUBJECT))}
    assert given.refs() == {bytes.fromhex(audit.subject_ref(OTHER_TERRITORY))}


def test_rows_of_history_are_signed_with_the_mandate(monkeypatch: pytest.MonkeyPatch) -> None:
    signed: list[UUID | None] = []
    acting = history.acting
    monkeypatch.setattr(history, "acting", lambda mandate: (signed.append(mandate), acting(mandate))[1])
    with audit.writing(NADIA, now=THEN):
        pass
    assert signed == [NADIA.mandate_id]


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_events_are_not_appended_outside_a_transaction() -> None:
    item = append.entry(NADIA, Act.CHANGE, territory_id=None)
    with pytest.raises(RuntimeError, match="inside a transaction"):
        append.append([item])
    assert not AuditEvent.objects.exists()


def test_a_deletion_has_no_digest() -> None:
    with audit.writing(NADIA, now=THEN) as w:
        row = new_row("gone")
        w.note(Act.CREATE, row)
    with audit.writing(NADIA, now=THEN) as w:
        w.note(Act.DELETE, row)
        row.delete()
    assert [bytes(event.state_digest) != b"" for event in events()] == [True, False]
    assert events()[0].object_ref == events()[1].object_ref


class Hook:
    """Counts its runs and sees whether a transaction is open."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self) -> None:
        assert connection.in_atomic_block
        self.runs += 1


def write(*, fails: bool = False) -> None:
    """Write once, and fail at the end if asked."""
    with audit.writing(NADIA, now=THEN) as w:
        w.note(Act.CHANGE, None)
        if fails:
            raise LookupError


def test_a_hook_runs_first_and_once_but_again_after_a_rollback() -> None:
    hook = Hook()
    with audit.before_write(hook):
        with pytest.raises(LookupError):
            write(fails=True)
        assert hook.runs == 1
        write()
        assert hook.runs == 2
        write()
        assert hook.runs == 2
    write()
    assert hook.runs == 2


def test_a_failing_hook_stops_the_write() -> None:
    def refuse() -> None:
        raise LookupError

    ran: list[Any] = []
    with audit.before_write(refuse), pytest.raises(LookupError), audit.writing(NADIA, now=THEN):
        ran.append(1)
    assert not ran
    assert not AuditHead.objects.exists()


def test_the_clock_of_the_journal_cannot_be_set_in_production(settings: Any) -> None:
    settings.IS_PRODUCTION = True
    with pytest.raises(RuntimeError), audit.pinned_clock(THEN):
        pass


@pytest.mark.attack("R-06", "T-15")
def test_what_somebody_wrote_meanwhile_is_refused_in_words_that_quote_no_value() -> None:
    new_row("a")

    def later() -> None:
        with audit.writing(NADIA, now=THEN) as w:
            new_row("b")
            w.note(Act.CREATE, new_row("a"))

    with pytest.raises(GuardRefused, match="vient d’inscrire") as refused:
        later()
    assert (refused.value.code, refused.value.__suppress_context__) == ("taken", True)
    assert (ContentType.objects.filter(app_label="bench").count(), len(events())) == (1, 0)


def test_a_row_that_no_constraint_allows_is_a_fault_and_not_somebody_elses_act() -> None:
    with pytest.raises(IntegrityError), audit.writing(NADIA, now=THEN):
        ContentType.objects.filter(app_label="auth").update(model=None)
