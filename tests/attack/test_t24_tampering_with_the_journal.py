"""T-24, part inside the database: whoever may write the tables is found out, with the first bad index."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from casework.audit import verify
from casework.audit.tree import EMPTY_ROOT, Frontier
from tests.audit.bench import TERRITORY, events, fill, head, rebuild, superuser

pytestmark = [pytest.mark.attack("T-24"), pytest.mark.django_db(databases="__all__")]

LOG = str(TERRITORY)
COLUMNS = (
    "log, idx, v, ts, actor_id, org_id, mandate_id, role, session_ref, act, module, object_type, object_ref, "
    "subject_refs, classes, purpose, outcome, why, n, request_id, net_prefix, columns_version, state_digest, salt, "
    "leaf, root"
)


@pytest.fixture(autouse=True)
def _journal() -> None:
    """Ten events of one log."""
    fill(10)
    assert verify.verify(LOG).ok


def fault() -> verify.Fault | None:
    """Return what the verifier says now, without any checkpoint."""
    return verify.verify(LOG).fault


def forget(cursor: Any, where: str) -> None:
    """Delete events with their index of persons, as a careful forger would."""
    cursor.execute(f"DELETE FROM audit_auditsubject WHERE event_id IN (SELECT id FROM audit_auditevent WHERE {where})")
    cursor.execute(f"DELETE FROM audit_auditevent WHERE {where}")


@pytest.mark.parametrize("idx", [0, 4, 9])
def test_delete(idx: int) -> None:
    with superuser() as cursor:
        forget(cursor, f"idx = {idx}")
    assert fault() == verify.Fault("truncated" if idx == 9 else "gap", idx)


@pytest.mark.parametrize("idx", [0, 4])
def test_delete_and_close_the_gap(idx: int) -> None:
    with superuser() as cursor:
        forget(cursor, f"idx = {idx}")
        for later in range(idx + 1, 10):
            cursor.execute(f"UPDATE audit_auditevent SET idx = {later - 1} WHERE idx = {later}")
    assert fault() == verify.Fault("leaf", idx)


def test_delete_close_the_gap_and_rebuild_all_but_the_head() -> None:
    with superuser() as cursor:
        forget(cursor, "idx = 4")
        for later in range(5, 10):
            cursor.execute(f"UPDATE audit_auditevent SET idx = {later - 1} WHERE idx = {later}")
    rebuild(LOG, 4)
    assert fault() == verify.Fault("truncated", 9)


def test_insert_in_the_middle() -> None:
    with superuser() as cursor:
        for later in range(9, 3, -1):
            cursor.execute(f"UPDATE audit_auditevent SET idx = {later + 1} WHERE idx = {later}")
        cursor.execute(
            f"INSERT INTO audit_auditevent ({COLUMNS}) "
            f"SELECT {COLUMNS.replace('idx', '4', 1)} FROM audit_auditevent WHERE idx = 3"
        )
    assert fault() == verify.Fault("leaf", 4)


def test_insert_after_the_end() -> None:
    with superuser() as cursor:
        cursor.execute(
            f"INSERT INTO audit_auditevent ({COLUMNS}) "
            f"SELECT {COLUMNS.replace('idx', '10', 1)} FROM audit_auditevent WHERE idx = 3"
        )
        cursor.execute(
            "INSERT INTO audit_auditsubject (event_id, subject_ref) "
            "SELECT id, subject_refs FROM audit_auditevent WHERE idx = 10"
        )
    rebuild(LOG, 10)
    assert fault() == verify.Fault("head", 10)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps types")
@pytest.mark.parametrize(
    ("column", "value"),
    [("classes", "'['"), ("actor_id", "'x'"), ("ts", "'x'"), ("subject_refs", "'x'"), ("salt", "1.5"), ("leaf", "'x'")],
)
def test_nonsense_in_a_column_is_found_too(column: str, value: str) -> None:
    with superuser() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        cursor.execute(f"UPDATE audit_auditevent SET {column} = {value} WHERE idx = 4")
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
    assert fault() is not None
    assert fault().idx == 4


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("act", "'list'"),
        ("why", "'other'"),
        ("n", "7"),
        ("actor_id", "NULL"),
        ("org_id", "NULL"),
        ("mandate_id", "NULL"),
        ("role", "'mayor'"),
        ("outcome", "'denied'"),
        ("purpose", "'search'"),
        ("classes", "'[]'"),
        ("ts", "'2026-01-01 00:00:00'"),
        ("session_ref", "'x'"),
        ("request_id", "'x'"),
        ("net_prefix", "'x'"),
        ("object_type", "'x'"),
        ("object_ref", "'x'"),
        ("module", "'x'"),
        ("v", "2"),
        ("columns_version", "3"),
        ("salt", "leaf"),
        ("state_digest", "leaf"),
        ("subject_refs", "leaf"),
        ("leaf", "root"),
    ],
)
def test_edit_any_column(column: str, value: str) -> None:
    with superuser() as cursor:
        cursor.execute(f"UPDATE audit_auditevent SET {column} = {value} WHERE idx = 4")
    assert fault() == verify.Fault("leaf", 4)


def test_edit_and_recompute_the_leaf() -> None:
    with superuser() as cursor:
        cursor.execute("UPDATE audit_auditevent SET act = 'list' WHERE idx = 4")
        cursor.execute("UPDATE audit_auditevent SET leaf = %s WHERE idx = 4", [events()[4].content().leaf()])
    assert fault() == verify.Fault("root", 4)


def test_edit_and_rebuild_all_but_the_head() -> None:
    with superuser() as cursor:
        cursor.execute("UPDATE audit_auditevent SET act = 'list' WHERE idx = 8")
    rebuild(LOG, 8)
    assert fault() == verify.Fault("fork", 8)  # the frontier of the head vouches for 0 to 7


def test_edit_of_the_last_event_and_its_root() -> None:
    with superuser() as cursor:
        cursor.execute("UPDATE audit_auditevent SET act = 'list' WHERE idx = 9")
    rebuild(LOG, 9)
    assert fault() is not None
    assert fault().idx >= 8


def test_reorder() -> None:
    with superuser() as cursor:
        for old, new in ((3, 99), (6, 3), (99, 6)):
            cursor.execute(f"UPDATE audit_auditevent SET idx = {new} WHERE idx = {old}")
    assert fault() == verify.Fault("leaf", 3)


@pytest.mark.parametrize("size", [0, 1, 8, 9])
def test_truncate(size: int) -> None:
    with superuser() as cursor:
        forget(cursor, f"idx >= {size}")
    assert fault() == verify.Fault("truncated", size)


def test_duplicate_an_index() -> None:
    with superuser() as cursor:
        without_constraint(cursor)
        cursor.execute(f"INSERT INTO audit_auditevent ({COLUMNS}) SELECT {COLUMNS} FROM audit_auditevent WHERE idx = 4")
    assert fault() == verify.Fault("repeated", 4)


def without_constraint(cursor: Any) -> None:
    """Drop the unique constraint of (log, idx)."""
    if cursor.db.vendor == "postgresql":
        cursor.execute("ALTER TABLE audit_auditevent DROP CONSTRAINT audit_event_log_idx")
        return
    cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'audit_auditevent'")
    (sql,) = cursor.fetchone()
    loose = sql.replace('CONSTRAINT "audit_event_log_idx" UNIQUE ("log", "idx")', "CHECK (1)")
    assert loose != sql
    cursor.execute(loose.replace('TABLE "audit_auditevent"', 'TABLE "loose"', 1))
    cursor.execute("INSERT INTO loose SELECT * FROM audit_auditevent")
    cursor.execute("PRAGMA defer_foreign_keys = ON")
    cursor.execute("DROP TABLE audit_auditevent")
    cursor.execute('ALTER TABLE "loose" RENAME TO "audit_auditevent"')


def test_take_the_head_away_or_back() -> None:
    with superuser() as cursor:
        cursor.execute("UPDATE audit_audithead SET size = 9")
    assert fault() is not None
    with superuser() as cursor:
        cursor.execute("DELETE FROM audit_audithead")
    assert fault() == verify.Fault("head", 0)


def test_replace_the_root_of_the_head() -> None:
    with superuser() as cursor:
        cursor.execute("UPDATE audit_audithead SET root = %s", [EMPTY_ROOT])
    assert fault() == verify.Fault("head", 9)


def test_hide_an_event_from_the_index_of_persons() -> None:
    with superuser() as cursor:
        cursor.execute(f"DELETE FROM audit_auditsubject WHERE event_id = {events()[5].pk}")
    assert fault() == verify.Fault("subjects", 5)


def test_blame_an_event_on_another_person_in_the_index() -> None:
    with superuser() as cursor:
        cursor.execute(
            "UPDATE audit_auditsubject SET subject_ref = %s WHERE event_id = %s", [b"\1" * 16, events()[5].pk]
        )
    assert fault() == verify.Fault("subjects", 5)


def test_a_whole_rewrite_is_found_by_an_older_checkpoint_only() -> None:
    fill_size = head().size
    kept = verify.checkpoint(LOG)
    fill(3)
    with superuser() as cursor:
        cursor.execute("UPDATE audit_auditevent SET act = 'list' WHERE idx = 4")
    rebuild(LOG, 4, head=True)
    assert fault() is None  # nothing inside the database can tell
    assert verify.verify(LOG, [kept]).fault == verify.Fault("fork", 0)
    assert kept.size == fill_size


def test_checkpoints_narrow_the_fork_down() -> None:
    leaves = [bytes(event.leaf) for event in events()]
    kept = []
    for size in (2, 4, 7, 10):
        frontier = Frontier()
        for leaf in leaves[:size]:
            frontier.append(leaf)
        kept.append(verify.Checkpoint(LOG, size, frontier.root()))
    assert verify.verify(LOG, kept).ok
    with superuser() as cursor:
        cursor.execute("UPDATE audit_auditevent SET act = 'list' WHERE idx = 5")
    rebuild(LOG, 5, head=True)
    assert verify.verify(LOG, kept).fault == verify.Fault("fork", 4)
    assert verify.verify(LOG, [*kept, verify.Checkpoint(LOG, 2, EMPTY_ROOT)]).fault == verify.Fault("fork", 0)


def test_a_log_cut_back_or_gone_with_its_head_is_found_by_a_checkpoint() -> None:
    kept = verify.checkpoint(LOG)
    with superuser() as cursor:
        forget(cursor, "idx >= 6")
    rebuild(LOG, 6, head=True)
    assert fault() is None
    assert verify.verify(LOG, [kept]).fault == verify.Fault("truncated", 6)
    with superuser() as cursor:
        forget(cursor, "idx >= 0")
        cursor.execute("DELETE FROM audit_audithead")
    assert verify.verify_all() == []
    (report,) = verify.verify_all([kept])
    assert report.fault == verify.Fault("truncated", 0)
