"""What a number tells by itself, or beside its total."""

from __future__ import annotations

import pytest

from casework.indicators.releases.disclosure import Why, protect
from tests.indicators.disclosure.grids import cell, line, published

REASON = {Why.PRIMARY, Why.COMPLEMENT, Why.HOMOGENEOUS}


@pytest.mark.rule("SDC-05")
@pytest.mark.parametrize(("n", "k"), [(1, 5), (4, 5), (1, 11), (10, 11)])
def test_fewer_persons_than_the_threshold_are_hidden(n: int, k: int) -> None:
    protected = protect(line({"a": n, "b": 30, "c": 30, "d": 30}, k=k))
    assert protected.hidden["t:2025", ("a",)] is Why.PRIMARY


@pytest.mark.rule("SDC-05")
@pytest.mark.parametrize(("n", "k"), [(5, 5), (11, 11)])
def test_the_threshold_itself_is_shown(n: int, k: int) -> None:
    protected = protect(line({"a": n, "b": 30, "c": 30, "d": 30}, k=k))
    assert protected.shown["t:2025", ("a",)] == n
    assert not protected.hidden


@pytest.mark.rule("SDC-05")
def test_a_zero_is_hidden_where_it_tells_something_of_everyone() -> None:
    values = {"a": 0, "b": 30, "c": 30, "d": 30}
    assert protect(line(values, zero_tells=True)).hidden["t:2025", ("a",)] is Why.PRIMARY
    assert protect(line(values)).shown["t:2025", ("a",)] == 0


@pytest.mark.rule("SDC-05")
@pytest.mark.parametrize("missing", [1, 4])
def test_all_of_a_group_but_a_few_is_hidden(missing: int) -> None:
    protected = protect(line({"done": 40, "stopped": missing}))
    assert protected.hidden["t:2025", ("done",)] is Why.COMPLEMENT


@pytest.mark.rule("SDC-05")
def test_everyone_in_one_cell_is_hidden_and_so_is_the_zero_that_would_tell_it() -> None:
    protected = protect(line({"done": 40, "stopped": 0}))
    assert protected.hidden["t:2025", ("done",)] is Why.HOMOGENEOUS
    assert ("t:2025", ("stopped",)) in protected.hidden


def test_a_dimension_of_one_code_tells_nothing() -> None:
    assert protect(line({"only": 40})).shown == {("t:2025", ("only",)): 40, ("t:2025", ("",)): 40}


@pytest.mark.rule("SDC-05")
def test_no_table_of_fewer_than_twenty_persons() -> None:
    values = {"a": 6, "b": 6, "c": 7}
    protected = protect(line(values))
    assert set(protected.hidden.values()) == {Why.UNIVERSE}
    assert not protected.shown
    assert protect(line(values | {"c": 8})).shown


def test_the_whole_of_a_table_that_is_not_drawn_is_shown_where_another_shows_it() -> None:
    kinds = line({"tig": 12, "other": 40}, "kinds:2025")
    tig = {"p|2025|tig": 12}
    results = [cell("results:2025", ("",), tig)]
    protected = protect([*kinds, *results])
    assert protected.shown["results:2025", ("",)] == 12


@pytest.mark.rule("SDC-07")
@pytest.mark.parametrize(("more", "why"), [(0, None), (1, Why.TIME), (4, Why.TIME), (5, None)])
def test_a_later_figure_holds_nobody_more_or_enough_of_them(more: int, why: Why | None) -> None:
    first = [cell("t:2025", ("",), {"old": 40})]
    known = published(first, protect(first))
    later = [cell("t:2026", ("",), {"old": 40, "late": more})]
    assert protect(later, known).hidden.get(("t:2026", ("",))) is why


@pytest.mark.rule("SDC-07")
def test_a_smaller_figure_inside_an_earlier_one_neither() -> None:
    first = [cell("t:2025", ("",), {"kept": 40, "erased": 1})]
    known = published(first, protect(first))
    assert protect([cell("t:2026", ("",), {"kept": 40})], known).hidden == {("t:2026", ("",)): Why.TIME}


def test_a_cell_that_names_no_atom_or_is_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one atom"):
        protect([cell("t:2025", ("a",), {})])
    with pytest.raises(ValueError, match="twice"):
        protect(line({"a": 40}) * 2)
