"""Counts that single nobody out (domain.md §8.4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.casefile import small_counts


@pytest.mark.rule("SDC-05")
def test_a_small_count_is_masked_and_so_is_a_zero():
    shown, total = small_counts.shown({"a": 20, "b": 30, "c": 4, "d": 0}, k=5)
    assert (shown["c"], shown["d"], total) == (None, None, 54)


@pytest.mark.rule("SDC-05")
def test_under_the_threshold_not_even_the_total_shows():
    assert small_counts.shown({"a": 2, "b": 8}, k=11) == ({"a": None, "b": None}, None)


@pytest.mark.rule("SDC-06")
def test_a_single_masked_count_takes_another_with_it():
    shown, total = small_counts.shown({"a": 20, "b": 12, "c": 1}, k=11)
    assert shown == {"a": 20, "b": None, "c": None}
    assert total == 33


@pytest.mark.rule("SDC-05", "SDC-06")
@given(st.dictionaries(st.integers(0, 9), st.integers(0, 60), min_size=1, max_size=6), st.integers(2, 11))
def test_nothing_shown_gives_a_small_count_back(counts, k):
    shown, total = small_counts.shown(counts, k=k)
    assert all(n is None or n >= k for n in shown.values())
    masked = [key for key, n in shown.items() if n is None]
    if total is not None and masked:
        assert len(masked) > 1 or len(counts) == 1
        assert total - sum(n for n in shown.values() if n is not None) >= k


# Counted again and again

BANDS = (None, *range(9))
NUMBERS = range(9 * small_counts.K_JUDICIAL)


def holds(band, n):
    least, most = small_counts.bounds(band)
    return least <= n <= most


@pytest.mark.attack("T-54", "T-58")
@pytest.mark.rule("SDC-07")
@pytest.mark.parametrize("before", BANDS)
def test_whoever_keeps_every_band_told_knows_no_number_nearer_than_the_minimum(before):
    """All that a band says is which numbers would have led to it, whatever the earlier ones: all of them, enumerated."""
    led: dict[int, list[int]] = {}
    for n in range(12 * small_counts.K_JUDICIAL):
        found = small_counts.band(n, before)
        assert holds(found, n)
        led.setdefault(found, []).append(n)
    for found, numbers in list(led.items())[:-1]:  # the last one is cut by the end of the range
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert len(numbers) >= small_counts.K_JUDICIAL, (before, found, numbers)


@pytest.mark.rule("SDC-07")
def test_a_number_that_stays_in_its_band_is_told_as_before():
    assert all(small_counts.band(n, b) == b for b in BANDS[1:] for n in NUMBERS if holds(b, n))


@pytest.mark.attack("T-58")
@pytest.mark.rule("SDC-07")
def test_a_few_who_come_and_go_move_a_band_once_at_the_most():
    few = range(-small_counts.SLACK, small_counts.SLACK + 1)
    for n, b, moved in ((n, b, n + d) for n in NUMBERS for b in BANDS[1:] if holds(b, n) for d in few if n + d >= 0):
        after = small_counts.band(moved, b)
        assert small_counts.band(n, after) == after, (n, b, moved)
