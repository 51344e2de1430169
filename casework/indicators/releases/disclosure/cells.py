"""What the disclosure control receives and returns: cells as sums of atoms, and what may be printed of them.

An *atom* is the smallest group that a release counts: one combination of codes of one population and period. Its name is
all that is needed here. A cell names **every** atom that it sums by its definition, the empty ones too: atoms left out
because nobody is in them would tell exactly that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Place = tuple[str, tuple[str, ...]]
"""A cell of one release: its table (with its period) and one code per dimension, "" for the whole over it."""


class Why(StrEnum):
    """Why a number is not printed. On the page they all look the same: which one it is tells too much."""

    UNIVERSE = "universe"  # fewer persons in the whole table than it takes to draw one
    PRIMARY = "primary"  # 1 to k - 1 persons, or a zero that tells something of everyone
    COMPLEMENT = "complement"  # all of a group but 1 to k - 1 persons
    HOMOGENEOUS = "homogeneous"  # everyone in the group is in the cell
    TIME = "time"  # 1 to k - 1 persons more or fewer than a figure already published: the earlier one stays
    SECONDARY = "secondary"  # the rest would give another hidden number back


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One number that a release would print. `k`: threshold of its population; `zero_tells`: its zero is hidden too."""

    table: str
    key: tuple[str, ...]
    atoms: frozenset[str]
    value: int
    k: int
    zero_tells: bool

    @property
    def place(self) -> Place:
        """Return where it stands in its release."""
        return self.table, self.key


@dataclass(frozen=True, kw_only=True)
class Known:
    """A cell of an earlier release. `value` None: it was printed as hidden.

    A number printed because an earlier one stayed (`Why.TIME`) is None too: the later count itself was not published.
    `cell_id` is that of `cell_id()`.
    """

    cell_id: str
    atoms: frozenset[str]
    value: int | None
    k: int


@dataclass(frozen=True, kw_only=True)
class Protected:
    """What may be printed of a release.

    `intervals`: what the best reader of everything published works out of each hidden number, lowest and highest; the
    highest is cut where nothing bounds it. `stuck`: hidden numbers that earlier releases alone already give away,
    whatever is hidden now.
    """

    shown: Mapping[Place, int]
    hidden: Mapping[Place, Why]
    intervals: Mapping[Place, tuple[int, int]] = field(default_factory=dict)
    stuck: tuple[Place, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that everything published together gives away.

    `cells`: the names of the hidden cell, or those of the cells around a group that they isolate. `low`, `high`: what a
    reader works out of it. `himself`: only one who counts himself out.
    """

    cells: tuple[str, ...]
    low: int
    high: int
    k: int
    himself: bool = False


class TooLarge(Exception):
    """More atoms hang together than can be judged jointly: coarser tables, or fewer."""


def cell_id(table: str, key: tuple[str, ...]) -> str:
    """Return the name of a cell over all releases; a table is named « table:period »."""
    return "/".join((table, *key))
