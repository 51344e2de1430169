"""What is counted and what is printed, as data: populations, dimensions, tables. No number is here, no database.

A population counts distinct persons (or pupils) of ONE subject by coded strata, from anonymous lines; nothing joins two
populations (design.md §11). A period is an int: the year, or the year in which a school year begins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

UNKNOWN: Final = "unknown"
"""In a stratum: not known, or not asked yet when it was frozen."""

TOTAL: Final = ""
"""In the key of a cell: the whole over that dimension."""

Counts = Mapping[tuple[str, ...], int]
"""Codes of a stratum, in the order of the dimensions: how many. What is absent is none."""


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """How a population is split: codes and their French labels, in the order in which they are read."""

    key: str
    label: str
    codes: tuple[tuple[str, str], ...]

    def merged(self, groups: Mapping[str, tuple[str, str]]) -> Dimension:
        """Return the dimension with some codes put together: `groups` gives (code, label) of the group of a code."""
        codes = tuple(dict.fromkeys(groups.get(code, (code, label)) for code, label in self.codes))
        return Dimension(key=self.key, label=self.label, codes=codes)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What was found of one period. `first`: the first year counted, where a cohort is of several; the period is the last."""

    first: int
    counts: Counts
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Population:
    """Whom one counts.

    `count(territory_id, period, after, today)` is asked at each night since the period closed, until it gives an answer,
    once: None while it cannot be known yet, or where nobody is. `after`: the last period frozen before, whose people must not be counted again.
    `k`: smallest number that is shown (domain.md §8.4). `lag`: how many years before the year of a release its period lies.
    `closes`: (years after the period, month, day) from which a period may be frozen. `school`: periods are school years.
    `cohorts`: a period may hold several years, counted at once (`Counted.first`). `service`: key of the dimension that says which
    service brought the person, printed or not: each of them knows its own (SDC-01); "" where it is not kept.
    """

    key: str
    unit: str
    dimensions: tuple[Dimension, ...]
    k: int
    closes: tuple[int, int, int]
    count: Callable[[UUID, int, int | None, date], Counted | None]
    lag: int = 0
    school: bool = False
    cohorts: bool = False
    service: str = ""

    def dimension(self, key: str) -> Dimension:
        """Return one dimension. Raises KeyError."""
        return {each.key: each for each in self.dimensions}[key]


@dataclass(frozen=True, kw_only=True)
class Merge:
    """One rung of the ladder: codes of some dimensions put together, said in French (« les 10-15 ans ensemble »).

    `longest`: tried over the longest span only, where a finer table of more years is worth more than this one of fewer.
    """

    groups: Mapping[str, Mapping[str, tuple[str, str]]]
    said: str
    longest: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of the catalogue: one or two dimensions of a population (SDC-09), with what must be printed beside it.

    `spans`: over how many years it may be drawn, finest first. `merges`:
    coarser and coarser. `follows`: key of a table of the same people seen earlier. `known`: codes whose share of the whole is a rate worth saying (« retours connus »).
    """

    key: str
    title: str
    population: str
    dimensions: tuple[str, ...]
    definition: str
    warning: str = ""
    spans: tuple[int, ...] = (1, 3)
    merges: tuple[Merge, ...] = ()
    zero_tells: bool = False
    follows: str = ""
    rate_of: tuple[str, ...] = ()
    rate_words: str = ""
    unknown: tuple[str, ...] = ()


_POPULATIONS: dict[str, Population] = {}


def register(population: Population) -> Population:
    """Add a population; the same key twice counts once."""
    _POPULATIONS[population.key] = population
    return population


def populations() -> tuple[Population, ...]:
    """Return the populations of this installation, by key."""
    return tuple(_POPULATIONS[key] for key in sorted(_POPULATIONS))


def population(key: str) -> Population | None:
    """Return a population, None where its subject is switched off."""
    return _POPULATIONS.get(key)
