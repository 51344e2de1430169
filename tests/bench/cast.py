"""The cast of the tests, written once for all benches of a run: they share the base."""

from __future__ import annotations

from functools import cache

from tests.people import People, build


@cache
def cast() -> People:
    """Return the cast, written by whoever asks first."""
    return build()
