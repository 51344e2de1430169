"""Answers kept for one reading request: the same question is put to the database once a page.

Outside a request, and in one that may write, nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("casework_access_memo", default=None)


@contextmanager
def reading_request() -> Iterator[None]:
    """Keep the answers given through `once` for the block."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def once(key: Hashable, ask: Callable[[], T]) -> T:
    """Return what `ask` answers, asked at most once per `key` in a reading request; every time elsewhere.

    `key` names the question and everything the answer depends on.
    """
    kept = _kept.get()
    if kept is None:
        return ask()
    if key not in kept:
        kept[key] = ask()
    found: T = kept[key]
    return found
