"""What a service works out of printed numbers once it takes its own persons away: it knows each of them (SDC-01).

The 85 % rule of business tables would hide every line of TIG, since one service brings nearly all of them. What that rule is
for is judged instead: of the persons of the *other* services, the one that subtracts its own must learn nothing of fewer
than the threshold. So each number is looked at once more without what one service brought. Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from casework.casefile import small_counts
from casework.indicators.releases import disclosure
from casework.indicators.releases.disclosure import Cell, Finding, Known, Place, Protected
from casework.indicators.releases.disclosure.primary import reasons

LEAST: Final = small_counts.K_PERSONS
"""Of the others it learns of no fewer: it is bound by secrecy, as whoever reads a page is not. With eleven, a commune would
publish no known return at all (ADR 81)."""


@dataclass(frozen=True, kw_only=True)
class Insider:
    """One service: `own`, the atoms of its own persons, those that hold nobody too; `counts`: of every atom that holds somebody."""

    own: frozenset[str]
    counts: Mapping[str, int]

    def rest(self, atoms: frozenset[str]) -> tuple[frozenset[str], int]:
        """Return the atoms of the others among these, and how many they are."""
        others = atoms - self.own
        return others, self.all_of(others)

    def all_of(self, atoms: frozenset[str]) -> int:
        """Return how many persons these atoms hold."""
        return sum(self.counts.get(atom, 0) for atom in atoms)


def protect(cells: Sequence[Cell], known: Sequence[Known], insiders: Sequence[Insider], *, universe: int) -> Protected:
    """Return what may be printed of a release, to anybody and to each service. Raises as `disclosure.protect`.

    What one service makes hidden is hidden from all: then everything is judged again, until nothing more is.
    """
    for_them: set[Place] = set()
    for insider in insiders:  # first what each number says by itself, which costs nothing
        for_them |= set(reasons(_cells_read_by(insider, cells, ()), read_by(insider, known), homogeneous=False))
    while True:
        found = disclosure.protect(cells, known, universe=universe, hidden=for_them)
        hidden = set(found.hidden)
        for insider in insiders:
            hidden |= _hidden_from(insider, cells, known, hidden)
        if hidden <= {*found.hidden, *for_them}:  # what was printed before stays, whatever is asked
            return found
        for_them |= hidden


def audit(known: Sequence[Known], insiders: Sequence[Insider]) -> list[Finding]:
    """Return what everything published together gives away to one of these services about the others. Raises as `disclosure.audit`."""
    found: list[Finding] = []
    for insider in insiders:
        others = frozenset(insider.counts) - insider.own
        found += disclosure.audit(read_by(insider, known), present=others, himself=False)
    return found


def _hidden_from(
    insider: Insider, cells: Sequence[Cell], known: Sequence[Known], hidden: Collection[Place]
) -> frozenset[Place]:
    """Return what must not be printed for the sake of the others, beside what is hidden already.

    That all the others are in one line is not asked here: where services differ by the measures they carry, it is so, and known.
    """
    left = _cells_read_by(insider, cells, hidden)
    found = disclosure.protect(left, read_by(insider, known), universe=0, himself=False, homogeneous=False)
    return frozenset(found.hidden)


def _cells_read_by(insider: Insider, cells: Sequence[Cell], hidden: Collection[Place]) -> list[Cell]:
    """Return the cells without what one service brought, none where it brought nobody to them.

    A number that is hidden already is no unknown to protect, unless it tells of a few of the others.
    """
    if not any(insider.own & cell.atoms for cell in cells):
        return []
    left = []
    for cell in cells:
        others, n = insider.rest(cell.atoms)
        k = min(cell.k, LEAST)
        if others and (cell.place not in hidden or 0 < n < k):
            left.append(replace(cell, atoms=others, value=n, k=k, zero_tells=False))
    return left


def read_by(insider: Insider, known: Sequence[Known]) -> list[Known]:
    """Return what was published as this service reads it: printed numbers of the others, and the hidden ones that are few of them.

    Left out: numbers of counts that this base has not, from which nothing can be taken away.
    """
    found = []
    for each in known:
        others, n = insider.rest(each.atoms)
        if not others:
            continue
        k = min(each.k, LEAST)
        if each.value is None:
            if 0 < n < k:
                found.append(replace(each, atoms=others, k=k))
        elif each.value == insider.all_of(each.atoms):
            found.append(replace(each, atoms=others, value=n, k=k))
    return found
