"""A pytest plug-in for the drill: SQLite bases migrated once, then poured into the memory of each run.

The folder named by CASEWORK_READY holds one file per database; the first run writes them. A sabotage of what migrations
put in a base cannot show in a base migrated before it: the harness runs again without this whatever stayed green.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3.creation import DatabaseCreation

FOLDER = "CASEWORK_READY"
_kept: list[sqlite3.Connection] = []
_create = DatabaseCreation.create_test_db


def _create_test_db(creation: DatabaseCreation, *args: Any, **options: Any) -> str:
    """Migrate from what is ready, if anything is; keep what comes out for the next run."""
    ready = Path(os.environ[FOLDER]) / f"{creation.connection.alias}.sqlite3"
    name = creation._get_test_db_name()
    if not creation.is_in_memory_db(name):
        return str(_create(creation, *args, **options))
    memory = sqlite3.connect(name, uri=True)
    _kept.append(memory)  # a base in memory lives as long as one connection to it
    if ready.exists():
        with sqlite3.connect(ready) as source:
            source.backup(memory)
        return str(_create(creation, *args, **options))
    made = str(_create(creation, *args, **options))
    part = ready.with_suffix(f".{os.getpid()}")
    with sqlite3.connect(part) as target:
        memory.backup(target)
    part.rename(ready)
    return made


def pytest_configure() -> None:
    """Take the place of Django's own way for this run."""
    DatabaseCreation.create_test_db = _create_test_db  # type: ignore[method-assign]
