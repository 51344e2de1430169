"""Triggers that refuse to change or delete the journal, on SQLite and PostgreSQL.

The one change allowed is a purge: a row loses its content and its salt, keeps rank, leaf and root, and names the
event that tells so; then its lines in the index of persons may go. They slow down whoever writes past the ORM;
the evidence comes from the tree, the signed purges and the checkpoints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

ROWS = ("audit_auditevent", "audit_auditsubject")
HEAD = "audit_audithead"
_SAY = "the journal is append-only"
_KEPT = ("id", "log", "idx", "v", "leaf", "root")
_EMPTIED = (
    "OLD.purged_by IS NULL AND NEW.purged_by IS NOT NULL AND NEW.ts IS NULL AND NEW.salt IS NULL "
    "AND NEW.actor_id IS NULL AND NEW.org_id IS NULL AND NEW.mandate_id IS NULL "
    + "".join(f"AND NEW.{name} = '' " for name in (
        "role", "session_ref", "act", "module", "object_type", "object_ref", "purpose", "outcome", "why",
        "request_id", "net_prefix",
    ))
    + " ".join(f"AND NEW.{name} = OLD.{name}" for name in _KEPT)
)  # fmt: skip
_STILL_FULL = f"EXISTS (SELECT 1 FROM {ROWS[0]} WHERE id = OLD.event_id AND purged_by IS NULL)"  # noqa: S608 our own tables  # nosec B608


def install(connection: BaseDatabaseWrapper, *, purge: bool = True) -> None:
    """Create the triggers. The tables exist; before `purge` did, nothing could be emptied."""
    statements = _sqlite(purge) if connection.vendor == "sqlite" else _postgresql(purge)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in (*(f"{table}_{event}" for table in ROWS for event in ("update", "delete")),
                         f"{HEAD}_shrink", f"{HEAD}_delete"):  # fmt: skip
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        else:
            for table in (*ROWS, HEAD):
                for event in ("rows", "truncate", "shrink"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{event} ON {table}")
            cursor.execute("DROP FUNCTION IF EXISTS audit_refuse()")
            cursor.execute("DROP FUNCTION IF EXISTS audit_refuse_full()")


def _sqlite(purge: bool) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_SAY}'); END"
    events, subjects = ROWS
    emptied, full = (f"WHEN NOT ({_EMPTIED})", f"WHEN {_STILL_FULL}") if purge else ("", "")
    statements = [
        f"CREATE TRIGGER {events}_update BEFORE UPDATE ON {events} {emptied} {refuse}",
        f"CREATE TRIGGER {events}_delete BEFORE DELETE ON {events} {refuse}",
        f"CREATE TRIGGER {subjects}_update BEFORE UPDATE ON {subjects} {refuse}",
        f"CREATE TRIGGER {subjects}_delete BEFORE DELETE ON {subjects} {full} {refuse}",
    ]
    statements.append(
        f"CREATE TRIGGER {HEAD}_shrink BEFORE UPDATE ON {HEAD} WHEN NEW.size < OLD.size OR NEW.log <> OLD.log {refuse}"
    )
    statements.append(f"CREATE TRIGGER {HEAD}_delete BEFORE DELETE ON {HEAD} {refuse}")
    return statements


def _postgresql(purge: bool) -> list[str]:
    function = (
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_SAY}'; END $$"
    )
    call = "EXECUTE FUNCTION audit_refuse()"
    statements = [function]
    events, subjects = ROWS
    if not purge:
        for table in ROWS:
            statements.append(f"CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {call}")
    else:
        statements += _postgresql_purge(events, subjects, call)
    statements.append(f"CREATE TRIGGER {HEAD}_rows BEFORE DELETE ON {HEAD} FOR EACH ROW {call}")
    statements.append(
        f"CREATE TRIGGER {HEAD}_shrink BEFORE UPDATE ON {HEAD} FOR EACH ROW "
        f"WHEN (NEW.size < OLD.size OR NEW.log <> OLD.log) {call}"
    )
    statements += [
        f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}"
        for table in (*ROWS, HEAD)
    ]
    return statements


def _postgresql_purge(events: str, subjects: str, call: str) -> list[str]:
    return [
        "CREATE OR REPLACE FUNCTION audit_refuse_full() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {_STILL_FULL} THEN RAISE EXCEPTION '{_SAY}'; END IF; RETURN OLD; END $$",
        f"CREATE TRIGGER {events}_rows BEFORE DELETE ON {events} FOR EACH ROW {call}",
        f"CREATE TRIGGER {events}_shrink BEFORE UPDATE ON {events} FOR EACH ROW WHEN (NOT ({_EMPTIED})) {call}",
        f"CREATE TRIGGER {subjects}_rows BEFORE UPDATE ON {subjects} FOR EACH ROW {call}",
        f"CREATE TRIGGER {subjects}_shrink BEFORE DELETE ON {subjects} FOR EACH ROW "
        "EXECUTE FUNCTION audit_refuse_full()",
    ]
