"""T-58: two towns that differ by one person: what is printed of both tells of no small group, in neither."""

from __future__ import annotations

import pytest

from casework.indicators.releases.disclosure import protect
from tests.attack.printed import printed
from tests.attack.reader import gaps
from tests.indicators.disclosure.grids import grid, town

pytestmark = [pytest.mark.attack("T-58"), pytest.mark.rule("SDC-05")]


@pytest.mark.parametrize("zero_tells", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_shown_values_differ_only_where_both_meet_the_threshold(seed: int, zero_tells: bool) -> None:
    counts = dict(town(seed, 3, 4, 5.0))
    more = sorted(counts)[seed % len(counts)]
    towns = [grid(counts, zero_tells=zero_tells), grid(counts | {more: counts[more] + 1}, zero_tells=zero_tells)]
    both = [protect(cells) for cells in towns]
    for place in set(both[0].shown) & set(both[1].shown):
        first, second = both[0].shown[place], both[1].shown[place]
        if first != second:
            assert min(first, second) >= 5
    # No number printed of either town is a small one, printed of both or of one alone.
    assert all(n == 0 or n >= 5 for each in both for n in each.shown.values())
    for cells, protected in zip(towns, both, strict=True):
        assert all(high - low >= 5 and high >= 5 for low, high in protected.intervals.values())
        assert gaps(printed(cells, protected), {"t:2025": 5}) == []
