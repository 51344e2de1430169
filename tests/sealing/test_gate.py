"""The gate: nests, closes, covers exactly what it says."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from uuid import uuid4

import pytest

from casework.errors import Unaudited
from casework.sealing import gate
from casework.sealing.gate import Gate

ONE, TWO = uuid4(), uuid4()


def on(*subjects, classes=("a",)):
    return gate.opened(Gate(frozenset(subjects), frozenset(classes), "test"))


def test_nothing_is_covered_by_default():
    assert not gate.covers(ONE, "a")
    with pytest.raises(Unaudited):
        gate.authority(ONE, "a")


def test_covers_its_subjects_and_classes_only():
    with on(ONE, classes=("a", "b")):
        assert gate.covers(ONE, "a")
        assert gate.covers(ONE, "b")
        assert not gate.covers(ONE, "c")
        assert not gate.covers(TWO, "a")


def test_gates_nest_and_any_may_cover():
    with on(ONE):
        with on(TWO, classes=("b",)):
            assert gate.covers(ONE, "a")
            assert gate.covers(TWO, "b")
            assert not gate.covers(ONE, "b")
            assert gate.authority(TWO, "b") is gate.open_gates()[1]
        assert not gate.covers(TWO, "b")
    assert gate.open_gates() == ()


def test_a_gate_is_a_value():
    assert Gate(frozenset({ONE}), frozenset({"a"}), "x") == Gate(frozenset({ONE}), frozenset({"a"}), "x")
    with pytest.raises(AttributeError):
        Gate(frozenset(), frozenset(), "x").purpose = "y"  # type: ignore[misc]


def test_contexts_do_not_see_each_other():
    async def reader(subject):
        with on(subject):
            await asyncio.sleep(0)
            return [gate.covers(s, "a") for s in (ONE, TWO)]

    async def both():
        return await asyncio.gather(reader(ONE), reader(TWO))

    assert asyncio.run(both()) == [[True, False], [False, True]]
    with on(ONE):
        assert copy_context().run(gate.covers, ONE, "a")
