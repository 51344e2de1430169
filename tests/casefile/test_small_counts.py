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
