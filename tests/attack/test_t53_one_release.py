"""T-53: with one release before him, the reader finds no hidden number nearly enough."""

from __future__ import annotations

import json

import pytest

from casework.indicators.releases.disclosure import protect
from tests.attack.printed import DRILL, groups_with_somebody, printed
from tests.attack.reader import Reader, gaps
from tests.indicators.disclosure.grids import grid, line, town

TOWNS = 60 if DRILL else 20

pytestmark = [pytest.mark.attack("T-53"), pytest.mark.rule("SDC-06")]


@pytest.mark.parametrize("seed", range(TOWNS))
def test_small_towns_to_anyone(seed: int) -> None:
    cells = grid(town(seed))
    protected = protect(cells)
    assert gaps(printed(cells, protected), {"t:2025": 5}) == []


@pytest.mark.parametrize("seed", range(8))
def test_to_one_who_counts_himself_out_and_about_groups_that_no_table_prints(seed: int) -> None:
    cells = grid(town(seed, 3, 4))
    protected = protect(cells)
    assert gaps(printed(cells, protected), {"t:2025": 5}, groups_with_somebody(town(seed, 3, 4))) == []


@pytest.mark.parametrize("seed", range(8))
def test_persons_are_not_cut_in_parts(seed: int) -> None:
    cells = grid(town(seed, mean=6.0), k=11, zero_tells=True)
    protected = protect(cells)
    assert gaps(printed(cells, protected), {"t:2025": 11}, whole=True) == []


@pytest.mark.parametrize("seed", range(4))
def test_the_interval_that_the_dry_run_says_is_at_least_as_wide_as_what_the_reader_finds(seed: int) -> None:
    cells = grid(town(seed))
    protected = protect(cells)
    reader = Reader(printed(cells, protected))
    for each in reader.hidden:
        low, high = protected.intervals[each["table"], tuple(each["key"])]
        found_low, found_high = reader.interval(each)
        assert found_low <= low
        assert found_high is None or high <= found_high


def test_the_reader_is_worth_something() -> None:
    """Only the small number hidden: he has it at once."""
    bare = [dict(each) for each in json.loads(json.dumps(printed(line({"a": 3, "b": 30, "c": 30}), None)))]
    for each in bare:
        if each["key"] == ["a"]:
            each["value"] = None
    assert gaps(bare, {"t:2025": 5}) == ["t:2025 a is (Fraction(3, 1), Fraction(3, 1))"]
