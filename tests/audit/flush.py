"""Let tests that commit empty the tables afterwards: the journal refuses it to everybody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.operations import BaseDatabaseOperations

from casework.audit import triggers


@contextmanager
def flush_allowed() -> Iterator[None]:
    """Take the triggers away while Django empties the test database, and only then."""
    original = BaseDatabaseOperations.execute_sql_flush

    def execute(self: BaseDatabaseOperations, sql_list: list[str]) -> Any:
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
