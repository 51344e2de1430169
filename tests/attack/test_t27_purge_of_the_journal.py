"""T-27: a purge at its term keeps the journal verifiable; anything else that empties a row is found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from casework import audit
from casework.audit import checkpoints, export, purge, verify
from casework.audit.append import append
from casework.audit.encoding import microseconds
from casework.audit.models import AuditEvent, AuditSubject
from tests.audit.bench import NADIA, TERRITORY, events, superuser
from tests.audit.verifier import check

pytestmark = [
    pytest.mark.attack("T-27"), pytest.mark.rule("LOG-02", "LOG-03", "LOG-09"), pytest.mark.django_db(databases="__all__"),
]  # fmt: skip

LOG = str(TERRITORY)
NOW = datetime(2026, 12, 8, 9, tzinfo=UTC)
DPO, DGS = UUID(int=1), UUID(int=2)
SYSTEM = audit.system_actor(TERRITORY)


def tell(days_ago: float, **fields: Any) -> None:
    """Append one event at that distance from NOW."""
    with audit.pinned_clock(NOW - timedelta(days=days_ago)):
        audit.record(NADIA, fields.pop("act", audit.Act.VIEW), subjects=[uuid4()], classes=["youth_card"], **fields)


def agree(by: UUID = DGS) -> None:
    """Record the standing agreement of two persons."""
    purge.authorise(
        LOG, asked_by=DPO, agreed_by=by, starts_at=NOW - timedelta(days=1), ends_at=NOW + timedelta(days=300)
    )


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with audit.pinned_clock(NOW):
        yield


@pytest.fixture
def year() -> None:
    """Seven events: five older than a year, two recent."""
    for days in (900, 700, 500, 400, 366, 300, 1):
        tell(days)


def run() -> int:
    """Purge as the nightly job does."""
    return purge.run(LOG, NOW, by=SYSTEM)


def empty() -> list[int]:
    """Return the ranks of the emptied rows."""
    return [event.idx for event in events() if event.is_empty]


def exported(folder: Path) -> tuple[int, str]:
    """Export the log and have it read by the stand-alone verifier."""
    path = folder / "log.jsonl"
    path.write_text("".join(f"{line}\n" for line in export.lines(LOG, NOW)))
    return check(path)


@pytest.mark.usefixtures("year")
def test_a_purge_empties_what_reached_its_term_and_both_verifiers_agree(tmp_path: Path) -> None:
    agree()
    before = checkpoints.take(LOG, NOW)
    assert run() == 4
    assert empty() == [0, 1, 2, 3]  # the fifth stays: its date proves the age of the others
    assert verify.verify(LOG, [before]).ok
    assert exported(tmp_path)[0] == 0
    assert run() == 0
    (event,) = AuditEvent.objects.filter(act="purge")
    statement = purge.unpack(LOG, bytes(event.state_digest))
    assert (event.n, statement.asked_by, statement.agreed_by) == (4, DPO, DGS)


@pytest.mark.usefixtures("year")
def test_nothing_of_the_content_can_be_recovered_nor_guessed() -> None:
    agree()
    row = events()[0]
    content = row.content()
    run()
    emptied = events()[0]
    assert (bytes(emptied.leaf), emptied.purged_by) == (bytes(row.leaf), 7)
    for field in AuditEvent._meta.concrete_fields:
        if field.name not in {"id", "log", "idx", "v", "leaf", "root", "purged_by"}:
            assert getattr(emptied, field.name) in (None, "", 0, b"", []), field.name
    assert not AuditSubject.objects.filter(event_id=row.pk).exists()
    # Knowing every other field is not enough: sixteen random bytes are gone.
    assert len(content.salt) == 16
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_auditevent WHERE salt = %s", [content.salt])
        assert cursor.fetchone() == (0,)


@pytest.mark.usefixtures("year")
def test_no_purge_without_two_persons() -> None:
    with pytest.raises(purge.NotAuthorised):
        run()
    with pytest.raises(ValueError, match="two persons"):
        agree(by=DPO)
    assert empty() == []


@pytest.mark.usefixtures("year")
def test_an_agreement_written_by_sql_or_over_gives_nothing() -> None:
    agree()
    with superuser() as cursor:
        cursor.execute(
            "UPDATE audit_auditauthority SET agreed_by = %s",
            [UUID(int=3).hex if connection.vendor == "sqlite" else UUID(int=3)],
        )
    with pytest.raises(purge.NotAuthorised):
        run()
    purge.authorise(LOG, asked_by=DPO, agreed_by=DGS, starts_at=NOW - timedelta(days=9), ends_at=NOW)
    with pytest.raises(purge.NotAuthorised):
        run()


def test_what_opens_an_archive_or_concerns_vif_waits_three_years(tmp_path: Path) -> None:
    agree()
    tell(1200, why="archive.correction")
    tell(1200)
    tell(500, why="archive.correction")
    tell(500, module="vif")
    with audit.pinned_clock(NOW - timedelta(days=480)):
        audit.record(NADIA, audit.Act.REVEAL, subjects=[uuid4()], classes=["vif_location"])
    tell(450)
    tell(400)
    assert run() == 3
    assert empty() == [0, 1, 5]
    assert verify.verify(LOG).ok
    assert exported(tmp_path)[0] == 0


def test_purges_follow_one_another(tmp_path: Path) -> None:
    agree()
    for days in (900, 800, 700, 200, 100):
        tell(days)
    assert run() == 2
    later = NOW + timedelta(days=299)
    with audit.pinned_clock(later):
        assert purge.run(LOG, later, by=SYSTEM) == 2
    assert empty() == [0, 1, 2, 3]
    assert verify.verify(LOG).ok
    assert exported(tmp_path)[0] == 0


@pytest.mark.usefixtures("year")
def test_killed_between_two_batches_the_journal_is_whole_and_the_next_run_ends_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    agree()
    monkeypatch.setattr(purge, "_BATCH", 1)
    assert purge._batch(LOG, NOW, SYSTEM) == 1
    assert verify.verify(LOG).ok
    assert run() == 3
    assert verify.verify(LOG).ok
    assert exported(tmp_path)[0] == 0


# ---------------------------------------------------------------- who empties otherwise


def wipe(cursor: Any, where: str, purged_by: int | None) -> None:
    """Empty rows as a superuser would, index of persons included."""
    cursor.execute(f"DELETE FROM audit_auditsubject WHERE event_id IN (SELECT id FROM audit_auditevent WHERE {where})")
    cursor.execute(
        "UPDATE audit_auditevent SET ts = NULL, salt = NULL, actor_id = NULL, org_id = NULL, mandate_id = NULL, "
        f"act = '', subject_refs = %s, purged_by = %s WHERE {where}",
        [b"", purged_by],
    )


@pytest.mark.usefixtures("year")
@pytest.mark.parametrize("named", [None, 6, 99])
def test_a_row_emptied_without_a_purge_is_found(named: int | None, tmp_path: Path) -> None:
    with superuser() as cursor:
        wipe(cursor, "idx = 2", named)
    assert verify.verify(LOG).fault == verify.Fault("emptied", 2)
    assert exported(tmp_path)[0] == 2


@pytest.mark.usefixtures("year")
@pytest.mark.parametrize("idx", [4, 5, 6])
def test_a_fresh_row_hidden_under_a_true_purge_is_found(idx: int, tmp_path: Path) -> None:
    agree()
    run()
    with superuser() as cursor:
        wipe(cursor, f"idx = {idx}", 7)
    assert verify.verify(LOG).fault is not None
    assert exported(tmp_path)[0] == 2


def forge(statement: purge.Statement) -> None:
    """Append a purge event that says this, and empty rows 2 and 5 (a fresh one) under it."""
    with transaction.atomic():
        (idx,) = append([purge._entry(statement, SYSTEM)])
    with superuser() as cursor:
        wipe(cursor, "idx IN (2, 5)", idx)


def statement(**fields: Any) -> purge.Statement:
    """Return what a purge of rows 2 and 5 would state."""
    given: dict[str, Any] = {
        "log": LOG, "limit": 6, "before": microseconds(NOW - purge.TERM), "count": 2,
        "digest": purge.digest_of([2, 5]), "asked_by": DPO, "agreed_by": DGS, **fields,
    }  # fmt: skip
    return purge.Statement(**given)


@pytest.mark.usefixtures("year")
def test_a_forged_purge_event_is_found(tmp_path: Path) -> None:
    forge(replace(statement(), signature=b"\0" * 64))
    assert verify.verify(LOG).fault == verify.Fault("emptied", 2)
    assert exported(tmp_path)[0] == 2


@pytest.mark.usefixtures("year")
def test_even_the_stolen_key_does_not_empty_what_is_fresh(tmp_path: Path) -> None:
    forge(statement().signed())
    assert verify.verify(LOG).fault == verify.Fault("emptied", 2)
    assert exported(tmp_path)[0] == 2


@pytest.mark.usefixtures("year")
def test_a_purge_that_did_not_wait_is_found(tmp_path: Path) -> None:
    forge(statement(before=microseconds(NOW - timedelta(hours=12))).signed())
    assert verify.verify(LOG).fault == verify.Fault("emptied", 2)
    assert exported(tmp_path)[0] == 2


@pytest.mark.usefixtures("year")
@pytest.mark.parametrize(
    "fields", [{"agreed_by": DPO}, {"count": 3}, {"digest": b"\0" * 32}, {"limit": 3}, {"log": "installation"}]
)
def test_a_statement_that_does_not_fit_is_found(fields: dict[str, Any], tmp_path: Path) -> None:
    agree()
    old = statement(**{"digest": purge.digest_of([1, 2]), "limit": 4, **fields}).signed()
    with transaction.atomic():
        (idx,) = append([purge._entry(old, SYSTEM)])
    with superuser() as cursor:
        wipe(cursor, "idx IN (1, 2)", idx)
    fits = fields == {"limit": 3}  # still above the last row emptied
    assert verify.verify(LOG).fault == (None if fits else verify.Fault("emptied", 1))
    assert exported(tmp_path)[0] == (0 if fits else 2)


@pytest.mark.usefixtures("year")
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_auditevent SET why = 'x' WHERE idx = 0",
        "UPDATE audit_auditevent SET ts = NULL, salt = NULL WHERE idx = 0",
        "UPDATE audit_auditevent SET purged_by = 3 WHERE idx = 0",
        "DELETE FROM audit_auditevent WHERE idx = 0",
        "DELETE FROM audit_auditsubject",
        "UPDATE audit_auditsubject SET event_id = event_id",
    ],
)
def test_the_database_lets_only_a_purge_through(sql: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.usefixtures("year")
def test_what_is_emptied_stays_so() -> None:
    agree()
    run()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE audit_auditevent SET why = 'x' WHERE idx = 0")


@pytest.mark.usefixtures("year")
def test_a_rebuilt_root_after_a_purge_is_found() -> None:
    agree()
    run()
    with superuser() as cursor:
        cursor.execute("UPDATE audit_auditevent SET leaf = %s WHERE idx = 1", [b"\1" * 32])
    assert verify.verify(LOG).fault == verify.Fault("root", 1)


@pytest.mark.usefixtures("year")
def test_the_command_says_so() -> None:
    with superuser() as cursor:
        wipe(cursor, "idx = 2", None)
    out = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("audit_verify", "--json", stdout=out)
    assert refusal.value.returncode == 2
    assert json.loads(out.getvalue())["logs"][0]["fault"] == "emptied"
