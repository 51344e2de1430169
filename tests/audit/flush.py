"""Let tests that commit empty the tables afterwards: the journal refuses it to everybody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.backends.base.operations import BaseDatabaseOperations

from casework.audit import triggers


@contextmanager
def flush_allowed() -> Iterator[None]:
    """Take the triggers away while Django empties the test database, and only then."""
    original = BaseDatabaseOperations.execute_sql_flush

    def execute(self: BaseDatabaseOperations, sql_list: list[str]) -> Any:
        if self.connection.vendor == "postgresql" and _emptied_by_rows(self.connection, sql_list):
            return None
        journal = self.connection.alias == DEFAULT_DB_ALIAS and any(triggers.HEAD in sql for sql in sql_list)
        if journal:
            triggers.remove(self.connection)
        try:
            return original(self, sql_list)
        finally:
            if journal:
                triggers.install(self.connection)

    BaseDatabaseOperations.execute_sql_flush = execute  # type: ignore[method-assign]
    try:
        yield
    finally:
        BaseDatabaseOperations.execute_sql_flush = original  # type: ignore[method-assign]


def _emptied_by_rows(connection: Any, sql_list: list[str]) -> bool:
    """Delete from the few tables that hold a row; TRUNCATE makes new files for each of two hundred.

    Say whether it was done: whoever is not superuser keeps Django's way, and so do sequences that start again.
    """
    if len(sql_list) != 1 or "RESTART" in sql_list[0]:
        return False
    tables = re.findall(r'"([^"]+)"', sql_list[0])
    filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in tables)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        if cursor.fetchone()[0] != "on":
            return False
        cursor.execute(filled)
        names = [name for (name,) in cursor.fetchall()]
        # Neither the keys nor the triggers of the journal look, until the end of this transaction.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name in names:
            cursor.execute(f'DELETE FROM "{name}"')
    return True
