"""T-26: many writers at once, half of them killed: no gap, no orphan, and the tree verifies."""

from __future__ import annotations

import os
import signal
import time
from typing import NoReturn
from uuid import uuid4

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.utils import timezone

from casework import audit
from casework.audit import Act, verify
from casework.audit.models import AuditEvent
from tests.audit.bench import NADIA, OTHER_TERRITORY, TERRITORY
from tests.databases import needs_processes

pytestmark = [pytest.mark.attack("T-26"), pytest.mark.django_db(databases="__all__", transaction=True)]

WRITERS = 16
SECONDS = 3.0


def write_once() -> None:
    """Write one row and tell it, and an event in a second log."""
    with audit.writing(NADIA, now=timezone.now()) as w:
        row = ContentType.objects.create(app_label="bench", model=str(uuid4()))
        w.note(Act.CREATE, row, subjects=[uuid4()])
        w.note(Act.GRANT, None, territory_id=OTHER_TERRITORY)


def whole() -> int:
    """Check that rows and events agree and that both trees verify; return how many rows there are."""
    rows = ContentType.objects.filter(app_label="bench").count()
    for log in (TERRITORY, OTHER_TERRITORY):
        report = verify.verify(str(log))
        assert report.ok
        assert report.size == rows
    assert AuditEvent.objects.count() == 2 * rows
    compared, faults = verify.verify_rows()
    assert (compared, faults) == (rows, [])
    return rows


def test_writers_one_after_the_other() -> None:
    for _ in range(20):
        write_once()
    assert whole() == 20


def writer(seconds: float) -> NoReturn:
    """Write until killed or out of time, in a process of its own."""
    try:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            write_once()
    except BaseException:  # noqa: BLE001 - the parent looks at the exit code only
        os._exit(1)
    os._exit(0)


@needs_processes
def test_sixteen_writers_and_half_of_them_killed() -> None:
    write_once()
    connections.close_all()
    children = []
    for number in range(WRITERS):
        child = os.fork()
        if child == 0:
            # On a busy machine the first would be done before the last is born: those to be killed wait for it.
            writer(SECONDS if number % 2 else 60 + SECONDS)
        children.append(child)
    time.sleep(SECONDS / 2)
    for child in children[::2]:
        os.kill(child, signal.SIGKILL)
        time.sleep(0.01)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert codes[1::2] == [0] * (WRITERS // 2)
    assert codes[::2] == [-signal.SIGKILL] * (WRITERS // 2)
    assert whole() > WRITERS
