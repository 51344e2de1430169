"""T-54: with all releases before him, months, filters, corrections and erasures, the reader finds no more."""

from __future__ import annotations

import random

import pytest

from casework.indicators.releases.disclosure import Cell, Known, Why, protect
from tests.attack.printed import DRILL, printed
from tests.attack.reader import Printed, gaps
from tests.indicators.disclosure.grids import cell, grid, line, published, town

pytestmark = [pytest.mark.attack("T-54"), pytest.mark.rule("SDC-07")]

KINDS, AGES, SEXES = ("tig", "rep", "stage"), ("13", "16", "18"), ("f", "m")
Atoms = dict[str, int]


class Press:
    """Everything printed so far, as the house knows it and as the reader does."""

    def __init__(self) -> None:
        self.known: list[Known] = []
        self.printed: list[Printed] = []
        self.thresholds: dict[str, int] = {}

    def release(self, cells: list[Cell]) -> None:
        protected = protect(cells, self.known)
        assert not protected.stuck
        self.known += published(cells, protected)
        self.printed += printed(cells, protected)
        self.thresholds |= {each.table: each.k for each in cells}

    def gaps(self, persons: Atoms | None = None) -> list[str]:
        return gaps(self.printed, self.thresholds, [name for name, n in (persons or {}).items() if n])


def _persons(seed: int, year: int, mean: float) -> Atoms:
    """Return one year of measures by kind, age and sex."""
    rng = random.Random(seed * 10_000 + year)
    return {
        f"m|{year}|{kind}|{age}|{sex}": sum(rng.random() < mean / 30 for _ in range(30))
        for kind in KINDS for age in AGES for sex in SEXES
    }  # fmt: skip


def _crossed(atoms: Atoms, table: str, ranks: tuple[int, ...], k: int = 5) -> list[Cell]:
    """Return the table that crosses some dimensions of a population, with its totals."""
    keys: set[tuple[str, ...]] = {()}
    for rank in ranks:
        keys = {(*key, code) for key in keys for code in [*(KINDS, AGES, SEXES)[rank], ""]}
    return [
        cell(
            table, key,
            {
                name: n for name, n in atoms.items()
                if all(code in ("", name.split("|")[2 + rank]) for rank, code in zip(ranks, key, strict=True))
            }, k=k,
        )
        for key in sorted(keys)
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_the_same_persons_by_every_pair_of_filters(seed: int) -> None:
    atoms, press = _persons(seed, 2025, 4.0), Press()
    for ranks in [(0,), (1,), (0, 1), (0, 2), (1, 2)]:
        press.release(_crossed(atoms, f"by_{ranks}:2025", ranks))
    assert press.gaps(atoms) == []


@pytest.mark.parametrize("seed", range(2))
def test_years_one_by_one_then_three_together(seed: int) -> None:
    press, every = Press(), {}
    for year in (2023, 2024, 2025):
        atoms = _persons(seed, year, 4.0)
        press.release(_crossed(atoms, f"one:{year}", (0,)))
        every |= atoms
    press.release(_crossed(every, "three:2025", (0, 1)))
    assert press.gaps() == []


@pytest.mark.parametrize("seed", range(2 if DRILL else 1))
def test_months_each_holding_the_ones_before(seed: int) -> None:
    """What a figure kept up to date each month would print: the time rule holds it back until it tells of nobody."""
    rng, press, sofar = random.Random(seed), Press(), {}
    why = set()
    for month in range(36 if DRILL else 12):
        sofar |= {f"m|{month}|{kind}": rng.choice((0, 1, 2, 3, 6)) for kind in KINDS[:2]}
        cells = [
            cell(f"t:{month:02d}", (kind,), {name: n for name, n in sofar.items() if kind in ("", name.split("|")[2])})
            for kind in (*KINDS[:2], "")
        ]  # fmt: skip
        why |= set(protect(cells, press.known).hidden.values())
        press.release(cells)
    assert Why.TIME in why
    assert any(each["value"] is not None for each in press.printed)
    assert press.gaps() == []


@pytest.mark.parametrize("seed", range(3))
def test_a_correction_that_adds_persons_to_a_year_already_printed(seed: int) -> None:
    counts, press = town(seed, 3, 4, 6.0), Press()
    press.release(grid(counts))
    late = {code: int(random.Random(seed).random() < 0.2) for code in counts}
    corrected = [
        cell(
            "t:2025-2", each.key,
            {name: _count(name, counts) for name in each.atoms}
            | {f"late|{name}": late[_code(name)] for name in each.atoms},
        )
        for each in grid(counts)
    ]  # fmt: skip
    press.release(corrected)
    assert press.gaps() == []


def _code(name: str) -> tuple[str, str]:
    _, _, row, column = name.split("|")
    return row, column


def _count(name: str, counts: object) -> int:
    assert isinstance(counts, dict)
    return int(counts[_code(name)])


@pytest.mark.parametrize("gone", ["a", "b", "c"])
def test_an_erasure_after_the_release_is_not_seen(gone: str) -> None:
    """n, then n - 1 without the person erased: the second figure would be the first less one."""
    values, press = {"a": 12, "b": 25, "c": 40}, Press()
    split = {
        code: {f"p|{code}": n - (code == gone), f"p|{code}|erased": int(code == gone)} for code, n in values.items()
    }
    everyone: Atoms = {name: n for atoms in split.values() for name, n in atoms.items()}
    press.release([cell("t:2025", (code,), atoms) for code, atoms in {**split, "": everyone}.items()])
    left = {code: {name: n for name, n in atoms.items() if "erased" not in name} for code, atoms in split.items()}
    remain: Atoms = {name: n for atoms in left.values() for name, n in atoms.items()}
    press.release([cell("again:2025", (code,), atoms) for code, atoms in {**left, "": remain}.items()])
    assert press.gaps(everyone) == []


def test_the_same_year_printed_again_by_coarser_codes() -> None:
    counts = {"10": 2, "13": 9, "16": 30, "18": 40, "21": 7}
    press = Press()
    press.release(line(counts))
    merged = {"10-13": ("10", "13"), "16": ("16",), "18-21": ("18", "21"), "": tuple(counts)}
    press.release(
        [cell("m:2025", (to,), {f"p|2025|{code}": counts[code] for code in codes}) for to, codes in merged.items()]
    )
    assert press.gaps({f"p|2025|{code}": n for code, n in counts.items()}) == []


def test_codes_put_together_across_what_was_hidden() -> None:
    """2 and 9 were hidden, 30 printed: a later 39 would be the 9, and by the first total the 2."""
    counts = {"10": 2, "13": 9, "16": 30, "18": 40}
    press = Press()
    press.release(line(counts))
    press.release([cell("m:2026", ("13-16",), {"p|2025|13": 9, "p|2025|16": 30})])
    assert press.gaps({f"p|2025|{code}": n for code, n in counts.items()}) == []


def test_the_reader_is_worth_something() -> None:
    """Two tables printed without looking at each other: he has the difference."""
    values, blind = {"a": 2, "b": 25, "c": 40}, Press()
    first, second = line(values), [cell("u:2025", ("",), {"p|2025|c": 40, "p|2025|a": 2})]
    blind.printed = printed(first, protect(first)) + printed(second, protect(second))
    blind.thresholds = {"t:2025": 5, "u:2025": 5}
    assert blind.gaps()
