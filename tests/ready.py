"""Test databases migrated once, then poured into whoever needs one: each worker, the browser, the drill.

Migrating takes twenty seconds of processor. On SQLite the base is kept under `var/ready`, in a folder named after all that
it is made from: our code, the packages, this Python. One changed character makes another. A sabotage of what migrations put
in a base cannot show in a base migrated before it: the drill names its folder with CASEWORK_READY, and runs again without it
whatever stayed green. On the temporary cluster of `scripts/with_postgres` the workers of one run share a template.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from django.db.backends.base.creation import BaseDatabaseCreation
from django.db.backends.sqlite3.creation import DatabaseCreation as SqliteCreation

from config import settings

FOLDER = "CASEWORK_READY"
DAY = 24 * 3600
ROOT = Path(__file__).resolve().parents[1]
MADE_FROM = ("casework/**/*.py", "casework/**/*.sql", "casework/**/*.txt", "config/*.py", "scripts/quick_migrate.py",
             "requirements/base.txt", "tests/ready.py", "tests/conftest.py")  # fmt: skip
_create = BaseDatabaseCreation.create_test_db
_empty = SqliteCreation._create_test_db  # type: ignore[attr-defined]  # absent from the stubs
_kept: list[sqlite3.Connection] = []


def folder(root: Path = ROOT) -> Path:
    """Return where the migrated bases of this very code are, or will be."""
    if FOLDER in os.environ:
        return Path(os.environ[FOLDER])
    made_from = hashlib.sha256(f"{sys.version} {sqlite3.sqlite_version}".encode())
    for path in sorted(path for pattern in MADE_FROM for path in root.glob(pattern)):
        made_from.update(f"{path.relative_to(root)}".encode())
        made_from.update(path.read_bytes())
    return Path(settings.VAR_DIR) / "ready" / made_from.hexdigest()[:16]


@contextmanager
def shared(together: Path | None) -> Iterator[None]:
    """Let test databases start from a migrated one. `together`: a folder that the workers of this run share, if any."""
    with (
        mock.patch.object(BaseDatabaseCreation, "create_test_db", _Ready(folder(), together).create),
        mock.patch.object(SqliteCreation, "_create_test_db", _poured),
    ):
        yield


class _Ready:
    def __init__(self, home: Path, together: Path | None) -> None:
        self.home, self.together = home, together

    @property
    def create(self) -> Any:
        return lambda creation, *args, **options: self._create(creation, args, options)

    def _create(self, creation: Any, args: tuple[Any, ...], options: dict[str, Any]) -> str:
        if creation.connection.vendor == "sqlite":
            return self._on_sqlite(creation, args, options)
        if self.together is not None and os.environ.get("CASEWORK_TEST_CLUSTER") == "temporary":
            return self._on_postgresql(creation, self.together, args, options)
        return str(_create(creation, *args, **options))

    def _on_sqlite(self, creation: Any, args: tuple[Any, ...], options: dict[str, Any]) -> str:
        ready = self.home / f"{creation.connection.alias}.sqlite3"
        if not self.home.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            _forget_old(self.home.parent)
        with _one_at_a_time(self.home / "lock"):
            if ready.exists():
                creation.ready = ready
                return str(_create(creation, *args, **options))
            name = str(_create(creation, *args, **options))
            part = ready.with_suffix(f".{os.getpid()}")
            uri = creation.is_in_memory_db(name)
            with closing(sqlite3.connect(part)) as target, closing(sqlite3.connect(name, uri=uri)) as source:
                source.backup(target)
            part.rename(ready)
            return name

    def _on_postgresql(self, creation: Any, together: Path, args: tuple[Any, ...], options: dict[str, Any]) -> str:
        connection, ready = creation.connection, f"ready_{creation.connection.alias}"
        with _one_at_a_time(together / "ready.lock"):
            if (together / ready).exists():
                with mock.patch.dict(connection.settings_dict["TEST"], TEMPLATE=ready):
                    return str(_create(creation, *args, **options))
            name = str(_create(creation, *args, **options))
            connection.close()  # PostgreSQL copies only what nobody is using
            with creation._nodb_cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{ready}" TEMPLATE "{name}"')
            (together / ready).touch()
            return name


def _poured(creation: Any, *args: Any, **options: Any) -> str:
    """Make the empty base, as Django does, and pour into it what is ready."""
    name = str(_empty(creation, *args, **options))
    memory = creation.is_in_memory_db(name)
    target = sqlite3.connect(name, uri=memory)
    ready = vars(creation).pop("ready", None)
    if ready is not None:
        with closing(sqlite3.connect(ready)) as source:
            source.backup(target)
    if memory:
        _kept.append(target)  # a base in memory lives as long as one connection to it
    else:
        target.close()
    return name


def _forget_old(bases: Path) -> None:
    """Remove the bases of code of the day before; another run may still read those of today."""
    if bases.name != "ready":
        return  # the folder of a drill
    for base in bases.iterdir():
        if time.time() - base.stat().st_mtime > DAY:
            shutil.rmtree(base, ignore_errors=True)


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
