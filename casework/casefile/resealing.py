"""Reseal under the journal: each page tells the new print of its rows, so that `audit_verify --rows` stays quiet.

A former key is dropped a little later than its last value: a page that was being read when it changed still opens.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

from django.db import models
from django.utils import timezone

from casework import audit
from casework.audit import Act
from casework.errors import IntegrityFault
from casework.sealing import locks, reseal
from casework.sealing.labels import sealed_fields
from casework.sealing.reseal import Done, Tell, Wanted

JOB: Final = "keys_reseal"
GRACE: Final = 60
"""Seconds between the last value under a former key and its end: longer than any request."""
ROUNDS: Final = 5
WHY: Final = "reseal"


@contextmanager
def told() -> Iterator[Tell]:
    """Be the transaction of one page: one event for each live row that changed, with its new print."""
    with audit.writing(audit.system_actor(), now=timezone.now()) as w:

        def tell(model: type[models.Model], ids: Sequence[Any]) -> None:
            if not getattr(model, "is_sealed_history", False):
                for row in model._base_manager.filter(pk__in=ids):
                    w.note(Act.SYSTEM, row, why=WHY)

        yield tell


def of_subject(subject: UUID, *, grace: float = GRACE, pause: Callable[[float], None] = time.sleep) -> Done:
    """Give a subject a new key and seal all its values under it; the former key is dropped at the end.

    Online, resumable. Raises AlreadyRunning, Shredded; IntegrityFault when values do not open: they keep their key.
    """
    with locks.alone(JOB):
        reseal.begin(subject)
        done = Done()
        for _ in range(ROUNDS):
            more = reseal.run(Wanted(subject=subject), told)
            done.values, done.rows, done.unreadable = done.values + more.values, done.rows + more.rows, more.unreadable
            # A page read before may be written back after: wait, look again, seal what came back.
            pause(grace)
            if reseal.finish(subject):
                return done
            if more.unreadable:
                break
    raise IntegrityFault("some values keep a former key")


def of_label(label: str) -> Done:
    """Seal every value of a label afresh. Raises LookupError for a label that no field has, AlreadyRunning."""
    if label not in {field.label for field in sealed_fields()}:
        raise LookupError(label)
    with locks.alone(JOB):
        return reseal.run(Wanted(label=label, afresh=True), told)


def of_format() -> Done:
    """Seal anew whatever is in an older format or under a key that has a successor. Raises AlreadyRunning."""
    with locks.alone(JOB):
        return reseal.run(Wanted(), told)
