"""Triggers that refuse to change or delete the journal, on SQLite and PostgreSQL.

They slow down whoever writes past the ORM; the evidence comes from the tree and the checkpoints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

ROWS = ("audit_auditevent", "audit_auditsubject")
HEAD = "audit_audithead"
_SAY = "the journal is append-only"


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers. The tables exist."""
    statements = _sqlite() if connection.vendor == "sqlite" else _postgresql()
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


def _sqlite() -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_SAY}'); END"
    statements = [
        f"CREATE TRIGGER {table}_{event} BEFORE {event.upper()} ON {table} {refuse}"
        for table in ROWS
        for event in ("update", "delete")
    ]
    statements.append(
        f"CREATE TRIGGER {HEAD}_shrink BEFORE UPDATE ON {HEAD} WHEN NEW.size < OLD.size OR NEW.log <> OLD.log {refuse}"
    )
    statements.append(f"CREATE TRIGGER {HEAD}_delete BEFORE DELETE ON {HEAD} {refuse}")
    return statements


def _postgresql() -> list[str]:
    function = (
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_SAY}'; END $$"
    )
    call = "EXECUTE FUNCTION audit_refuse()"
    statements = [function]
    for table in ROWS:
        statements.append(f"CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {call}")
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
