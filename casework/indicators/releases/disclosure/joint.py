"""Cells of all releases put together as sums of the same unknowns, in groups that share nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from casework.indicators.releases.disclosure.cells import Cell, Known, Place, TooLarge, Why, cell_id

MOST_ATOMS: Final = 2_000
"""Judged jointly; above, it is refused rather than half done (security.md §3.14)."""


@dataclass(kw_only=True)
class Sum:
    """One quantity: every cell, of this release and of earlier ones, that sums exactly the same atoms."""

    atoms: frozenset[str]
    k: int = 0
    value: int | None = None  # None: of an earlier release, printed as hidden, and counted by no cell of this one
    public: bool = False  # printed by an earlier release
    was_hidden: bool = False  # printed as hidden by an earlier release
    cells: list[Cell] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    weight: float = 1.0  # what the reader loses if it is hidden

    @property
    def names(self) -> tuple[str, ...]:
        """Return the cells by name."""
        return tuple(
            dict.fromkeys([cell_id(*each.place) for each in self.cells] + [each.cell_id for each in self.known])
        )


@dataclass(frozen=True, kw_only=True)
class Group:
    """Sums that hang together. `blocks`: atoms that are always summed together count as one unknown."""

    sums: tuple[Sum, ...]
    blocks: tuple[frozenset[str], ...]
    parts: tuple[tuple[int, ...], ...]  # of each sum, its blocks

    def thresholds(self) -> list[int]:
        """Return for each block the highest threshold of the cells that hold it."""
        highest = [0] * len(self.blocks)
        for each, parts in zip(self.sums, self.parts, strict=True):
            for block in parts:
                highest[block] = max(highest[block], each.k)
        return highest


def groups(cells: Sequence[Cell], known: Sequence[Known]) -> list[Group]:
    """Return the groups, in an order that depends on nothing but their content.

    Raises ValueError if a cell sums nothing, or a frozen number changed; TooLarge.
    """
    sums: dict[frozenset[str], Sum] = {}
    for earlier in sorted(known, key=lambda each: each.cell_id):
        _with_known(_sum_of(sums, earlier.atoms), earlier)
    hidden_before = {_undated(name) for each in known if each.value is None for name in [each.cell_id]}
    for cell in sorted(cells, key=lambda each: each.place):
        _with_cell(_sum_of(sums, cell.atoms), cell, hidden_before)
    return [_group(members) for members in _hanging_together(list(sums.values()))]


def _sum_of(sums: dict[frozenset[str], Sum], atoms: frozenset[str]) -> Sum:
    if not atoms:
        raise ValueError("a cell sums at least one atom")
    return sums.setdefault(atoms, Sum(atoms=atoms))


def _with_known(into: Sum, earlier: Known) -> None:
    """Add a cell of an earlier release."""
    into.known.append(earlier)
    into.k = max(into.k, earlier.k)
    if earlier.value is None:
        into.was_hidden = True
        return
    if into.value not in (None, earlier.value):
        raise ValueError(f"{earlier.cell_id}: published twice, not alike")
    into.value, into.public = earlier.value, True


def _with_cell(into: Sum, cell: Cell, hidden_before: set[str]) -> None:
    """Add a cell of this release."""
    if into.value not in (None, cell.value):
        raise ValueError(f"{cell_id(*cell.place)}: a frozen number changed")
    into.cells.append(cell)
    into.k = max(into.k, cell.k)
    into.value = cell.value
    into.weight += _weight(cell) * (0.2 if _undated(cell_id(*cell.place)) in hidden_before else 1.0)


def _weight(cell: Cell) -> float:
    """Say how much a number is missed: small inner ones least, totals most."""
    totals = sum(not code for code in cell.key)
    whole = totals == len(cell.key)
    return (cell.value + 2.0) * (30.0 if whole else 6.0 if totals else 1.0)


def _undated(name: str) -> str:
    """Return the name of a cell without its period: the same line of the same table, another year."""
    table, *key = name.split("/")
    return "/".join((table.partition(":")[0], *key))


def _hanging_together(sums: Sequence[Sum]) -> Iterable[list[Sum]]:
    """Give the sums that share atoms with one another, transitively."""
    leader: dict[str, str] = {}

    def find(atom: str) -> str:
        while leader[atom] != atom:
            leader[atom] = leader[leader[atom]]
            atom = leader[atom]
        return atom

    for each in sums:
        first, *others = sorted(each.atoms)
        for atom in (first, *others):
            leader.setdefault(atom, atom)
        for atom in others:
            leader[find(atom)] = find(first)
    together: dict[str, list[Sum]] = defaultdict(list)
    for each in sums:
        together[find(min(each.atoms))].append(each)
    return together.values()


def _group(sums: list[Sum]) -> Group:
    """Merge the atoms that no sum tells apart."""
    holders: dict[str, list[int]] = defaultdict(list)
    for rank, each in enumerate(sums):
        for atom in each.atoms:
            holders[atom].append(rank)
    together: dict[tuple[int, ...], set[str]] = defaultdict(set)
    for atom, ranks in holders.items():
        together[tuple(ranks)].add(atom)
    if len(together) > MOST_ATOMS:
        raise TooLarge(f"{len(together)} atoms hang together, {MOST_ATOMS} at most")
    signatures = sorted(together)
    parts: list[list[int]] = [[] for _ in sums]
    for block, signature in enumerate(signatures):
        for rank in signature:
            parts[rank].append(block)
    return Group(
        sums=tuple(sums),
        blocks=tuple(frozenset(together[signature]) for signature in signatures),
        parts=tuple(tuple(each) for each in parts),
    )


def hidden_for_itself(each: Sum, reasons: dict[Place, Why], small: frozenset[str]) -> bool:
    """Say whether a sum is hidden before any other is: public ones are out already."""
    if each.public:
        return False
    if each.was_hidden or any(cell.place in reasons for cell in each.cells):
        return True
    return all(cell.table in small for cell in each.cells)
