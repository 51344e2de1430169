"""ACL-06 held by the database: nobody has running functions on both sides of couple violence, wherever they are.

The rule says « in the same territory »; two ressorts, or a ressort and its communes, know the same couple (ADR 37).

Triggers, on SQLite and PostgreSQL, since two rows of different periods are compared. The application says no before,
in words (partners.actions.mandates); this is for whoever writes past it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "partners_mandate"
NAME = "mandate_two_sides"
SAY = "one person on both sides (ACL-06)"
_SIDES = "('apers_offender', 'apers_victim')"
# Half-open periods that share an instant, the other side, the same person; of any territory.
_MET = f"""SELECT 1 FROM {TABLE} AS other
    WHERE other.agent_id = NEW.agent_id AND other.id <> NEW.id
      AND other.role IN {_SIDES} AND other.role <> NEW.role
      AND (NEW.ends_at IS NULL OR other.starts_at < NEW.ends_at)
      AND (other.ends_at IS NULL OR NEW.starts_at < other.ends_at)"""  # noqa: S608 constants of this module  # nosec B608


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers; the table exists."""
    with connection.cursor() as cursor:
        for statement in _sqlite() if connection.vendor == "sqlite" else _postgresql():
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for event in ("insert", "update"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {NAME}_{event}")
        else:
            cursor.execute(f"DROP TRIGGER IF EXISTS {NAME} ON {TABLE}")
            cursor.execute(f"DROP FUNCTION IF EXISTS {NAME}()")


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER {NAME}_{event} BEFORE {event.upper()} ON {TABLE} "
        f"WHEN NEW.role IN {_SIDES} AND EXISTS ({_MET}) BEGIN SELECT RAISE(ABORT, '{SAY}'); END"
        for event in ("insert", "update")
    ]


def _postgresql() -> list[str]:
    # The lock makes two appointments of one person, at the same instant, wait for each other.
    return [
        f"""CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_advisory_xact_lock(hashtext('{NAME}'), hashtext(NEW.agent_id::text));
          IF EXISTS ({_MET}) THEN
            RAISE EXCEPTION '{SAY}' USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END $$""",
        f"CREATE TRIGGER {NAME} BEFORE INSERT OR UPDATE ON {TABLE} FOR EACH ROW "
        f"WHEN (NEW.role IN {_SIDES}) EXECUTE FUNCTION {NAME}()",
    ]
