"""Invented tables of a small town, as a release would print them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping

from casework.indicators.releases.disclosure import Cell, Known, Protected, cell_id

Counts = Mapping[tuple[str, str], int]


def town(seed: int, rows: int = 4, columns: int = 5, mean: float = 4.0) -> Counts:
    """Return counts of a small town: each cell holds `mean` persons on average."""
    rng = random.Random(seed)
    return {
        (f"r{row}", f"c{column}"): sum(rng.random() < mean / 40 for _ in range(40))
        for row in range(rows)
        for column in range(columns)
    }


def atom(population: str, code: tuple[str, ...]) -> str:
    return "|".join((population, *code))


def cell(
    table: str, key: tuple[str, ...], atoms: Mapping[str, int], *, k: int = 5, zero_tells: bool = False
) -> Cell:  # fmt: skip
    """Return the cell that sums these atoms."""
    return Cell(table=table, key=key, atoms=frozenset(atoms), value=sum(atoms.values()), k=k, zero_tells=zero_tells)


def grid(
    counts: Counts, table: str = "t:2025", *, population: str = "p|2025", k: int = 5, zero_tells: bool = False
) -> list[Cell]:  # fmt: skip
    """Return the cells of a table by two dimensions, with its totals."""
    rows, columns = ([*dict.fromkeys(key[side] for key in counts), ""] for side in (0, 1))
    return [
        cell(
            table, (row, column),
            {
                atom(population, code): n for code, n in counts.items()
                if row in ("", code[0]) and column in ("", code[1])
            },
            k=k, zero_tells=zero_tells,
        )
        for row in rows
        for column in columns
    ]  # fmt: skip


def line(
    values: Mapping[str, int], table: str = "t:2025", *, population: str = "p|2025", k: int = 5, zero_tells: bool = False
) -> list[Cell]:  # fmt: skip
    """Return the cells of a table by one dimension, with its total."""
    each = {code: {atom(population, (code,)): n} for code, n in values.items()}
    every = {name: n for atoms in each.values() for name, n in atoms.items()}
    return [cell(table, (code,), atoms, k=k, zero_tells=zero_tells) for code, atoms in {**each, "": every}.items()]


def published(cells: Iterable[Cell], protected: Protected) -> list[Known]:
    """Return a release as the next one knows it."""
    return [
        Known(cell_id=cell_id(*each.place), atoms=each.atoms, value=protected.shown.get(each.place), k=each.k)
        for each in cells
    ]
