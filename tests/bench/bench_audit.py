"""The journal: audited writes per second, alone and together, and the time to verify.

« ours » and « plain » are milliseconds for one write: a small ratio of plain is a great many writes per second. The
writers are processes of their own, on PostgreSQL only: the tests of SQLite live in the memory of one.
Floor: 150 writes a second in one territory; over 8 territories at least 0.6 of the plain insert; to verify costs at
most 3 times the bare hashing. `--size 50` verifies a million events.
Alone: `python -m tests.bench.bench_audit`.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID, uuid4

from tests.bench.measure import Budget, Result, measure

SECONDS = 3.0
EVENTS = 20_000
FLOOR = 150


def run(size: float) -> Iterator[Result]:
    """Yield one line per number of writers, then the verification."""
    from django.db import connection

    _prepare()
    yield measure("one audited write, alone", _audited(0), _plain, rounds=31)
    if connection.vendor == "postgresql":
        plain = _together(_plain_of, 8)
        for writers in (1, 8, 32):
            yield _line(f"{writers} writers, one territory", _together(lambda _: _audited(0), writers), None)
        yield _line("8 writers over 8 territories", _together(_audited, 8), plain)
    yield from _verification(size)


def _line(name: str, rate: float, plain: float | None) -> Result:
    """Return a line from writes per second. At least 0.6 of the plain insert is at most 1/0.6 of its time."""
    budget = Budget(ratio=1 / 0.6) if plain else Budget(milliseconds=1000 / FLOOR)
    each = 1000 / rate
    return Result(
        name=f"{name}: {rate:.0f}/s", ours=each, plain=1000 / plain if plain else None, wall=each, queries=0,
        plain_queries=None, budget=budget,
    )  # fmt: skip


def _prepare() -> None:
    from casework import audit

    audit.record(audit.system_actor(_territory(0)), audit.Act.SYSTEM)


def _territory(number: int) -> UUID:
    return UUID(int=0xBE0000 + number)


def _audited(number: int) -> Callable[[], None]:
    """Return one audited write in a territory: a row, its event, the tree."""
    from django.contrib.contenttypes.models import ContentType
    from django.utils import timezone

    from casework import audit
    from tests.audit.bench import NADIA

    actor = replace(NADIA, territory_id=_territory(number))

    def write() -> None:
        with audit.writing(actor, now=timezone.now()) as w:
            row = ContentType.objects.create(app_label="bench", model=str(uuid4()))
            w.note(audit.Act.CREATE, row, subjects=[uuid4()], classes=["youth_card"])

    return write


def _plain() -> None:
    """The same row with a plain line of log beside it, in one transaction."""
    from django.contrib.contenttypes.models import ContentType
    from django.db import transaction

    with transaction.atomic():
        row = ContentType.objects.create(app_label="bench", model=str(uuid4()))
        line = ContentType.objects.create(app_label="bench-log", model=f"{row.pk} create")
        ContentType.objects.create(app_label="bench-index", model=f"{line.pk}")


def _plain_of(number: int) -> Callable[[], None]:
    return _plain


def _together(work_of: Callable[[int], Callable[[], None]], writers: int) -> float:
    """Return how many writes a second that many processes carry out side by side."""
    from django.db import connections

    connections.close_all()
    pipes, children = [], []
    for number in range(writers):
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            _child(work_of(number), write)
        os.close(write)
        pipes.append(read)
        children.append(child)
    done = 0
    for read in pipes:
        done += int(os.read(read, 32) or b"0")
        os.close(read)
    for child in children:
        os.waitpid(child, 0)
    return done / SECONDS


def _child(work: Callable[[], None], pipe: int) -> None:
    """Write until time is up, say how often, and go."""
    done = 0
    try:
        work()  # connects
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            work()
            done += 1
    finally:
        os.write(pipe, str(done).encode())
        os._exit(0)


def _verification(size: float) -> Iterator[Result]:
    """Yield what verifying a log costs against hashing the same bytes."""
    from django.db import transaction

    from casework import audit
    from casework.audit import verify
    from casework.audit.append import append, entry
    from casework.audit.models import AuditEvent
    from casework.audit.tree import Frontier, leaf_hash
    from tests.audit.bench import NADIA

    count = max(int(EVENTS * size), 1000)
    territory = _territory(99)
    for start in range(0, count, 2000):
        with transaction.atomic():
            append(
                [
                    entry(
                        NADIA, audit.Act.VIEW, territory_id=territory, subjects=frozenset({uuid4()}),
                        classes=frozenset({"youth_card", "youth_identity"}), purpose="review", module="minors",
                    )
                    for _ in range(min(2000, count - start))
                ]
            )  # fmt: skip
    rows = AuditEvent.objects.filter(log=str(territory)).order_by("idx")
    encoded = [event.content().encode() for event in rows.iterator(5000)]

    def bare() -> None:
        """Hash the same bytes into the same tree, and its root at each event."""
        frontier = Frontier()
        for item in encoded:
            frontier.append(leaf_hash(item))

    yield measure(
        f"audit_verify, {count} events", lambda: verify.verify(str(territory)), bare, budget=Budget(ratio=3.0), rounds=3
    )


if __name__ == "__main__":
    from tests.bench import run as bench

    sys.argv[1:1] = ["--only", "bench_audit"]
    sys.exit(bench.main())
