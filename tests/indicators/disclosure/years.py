"""Years of an invented commune through the real catalogue: frozen counts, editions, and what a reader holds of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from casework.indicators.releases import building, catalogue
from casework.indicators.releases.building import Sheet
from casework.indicators.releases.tables import TOTAL, Population, populations
from casework.indicators.releases.vector import PublishedTable

# Persons of a year, in a commune of some 20 000 inhabitants.
PERSONS = {"measures": 45, "followups": 35, "received": 60, "pupils": 50, "returns_12": 60, "returns_24": 60}


@dataclass(frozen=True, kw_only=True)
class Town:
    """Its frozen counts and its editions, oldest first."""

    sheets: tuple[Sheet, ...]
    editions: tuple[tuple[PublishedTable, ...], ...]

    @property
    def printed(self) -> tuple[PublishedTable, ...]:
        return tuple(table for edition in self.editions for table in edition)


def town(seed: int, years: Sequence[int], *, scale: float = 1.0, catalogue_keys: Iterable[str] = ()) -> Town:
    """Draw one edition a year; `catalogue_keys`: of these tables only."""
    known = {each.key: each for each in populations()}
    keys = set(catalogue_keys)
    tables = [each for each in catalogue.TABLES if not keys or each.key in keys]
    # An edition looks back: the first of them finds the counts of the years before it.
    sheets = [
        _sheet(each, period, random.Random(f"{seed} {each.key} {period}"), scale)
        for each in known.values() for period in range(min(years) - 4, max(years) + 1)
    ]  # fmt: skip
    released: list[PublishedTable] = []
    editions = []
    for year in years:
        drawn = building.draw(
            year=year, catalogue=tables, populations=known,
            sheets=[each for each in sheets if each.period <= year - known[each.population].lag], released=released,
        )  # fmt: skip
        new = tuple(each.taken.table for each in drawn if each.taken is not None and not each.kept)
        editions.append(new)
        released += new
    return Town(sheets=tuple(sheets), editions=tuple(editions))


def _sheet(population: Population, period: int, rng: random.Random, scale: float) -> Sheet:
    """Count invented persons, some codes being rarer than others."""
    codes = [[code for code, _ in dimension.codes] for dimension in population.dimensions]
    weights = [[1 / (rank + 1) for rank in range(len(each))] for each in codes]
    people = round(PERSONS[population.key] * scale * rng.uniform(0.7, 1.3))
    counts: Counter[tuple[str, ...]] = Counter()
    for _ in range(people):
        counts[tuple(rng.choices(each, weight)[0] for each, weight in zip(codes, weights, strict=True))] += 1
    return Sheet(population=population.key, period=period, first=period, counts=dict(counts))


def groups(table: PublishedTable, key: tuple[str, ...]) -> Iterator[str]:
    """Give the groups of persons that a printed number adds up, as its definition tells any reader."""
    population = next(each for each in populations() if each.key == table.population)
    drawn = [each.key for each in table.dimensions]
    held: list[tuple[str, ...]] = []
    for dimension in population.dimensions:
        every = tuple(code for code, _ in dimension.codes)
        if dimension.key not in drawn:
            held.append(every)
            continue
        rank = drawn.index(dimension.key)
        held.append(every if key[rank] == TOTAL else tuple(table.parts[rank].get(key[rank], ())))
    years = [table.last] if population.cohorts else range(table.first, table.last + 1)
    for year, *codes in product(years, *held):
        yield "|".join((table.population, str(year), *map(str, codes)))
