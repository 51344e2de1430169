"""Getting everything out of a database, and back in: pg_dump for PostgreSQL, the backup API for SQLite.

Passwords reach PostgreSQL's tools by the environment, never by an argument that `ps` would show (T-15).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from django.db import connections, transaction
from django.db.backends.sqlite3._functions import register  # type: ignore[import-untyped]  # Django ships no stubs

from casework.desk.backup.refusals import BackupRefused

_PIECE: Final = 1 << 20
_WAL_BYTES: Final = slice(18, 20)
Sink = Callable[[bytes], None]


@dataclass(frozen=True)
class Counted:
    """What one instant of a database held: the copy made with it holds the same."""

    tables: Mapping[str, int]
    logs: list[list[Any]]
    migrations: list[str]


def dump(alias: str, sink: Sink) -> Counted:
    """Send one consistent copy of a database to `sink`; return what it holds. Raises BackupRefused."""
    return (_postgres if connections[alias].vendor == "postgresql" else _sqlite)(alias, sink)


def load(alias: str, source: Path) -> None:
    """Put a copy into an empty database. Raises BackupRefused `not_empty`, `no_tool`, `tool_failed`, `damaged`."""
    if not is_empty(alias):
        raise BackupRefused("not_empty")
    if connections[alias].vendor == "postgresql":
        _run_tool(alias, "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
                  "--dbname", str(connections[alias].settings_dict["NAME"]), str(source))  # fmt: skip
        return
    target = connections[alias]
    target.ensure_connection()
    try:
        with closing(sqlite3.connect(source)) as copy:
            register(copy)  # constraints on parts of a date call functions that only Django's own connections know
            if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise BackupRefused("damaged")
            copy.backup(cast("sqlite3.Connection", target.connection))
    except sqlite3.DatabaseError:
        raise BackupRefused("damaged") from None


def is_empty(alias: str) -> bool:
    """Say whether a database has no table at all."""
    return not connections[alias].introspection.table_names()


def counted(alias: str) -> Counted:
    """Return what a database holds now."""
    with connections[alias].cursor() as cursor:
        return _count(connections[alias].introspection.table_names(cursor), lambda sql: _rows(cursor, sql))


def _rows(cursor: Any, sql: str) -> list[Any]:
    cursor.execute(sql)
    return list(cursor.fetchall())


def _count(names: list[str], ask: Callable[[str], list[Any]]) -> Counted:
    # Names come from the catalogue of the database, not from anybody's typing.
    tables = {name: int(ask(f'SELECT COUNT(*) FROM "{name}"')[0][0]) for name in sorted(names)}  # noqa: S608 names read from the schema itself  # nosec B608
    logs = []
    if "audit_audithead" in tables:
        heads = ask("SELECT log, size, root FROM audit_audithead ORDER BY log")
        logs = [[log, size, bytes(root).hex()] for log, size, root in sorted(heads)]
    done = [f"{app}.{name}" for app, name in ask("SELECT app, name FROM django_migrations")]
    return Counted(tables, logs, sorted(done))


def _sqlite(alias: str, sink: Sink) -> Counted:
    """Copy in memory: SQLite serves the demonstration and small installations, and nothing clear touches a disk."""
    connections[alias].ensure_connection()
    with closing(sqlite3.connect(":memory:")) as copy:
        cast("sqlite3.Connection", connections[alias].connection).backup(copy)
        names = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        found = _count([name for (name,) in names], lambda sql: copy.execute(sql).fetchall())
        content = bytearray(copy.serialize())
    content[_WAL_BYTES] = b"\x01\x01"  # a file alone, without the journal that it had beside it
    for at in range(0, len(content), _PIECE):
        sink(bytes(content[at : at + _PIECE]))
    return found


def _postgres(alias: str, sink: Sink) -> Counted:
    """Stream pg_dump on the snapshot of a transaction in which the rows are counted too."""
    with transaction.atomic(using=alias, durable=True), connections[alias].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # This transaction waits for pg_dump, which may take longer than any request is allowed to be idle.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        found = _count(connections[alias].introspection.table_names(cursor), lambda sql: _rows(cursor, sql))
        with _tool(alias, "pg_dump", "--format=custom", "--no-owner", "--no-privileges",
                   f"--snapshot={snapshot}") as run:  # fmt: skip
            while piece := run.stdout.read(_PIECE):
                sink(piece)
        return found


def _run_tool(alias: str, name: str, *arguments: str) -> None:
    with _tool(alias, name, *arguments) as run:
        run.stdout.read()


@contextmanager
def _tool(alias: str, name: str, *arguments: str) -> Iterator[Any]:
    """Run a tool of PostgreSQL on a database. Raises BackupRefused; what the tool says may quote rows: never shown."""
    path = shutil.which(name)
    if path is None:
        raise BackupRefused("no_tool")
    run = subprocess.Popen(  # noqa: S603 our own arguments, no shell
        [path, "--no-password", *arguments], env=_environment(alias), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    said = b""
    try:
        yield run
        said = run.stderr.read() if run.stderr else b""
    finally:
        if run.poll() is None and run.stdout is not None:
            run.stdout.close()
        code = run.wait()
        if run.stdout is not None:
            run.stdout.close()
        if run.stderr is not None:
            run.stderr.close()
    if code:
        raise BackupRefused("no_tool" if b"server version mismatch" in said else "tool_failed", name)


_NAMES: Final = {"NAME": "PGDATABASE", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "HOST": "PGHOST", "PORT": "PGPORT"}
_OPTIONS: Final = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}


def _environment(alias: str) -> dict[str, str]:
    settings = connections[alias].settings_dict
    options = settings.get("OPTIONS") or {}
    given = {_NAMES[name]: str(settings[name]) for name in _NAMES if settings.get(name)}
    given |= {_OPTIONS[name]: str(options[name]) for name in _OPTIONS if options.get(name)}
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | given
