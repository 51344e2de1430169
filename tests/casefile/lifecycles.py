"""What each subject uses to try every pair of its transition table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from casework import audit
from casework.casefile.lifecycle import SYSTEM, Lifecycle
from casework.errors import GuardRefused, MoveRefused, Refused
from casework.partners.codes import Role


def assert_every_pair(
    lifecycle: Lifecycle[Any],
    make: Callable[[Any], Any] | None = None,
    *,
    by: audit.Actor | None = None,
    now: Any = None,
) -> None:
    """Try every (from, to): written rows are found and complete, all others refused (10.x).

    With `make(state)`, which returns a saved object in that state, every forbidden pair is also tried
    through `apply` as `by`, and must leave the row as it was; an allowed one either moves it or is
    stopped by one of its guards.
    """
    assert lifecycle.problems() == []
    for origin, to in lifecycle.pairs():
        move = lifecycle.moves.get((origin, to))
        if move is None:
            with pytest.raises(MoveRefused):
                lifecycle.find(origin, to)
        else:
            assert lifecycle.find(origin, to) is move
            assert move.name.isidentifier(), move
            assert move.rule, move
            assert move.who <= {*Role, SYSTEM}, move
    for state in lifecycle.states:
        leaves = lifecycle.exits(state) - {state}
        assert bool(leaves) is (state not in lifecycle.final), f"{state}: exits {sorted(leaves)}"
    if make is not None:
        _try_rows(lifecycle, make, by, now)


def _try_rows(lifecycle: Lifecycle[Any], make: Callable[[Any], Any], by: Any, now: Any) -> None:
    for origin, to in lifecycle.pairs():
        if origin is None:
            continue
        move = lifecycle.moves.get((origin, to))
        if move is not None and by.role not in move.who:
            continue
        obj = make(origin)
        before = type(obj)._base_manager.filter(pk=obj.pk).values().get()
        expected = f"{origin} -> {to}"
        refusal = _refusal(lifecycle, obj, to, by, now)
        after = type(obj)._base_manager.filter(pk=obj.pk).values().get()
        if refusal is None:
            assert move is not None, f"{expected} was let through"
            assert (after[lifecycle.field], after["revision"]) == (to, before["revision"] + 1), expected
        else:
            assert isinstance(refusal, MoveRefused) is (move is None), f"{expected}: {refusal.message}"
            assert after == before, expected


def _refusal(lifecycle: Lifecycle[Any], obj: Any, to: Any, by: Any, now: Any) -> Refused | None:
    """Return what stopped the move, None if nothing did."""
    try:
        with audit.writing(by, now=now) as w:
            lifecycle.apply(obj, to, w=w, by=by, now=now)
    except (MoveRefused, GuardRefused) as refusal:
        return refusal
    return None
