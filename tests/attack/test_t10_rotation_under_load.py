"""T-10: rotations while people read and write, killed twice: no error, nothing old left, the last run completes."""

from __future__ import annotations

import os
import signal
import time
import traceback
from typing import Any, NoReturn
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction

from casework import audit
from casework.access.matrix import DataClass
from casework.casefile import resealing
from casework.minors.followups.models import FollowedPerson, FollowUp
from casework.sealing import keys, providers, rotation, sweep
from casework.sealing.history import acting
from casework.sealing.status import status
from tests.databases import needs_processes
from tests.followups.saisine_setting import opened, refer

pytestmark = [
    pytest.mark.attack("T-10"),
    pytest.mark.django_db(databases="__all__", transaction=True),
    needs_processes,
]
SECONDS = float(os.environ.get("ROTATION_SECONDS", "6"))
# Longer than any reading of this test, as the minute of production is longer than any request.
GRACE = SECONDS / 4
# SQLite has no queue of writers: one that never breathes keeps the others out for longer than they wait.
BREATH = 0.03 if connection.vendor == "sqlite" else 0.0


@pytest.fixture(autouse=True)
def file_keys(settings, tmp_path):
    """Keys in files: every process sees what another one destroyed."""
    settings.KEK_PROVIDER, settings.KEK_DIR = "file", tmp_path / "kek"
    keys.forget()
    yield
    keys.forget()
    providers._made.clear()


def child(work: Any) -> int:
    """Run `work` in a process of its own; its exit code says whether it raised."""
    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    _run(work)


def _run(work: Any) -> NoReturn:
    try:
        work()
    except BaseException as error:  # noqa: BLE001 the parent reads the exit code, the terminal the cause
        os.write(2, "".join(traceback.format_exception(error)).encode())
        os._exit(1)
    os._exit(0)


def read() -> None:
    """Open everybody's name and file, again and again, as a page does."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        people = list(FollowedPerson.objects.all())
        with audit.reading(
            audit.system_actor(), subjects=[row.pk for row in people], classes=list(DataClass),
            purpose=audit.Purpose.SYSTEM, act=audit.Act.SYSTEM,
        ):  # fmt: skip
            sweep.open_many(people)
            assert {row.first_name for row in people} == {"Yanis"}
        time.sleep(BREATH)


def write() -> None:
    """Change everybody's phone, one at a time, on rows locked as actions lock them."""
    end, n = time.monotonic() + SECONDS, 0
    ids = list(FollowedPerson.objects.values_list("pk", flat=True))
    while time.monotonic() < end:
        n += 1
        for pk in ids:
            with transaction.atomic(), acting(None):
                row = FollowedPerson.objects.select_for_update().get(pk=pk)
                row.phone = f"06 00 00 {n:04d}"
                row.save()
            time.sleep(BREATH)


def come() -> None:
    """New subjects get their keys meanwhile."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        keys.ensure(uuid4())
        time.sleep(0.01)


def rotate() -> None:
    """Rotate the master key and one person's, until killed or out of time."""
    end = time.monotonic() + SECONDS
    ids = list(FollowedPerson.objects.values_list("pk", flat=True))
    while time.monotonic() < end:
        rotation.rotate(destroy=True, batch=3)
        resealing.of_subject(ids[0], grace=GRACE)
        ids = [*ids[1:], ids[0]]


def test_no_error_and_nothing_old_is_left(people):
    for _ in range(4):
        refer(people)
    workers = [child(read), child(read), child(write), child(come)]
    started = time.monotonic()
    for moment in (SECONDS / 4, SECONDS / 2):
        rotator = child(rotate)
        time.sleep(max(0.0, started + moment - time.monotonic()))
        os.kill(rotator, signal.SIGKILL)
        os.waitpid(rotator, 0)
    last = child(rotate)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in (*workers, last)] == [0] * 5
    keys.forget()
    before = rotation.rotate(destroy=True)
    for pk in FollowedPerson.objects.values_list("pk", flat=True):
        resealing.of_subject(pk, grace=0)
    assert before.damaged == 0
    assert status().problems == []
    follow_ups = list(FollowUp.objects.all())
    with opened(*follow_ups):
        assert {row.last_name for row in FollowedPerson.objects.all()} == {"Belkacem"}
