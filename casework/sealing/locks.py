"""One at a time: a job that two schedulers start together runs once (R-14).

PostgreSQL: an advisory lock of the session, which the server takes back when a killed process leaves. SQLite: a
lock on a file beside the databases, which the system takes back likewise. Nothing to clean up after a kill.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import connections

from casework.errors import CaseworkError


class AlreadyRunning(CaseworkError):
    """Another process is at this job."""

    code = "already_running"


@contextmanager
def alone(job: str, *, using: str = "default") -> Iterator[None]:
    """Hold the lock of `job` for the block. Raises AlreadyRunning at once if another process holds it."""
    # The advisory lock is the database's own; the name of a file says which database it stands for.
    name = f"{job}|{connections[using].settings_dict['NAME']}"
    held = _advisory(job, using) if connections[using].vendor == "postgresql" else _file(name, job)
    with held:
        yield


@contextmanager
def _advisory(job: str, using: str) -> Iterator[None]:
    number = int.from_bytes(sha256(job.encode()).digest()[:8], "big", signed=True)
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise AlreadyRunning(job)
    try:
        yield
    finally:
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


@contextmanager
def _file(name: str, job: str) -> Iterator[None]:
    path = Path(settings.VAR_DIR) / f"{sha256(name.encode()).hexdigest()[:16]}.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(job) from None
        yield
    finally:
        os.close(handle)
