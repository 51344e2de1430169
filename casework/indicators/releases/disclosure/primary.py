"""First pass: what each number tells by itself, or beside its total (security.md §3.14, primary and universe rules)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from casework.indicators.releases.disclosure.cells import Cell, Known, Place, Why


def reasons(cells: Sequence[Cell], known: Sequence[Known], *, homogeneous: bool = True) -> dict[Place, Why]:
    """Return the cells that must be hidden for what they say by themselves, and why; small tables are apart.

    `homogeneous`: also those that hold everyone of a group.
    """
    tables: dict[str, dict[tuple[str, ...], Cell]] = defaultdict(dict)
    for cell in cells:
        tables[cell.table][cell.key] = cell
    found: dict[Place, Why] = {}
    for cell in cells:
        if why := _alone(cell) or _beside_totals(cell, tables[cell.table], homogeneous) or _beside_earlier(cell, known):
            found[cell.place] = why
    return found


def small_tables(cells: Sequence[Cell], universe: int) -> frozenset[str]:
    """Return the tables whose whole is under `universe` persons."""
    wholes: dict[str, int] = defaultdict(int)
    for cell in cells:
        # Where a table prints no total, its largest number at least is part of the whole.
        wholes[cell.table] = max(wholes[cell.table], cell.value)
    for table, inner in _inner_sums(cells).items():
        wholes[table] = max(wholes[table], inner)
    return frozenset(table for table, whole in wholes.items() if whole < universe)


def _alone(cell: Cell) -> Why | None:
    """Judge the number by itself."""
    return Why.PRIMARY if 1 <= cell.value < cell.k or (cell.value == 0 and cell.zero_tells) else None


def _beside_totals(cell: Cell, table: Mapping[tuple[str, ...], Cell], homogeneous: bool) -> Why | None:
    """Judge the number beside each total that it is part of: who is left out, or nobody."""
    for total in _totals(cell, table):
        rest = total.value - cell.value
        if 1 <= rest < cell.k:
            return Why.COMPLEMENT
        if homogeneous and rest == 0 and cell.value and cell.atoms != total.atoms:
            return Why.HOMOGENEOUS
    return None


def _beside_earlier(cell: Cell, known: Sequence[Known]) -> Why | None:
    """Judge the number beside those of earlier releases that hold it, or that it holds: nobody more, or k of them."""
    for earlier in known:
        if earlier.value is None or not (earlier.atoms < cell.atoms or cell.atoms < earlier.atoms):
            continue
        if 1 <= abs(cell.value - earlier.value) < max(cell.k, earlier.k):
            return Why.TIME
    return None


def _totals(cell: Cell, table: Mapping[tuple[str, ...], Cell]) -> Iterator[Cell]:
    """Give the totals of which a cell is one part: over one of its dimensions, or over all of them."""
    keys = {(*cell.key[:rank], "", *cell.key[rank + 1 :]) for rank, code in enumerate(cell.key) if code}
    keys.add(("",) * len(cell.key))
    for key in sorted(keys - {cell.key}):
        if total := table.get(key):
            yield total


def _inner_sums(cells: Sequence[Cell]) -> dict[str, int]:
    """Return the sum of the inner cells of each table."""
    sums: dict[str, int] = defaultdict(int)
    for cell in cells:
        if all(cell.key):
            sums[cell.table] += cell.value
    return sums
