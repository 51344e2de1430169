"""R-14: two schedulers, killed in the middle: each job once."""

from __future__ import annotations

import os
import threading

import pytest
from django.db import connection, connections
from django.utils import timezone

from casework.casefile import daily
from casework.sealing import locks

pytestmark = [pytest.mark.attack("R-14"), pytest.mark.django_db(databases="__all__", transaction=True)]


@pytest.fixture
def steps(monkeypatch):
    made: dict[str, daily.Step] = {}
    monkeypatch.setattr(daily, "_STEPS", made)
    return made


def elsewhere(work):
    """Run `work` with connections of its own; return what it returned."""
    if connection.vendor == "sqlite":  # in memory, one connection: its lock is a file, opened anew each time
        return work()
    found = []

    def run():
        try:
            found.append(work())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


def refused():
    try:
        daily.run(timezone.now())
    except locks.AlreadyRunning:
        return "refused"
    return "ran"


def test_the_second_scheduler_leaves_the_day_to_the_first(steps):
    seen, others = [], []

    def step(now):
        seen.append(now)
        if len(seen) == 1:
            others.append(elsewhere(refused))
        return 1

    steps["test.once"] = step
    assert [done.state for done in daily.run(timezone.now())] == ["done"]
    assert [done.state for done in daily.run(timezone.now())] == ["already"]
    assert (len(seen), others) == (1, ["refused"])


def test_a_step_that_failed_or_was_killed_runs_again(steps):
    ran = []
    steps["test.breaks"] = lambda now: ran.append(now) or 1 / 0
    assert [done.state for done in daily.run(timezone.now())] == ["failed"]
    steps["test.breaks"] = lambda now: ran.append(now) or 2
    assert [done.state for done in daily.run(timezone.now())] == ["done"]
    assert len(ran) == 2


def test_a_killed_process_leaves_no_lock():
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        try:
            with locks.alone("test.job"):
                os.kill(os.getpid(), 9)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -9
    for _ in range(50):  # PostgreSQL takes a moment to see that its client is gone
        try:
            with locks.alone("test.job"):
                return
        except locks.AlreadyRunning:
            threading.Event().wait(0.1)
    pytest.fail("the lock outlived its process")
