"""What the numbers tell together: those of one table, of several, of several releases."""

from __future__ import annotations

import itertools
import random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import optimize

from casework.indicators.releases.disclosure import Cell, Known, TooLarge, Why, audit, cell_id, protect
from casework.indicators.releases.disclosure.intervals import Readings
from tests.indicators.disclosure.grids import cell, grid, line, published, town

SAFE = {"a": 3, "b": 9, "c": 30, "d": 30}


@pytest.mark.rule("SDC-06")
def test_one_hidden_number_never_stays_alone_beside_its_total() -> None:
    protected = protect(line(SAFE))
    assert protected.hidden == {("t:2025", ("a",)): Why.PRIMARY, ("t:2025", ("b",)): Why.SECONDARY}
    assert protected.intervals["t:2025", ("a",)] == (0, 12)


@pytest.mark.attack("T-53")
def test_a_solver_that_fails_hides_more_and_never_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of time or lost, it proves nothing: what lies nearest is hidden, until each number is proved wide without it."""
    real = optimize.milp

    def lost(*args: Any, **kwargs: Any) -> Any:
        if "integrality" in kwargs:  # the proofs go on; what to hide is not found
            return real(*args, **kwargs)
        return SimpleNamespace(x=None, status=1)

    monkeypatch.setattr(optimize, "milp", lost)
    protected = protect(line({"a": 3, "b": 90, "c": 40, "d": 25}))
    assert not protected.stuck
    assert len(protected.hidden) >= 2
    assert all(high - low >= 5 and high >= 5 for low, high in protected.intervals.values())


@pytest.mark.attack("T-53")
def test_a_solver_that_answers_nothing_lets_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = line(SAFE)
    before = published(cells, protect(cells))
    monkeypatch.setattr(optimize, "milp", lambda *_args, **_kwargs: SimpleNamespace(x=None, status=1))
    with pytest.raises(ValueError, match="contradict"):
        protect(cells)
    with pytest.raises(ValueError, match="contradict"):
        audit(before)


@pytest.mark.rule("SDC-06")
def test_the_total_stays_and_small_numbers_go_first() -> None:
    protected = protect(line({"a": 3, "b": 90, "c": 40, "d": 25}))
    assert set(protected.hidden) == {("t:2025", ("a",)), ("t:2025", ("d",))}


@pytest.mark.rule("SDC-06")
def test_two_hidden_numbers_that_hold_too_few_together_take_a_third_along() -> None:
    protected = protect(line({"a": 1, "b": 2, "c": 30, "d": 40}))
    assert set(protected.hidden) == {("t:2025", (code,)) for code in "abc"}


@pytest.mark.rule("SDC-06")
def test_whoever_counts_himself_out_learns_no_more() -> None:
    """1 + 4 leave 0 to 5 to anyone; the one alone in his cell would know that the others of it are 0 to 4."""
    protected = protect(line({"a": 1, "b": 4, "c": 30, "d": 40}))
    assert set(protected.hidden) == {("t:2025", (code,)) for code in "abc"}


@pytest.mark.rule("SDC-06")
@pytest.mark.parametrize("seed", range(6))
def test_each_hidden_number_is_wide_enough_in_a_small_town(seed: int) -> None:
    protected = protect(grid(town(seed)))
    assert not protected.stuck
    assert all(high - low >= 5 and high >= 5 for low, high in protected.intervals.values())
    assert set(protected.intervals) == set(protected.hidden)


def test_a_number_is_hidden_in_every_table_that_prints_it() -> None:
    first = line({"a": 3, "b": 9, "c": 30, "d": 30}, "one:2025")
    second = [
        cell("two:2025", ("a",), {"p|2025|a": 3}), cell("two:2025", ("rest",), {f"p|2025|{c}": n for c, n in SAFE.items() if c != "a"}),
    ]  # fmt: skip
    protected = protect([*first, *second])
    assert ("two:2025", ("a",)) in protected.hidden
    assert ("two:2025", ("rest",)) in protected.hidden


@pytest.mark.rule("SDC-07")
def test_a_group_that_two_tables_isolate_is_not_given_away() -> None:
    """Nobody prints « left out », yet 40 less 38 would: no cell of its own is needed to be known."""
    everyone = [cell("all:2025", ("",), {"in": 38, "out": 2})]
    some = [cell("some:2025", ("",), {"in": 38})]
    protected = protect([*everyone, *some])
    assert len(protected.hidden) == 1


@pytest.mark.rule("SDC-07")
def test_what_parts_leave_of_their_union_is_not_given_away() -> None:
    parts = [cell("parts:2025", (code,), {code: n}) for code, n in {"x": 20, "y": 20}.items()]
    union = [cell("union:2025", ("",), {"x": 20, "y": 20, "z": 3})]
    assert protect([*parts, *union]).hidden


@pytest.mark.rule("SDC-07")
def test_what_was_hidden_stays_hidden_and_what_was_printed_stays_printed() -> None:
    cells = line(SAFE)
    first = protect(cells)
    again = protect(cells, published(cells, first))
    assert again.shown == first.shown
    assert set(again.hidden) == set(first.hidden)


@pytest.mark.rule("SDC-07")
def test_a_later_table_gives_back_nothing_that_an_earlier_one_hid() -> None:
    first = line(SAFE)
    known = published(first, protect(first))
    # 9 + 30 persons: the 30 are printed, so the 9 would be known, and by them the 3.
    later = [cell("later:2026", ("bc",), {"p|2025|b": 9, "p|2025|c": 30})]
    assert protect(later).shown
    assert protect(later, known).hidden == {("later:2026", ("bc",)): Why.SECONDARY}


def test_the_line_hidden_last_year_goes_first_this_year() -> None:
    values = {"a": 3, "b": 20, "c": 21, "d": 30}
    assert ("t:2025", ("b",)) in protect(line(values)).hidden
    last = [Known(cell_id=cell_id("t:2024", ("c",)), atoms=frozenset({"p|2024|c"}), value=None, k=5)]
    assert set(protect(line(values), last).hidden) == {("t:2025", ("a",)), ("t:2025", ("c",))}


def test_the_order_of_what_is_given_changes_nothing() -> None:
    cells = grid(town(3))
    shuffled = cells[:]
    random.Random(1).shuffle(shuffled)
    assert repr(protect(shuffled)) == repr(protect(cells))


def test_a_frozen_number_that_changed_is_refused() -> None:
    known = [Known(cell_id="t:2025/a", atoms=frozenset({"x"}), value=30, k=5)]
    with pytest.raises(ValueError, match="changed"):
        protect([cell("t:2025", ("a",), {"x": 31})], known)


def test_numbers_that_contradict_one_another_are_refused() -> None:
    known = [
        Known(cell_id="a", atoms=frozenset({"x"}), value=30, k=5),
        Known(cell_id="b", atoms=frozenset({"x", "y"}), value=20, k=5),
    ]
    with pytest.raises(ValueError, match="contradict"):
        audit(known)


def test_too_much_at_once_is_refused() -> None:
    cells = [cell("t:2025", (f"c{n}",), {f"x{n}": 30}) for n in range(2001)]
    whole = Cell(
        table="t:2025", key=("",), atoms=frozenset(f"x{n}" for n in range(2001)), value=2001 * 30, k=5, zero_tells=False
    )
    protect(cells)
    with pytest.raises(TooLarge):
        protect([*cells, whole])


@pytest.mark.rule("SDC-07")
def test_the_audit_finds_nothing_in_what_was_protected() -> None:
    known: list[Known] = []
    present: set[str] = set()
    for year in (2023, 2024, 2025):
        counts = town(year)
        cells = grid(counts, f"t:{year}", population=f"p|{year}")
        known += published(cells, protect(cells, known))
        present |= {f"p|{year}|{row}|{column}" for (row, column), n in counts.items() if n}
    assert audit(known) == []
    assert audit(known, present=present) == []


@pytest.mark.rule("SDC-07")
def test_the_audit_names_what_two_releases_give_away_together() -> None:
    hidden = Known(cell_id="t:2025/a", atoms=frozenset({"x"}), value=None, k=5)
    known = [
        Known(cell_id="t:2025/b", atoms=frozenset({"y"}), value=30, k=5), hidden,
        Known(cell_id="u:2026/", atoms=frozenset({"x", "y"}), value=33, k=5),
    ]  # fmt: skip
    found = audit(known)
    assert any(each.cells == ("t:2025/a",) and (each.low, each.high) == (3, 3) for each in found)
    assert audit(known[:2]) == []


@pytest.mark.rule("SDC-07")
def test_the_audit_names_a_group_that_no_table_prints() -> None:
    known = [
        Known(cell_id="all", atoms=frozenset({"in", "out"}), value=40, k=5),
        Known(cell_id="some", atoms=frozenset({"in"}), value=38, k=5),
    ]
    (found,) = audit(known)
    assert (found.low, found.high) == (2, 2)
    assert found.cells == ("all",)


@pytest.mark.rule("SDC-06")
def test_the_audit_tells_what_only_one_person_can_work_out() -> None:
    known = [
        Known(cell_id="t/", atoms=frozenset("abc"), value=35, k=5), Known(cell_id="t/c", atoms=frozenset("c"), value=30, k=5),
        *(Known(cell_id=f"t/{code}", atoms=frozenset(code), value=None, k=5) for code in "ab"),
    ]  # fmt: skip
    assert audit(known) == []
    found = audit(known, present={"a", "b", "c"})
    assert found
    assert all(each.himself for each in found)


def test_what_the_solver_makes_up_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver that answers anything hides too much, never too little."""
    monkeypatch.setattr(Readings, "_solve", lambda self, **_: np.arange(len(self.group.blocks)) % 7.0)
    with pytest.raises(ValueError, match="contradict"):
        protect(line(SAFE))


def test_tables_that_share_nobody_are_judged_apart() -> None:
    apart = [line(SAFE, f"t{rank}:2025", population=f"p{rank}") for rank in range(3)]
    together = protect(list(itertools.chain(*apart)))
    assert {place: why for cells in apart for place, why in protect(cells).hidden.items()} == dict(together.hidden)
