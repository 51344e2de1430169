"""What floor 4 lends to this one: a queue of messages and working days. It registers itself (design.md §3).

Without them (a tool that loads this floor alone) a message is not queued and every day is a working day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Protocol


class Post(Protocol):
    """Add a message to the outbox, in the current transaction."""

    def __call__(self, *, to: str, subject: str, body: str, now: datetime) -> object:
        """Queue one message; it names no followed person."""


AddWorkingDays = Callable[[date, int, str], date]

_post: Post | None = None
_working_days: AddWorkingDays | None = None


def lend(*, post: Post, working_days: AddWorkingDays) -> None:
    """Register what floor 4 offers."""
    global _post, _working_days
    _post, _working_days = post, working_days


def send(*, to: str, subject: str, body: str, now: datetime) -> None:
    """Queue a message in the current transaction; it leaves only if the act is committed."""
    if _post is not None:
        _post(to=to, subject=subject, body=body, now=now)


def add_working_days(day: date, n: int, holiday_set: str) -> date:
    """Return the n-th working day after `day`."""
    return _working_days(day, n, holiday_set) if _working_days is not None else day + timedelta(days=n)
