"""Where the test databases live, for tests that need more than the memory of one process."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from django.db import connection, connections

T = TypeVar("T")

# Set it to run on SQLite what needs several processes or threads that wait for one another.
IN_FILES = bool(os.environ.get("CASEWORK_TEST_FILES"))

needs_processes = pytest.mark.skipif(
    connection.vendor == "sqlite" and not IN_FILES,
    reason="SQLite tests live in the memory of one process; CASEWORK_TEST_FILES=1 puts them in files",
)


# Through these a test may ask a database. pytest-django refuses every query of the others.
_ASKING = frozenset({"db", "transactional_db", "django_db_setup", "live_server"})


def may_ask(item: pytest.Item) -> bool:
    """Say whether pytest-django lets this test send a query: it carries the mark, or takes a fixture that has a base."""
    taken = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not _ASKING.isdisjoint(taken)


# These give a base without a transaction around the test: it is emptied afterwards.
_EMPTYING = frozenset({"transactional_db", "live_server", "django_db_reset_sequences"})


def empties(item: pytest.Item) -> bool:
    """Say whether the base is emptied after this test, of what migrations wrote there too."""
    mark = item.get_closest_marker("django_db")
    asked = mark is not None and bool(mark.kwargs.get("transaction") or mark.args[:1] == (True,))
    return asked or not _EMPTYING.isdisjoint(getattr(item, "fixturenames", ()))


def proves_nothing_more(item: pytest.Item) -> bool:
    """Say whether a run on PostgreSQL leaves this test to the run on SQLite: it can send no query to either."""
    return connection.vendor == "postgresql" and not may_ask(item)


def some(of: Sequence[T], n: int = 2) -> list[T]:
    """Return all of them on SQLite, the first `n` on PostgreSQL.

    For crawls that ask every address for one person after the other: what each may see is decided by the same code on both
    databases, and a few persons are enough to send every query to the second one.
    """
    return list(of) if connection.vendor == "sqlite" else list(of)[:n]


def put_in_files(folder: Path) -> None:
    """Let the SQLite test databases be files of `folder`; other engines stay as they are."""
    for alias in connections:
        if connections[alias].vendor == "sqlite":
            connections[alias].settings_dict["TEST"]["NAME"] = str(folder / f"{alias}.sqlite3")


@contextmanager
def read_only() -> Iterator[None]:
    """The file system was mounted read-only, or the server became a replica. Outside a transaction only."""
    sqlite = connection.vendor == "sqlite"
    switch = "PRAGMA query_only = {}" if sqlite else "SET default_transaction_read_only = {}"
    with connection.cursor() as cursor:
        cursor.execute(switch.format("ON"))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(switch.format("OFF"))


def let_take_its_time() -> None:
    """Let the transaction of this test stay idle on a database that it does not ask for long: PostgreSQL ends others."""
    for alias in connections:
        if connections[alias].vendor == "postgresql":
            with connections[alias].cursor() as cursor:
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
