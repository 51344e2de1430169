"""T-55: asked a thousand times, in whatever order, the answer is the same bytes: nothing to average."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys

import pytest

from casework.indicators.releases.disclosure import protect
from tests.attack.printed import DRILL
from tests.indicators.disclosure.grids import grid, line, published, town

pytestmark = pytest.mark.attack("T-55")


def test_repeats_in_every_order() -> None:
    cells, rng = line({"a": 3, "b": 30, "c": 30, "d": 30}), random.Random(1)
    expected = repr(protect(cells))
    # Three numbers could be hidden beside the first: which one is never a matter of chance.
    for _ in range(1000 if DRILL else 60):
        rng.shuffle(cells)
        assert repr(protect(cells)) == expected


def test_earlier_releases_and_tables_in_every_order() -> None:
    first = grid(town(1), "t:2024", population="p|2024")
    known = published(first, protect(first))
    cells = grid(town(2)) + line({"a": 3, "b": 9, "c": 30}, "u:2025", population="q")
    rng, expected = random.Random(1), repr(protect(cells, known))
    for _ in range(10):
        rng.shuffle(cells)
        rng.shuffle(known)
        assert repr(protect(cells, known)) == expected


def test_another_process_says_the_same() -> None:
    """The order of sets changes with each process; the answer does not."""
    ask = "from tests.indicators.disclosure.grids import *; from casework.indicators.releases.disclosure import protect; print(protect(grid(town(4))))"
    said = {
        hashlib.sha256(
            subprocess.run(  # noqa: S603  our own interpreter
                [sys.executable, "-c", ask], capture_output=True, check=True, env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."}
            ).stdout
        ).hexdigest()
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(said) == 1
