"""What must happen once a day: each room registers its steps, the command `daily` runs them (GDP-04).

A step is safe to run again: one that failed is run again at the next call, one that succeeded waits for tomorrow.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.utils.timezone import localdate

from casework.casefile.models import OnceToken
from casework.sealing import locks

JOB = "daily"
logger = logging.getLogger(__name__)

Step = Callable[[datetime], int | None]
_STEPS: dict[str, Step] = {}


@dataclass(frozen=True)
class Done:
    """How one step went: how many rows it touched, None when it failed or was already done today."""

    name: str
    count: int | None
    state: str  # "done", "already", "failed"


def register(name: str, step: Step) -> None:
    """Add a step; the same name twice counts once. It returns how many rows it touched."""
    _STEPS[name] = step


def steps() -> tuple[str, ...]:
    """Return the names of the steps, in the order of registration."""
    return tuple(_STEPS)


def run(now: datetime, *, again: bool = False) -> list[Done]:
    """Run every step not yet done today; a failure stops that step only. Logs names of steps and counts alone.

    Raises AlreadyRunning: two schedulers do not share the day (R-14). One killed in the middle left its marks: the next
    run begins after them.
    """
    with locks.alone(JOB):
        return [_run(name, step, now, again) for name, step in list(_STEPS.items())]


def last_done(now: datetime, *, days: int = 7) -> list[tuple[str, date | None]]:
    """Return each step with the last day it succeeded within `days`, None if it did not."""
    today = localdate(now)
    past = [today - timedelta(days=back) for back in range(days)]
    marks = {_mark(name, day): (name, day) for name in _STEPS for day in past}
    found = OnceToken.objects.filter(token_hash__in=list(marks)).values_list("token_hash", flat=True)
    done: dict[str, date] = {}
    for mark in found:
        name, day = marks[mark]
        done[name] = max(day, done.get(name, day))
    return [(name, done.get(name)) for name in _STEPS]


def _run(name: str, step: Step, now: datetime, again: bool) -> Done:
    mark = _mark(name, localdate(now))
    if not again and OnceToken.objects.filter(token_hash=mark).exists():
        return Done(name, None, "already")
    try:
        count = step(now) or 0
    except Exception as fault:  # noqa: BLE001 the other steps must run; the message could quote a value
        logger.error("daily.failed", extra={"step": name, "code": type(fault).__name__})
        return Done(name, None, "failed")
    OnceToken.objects.get_or_create(
        token_hash=mark, defaults={"form_hash": mark, "fingerprint": "", "result": "/", "created_at": now}
    )
    logger.info("daily.done", extra={"step": name, "count": count})
    return Done(name, count, "done")


def _mark(name: str, day: date) -> str:
    """Return the once-only mark of a step on a day; the once tokens of a week ago are purged with it."""
    return sha256(f"daily|{name}|{day.isoformat()}".encode()).hexdigest()
