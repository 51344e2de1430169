"""T-56: n = N, N - n small, rates of few, and persons sought through unions and complements: refused or hidden."""

from __future__ import annotations

import itertools

import pytest

from casework.indicators.releases.disclosure import Known, protect
from casework.indicators.releases.rates import rate
from tests.attack.printed import printed
from tests.attack.reader import Printed, gaps
from tests.indicators.disclosure.grids import cell, line, published

pytestmark = [pytest.mark.attack("T-56"), pytest.mark.rule("SDC-05")]


@pytest.mark.parametrize("k", [5, 11])
@pytest.mark.parametrize("rest", range(11))
def test_a_group_of_which_nearly_all_or_all_are_in_one_cell(rest: int, k: int) -> None:
    cells = line({"return": 40, "none": rest}, k=k)
    protected = protect(cells)
    if rest < k:
        assert ("t:2025", ("return",)) in protected.hidden
    assert gaps(printed(cells, protected), {"t:2025": k}) == []


@pytest.mark.rule("SDC-08")
def test_no_rate_gives_a_hidden_number_back() -> None:
    """Every pair of numbers that may be printed: the rate says a part of at least k, to five points, on 20 at least."""
    for base, part in itertools.product(range(1, 60), range(60)):
        found = rate(part, base, k=5) if part <= base else None
        if base < 20 or part < 5 or base - part < 5:
            assert found is None
        elif found is not None:
            agreeing = [n for n in range(base + 1) if (again := rate(n, base, k=5)) and again.percent == found.percent]
            assert part in agreeing


def _ask(questions: list[dict[str, int]]) -> tuple[list[Printed], dict[str, int]]:
    """Print the answers to questions put one after another, each a set of groups added up."""
    known: list[Known] = []
    out: list[Printed] = []
    for rank, atoms in enumerate(questions):
        cells = [cell(f"q{rank}:2025", ("",), atoms)]
        protected = protect(cells, known)
        known += published(cells, protected)
        out += printed(cells, protected)
    return out, {each["table"]: 5 for each in out}


TOWN = {"target": 1, "a": 20, "b": 25, "c": 30, "d": 35}


def _sum(*names: str) -> dict[str, int]:
    return {name: TOWN[name] for name in names}


@pytest.mark.parametrize(
    "names",
    [
        [("a", "target"), ("a",)],  # the individual tracker of Denning
        [("a", "b"), ("b",), ("a", "target")],
        [("a", "b", "target"), ("a",), ("b",)],  # a union of disjoint sets, less each
        [("a", "b", "c", "d", "target"), ("a", "b", "c", "d")],  # everybody but one
        [("a", "b", "target"), ("b", "c"), ("c", "d"), ("a", "d"), ("a",)],
        [("a", "b"), ("b", "c", "target"), ("a", "c"), ("a",), ("b",)],  # overlapping unions
    ],
)
def test_a_person_sought_through_unions_and_complements(names: list[tuple[str, ...]]) -> None:
    for order in (names, names[::-1]):
        out, thresholds = _ask([_sum(*each) for each in order])
        assert gaps(out, thresholds, ["target"]) == []


def test_the_reader_is_worth_something() -> None:
    out: list[Printed] = [
        {"table": "t", "key": [name], "groups": list(groups), "value": sum(TOWN[each] for each in groups)}
        for name, groups in {"x": ("a", "target"), "y": ("a",)}.items()
    ]
    assert gaps(out, {"t": 5}, ["target"]) == ["target holds few"]
