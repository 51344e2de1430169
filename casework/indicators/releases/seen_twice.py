"""The same people seen at two moments: known returns at twelve months, then at twenty-four (SDC-07, T-54). Pure.

The engine judges each population by itself. Here what is printed of one is taken from what is printed of the other, in every
way that a reader can: codes put together in one and not in the other, several windows against one, one table before the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise, product

from casework.indicators.releases.tables import TOTAL, Table
from casework.indicators.releases.vector import PublishedTable

Codes = frozenset[str]


def others(table: Table, catalogue: Iterable[Table]) -> frozenset[str]:
    """Return the keys of the tables that see the people of this one earlier or later."""
    return frozenset({table.follows} | {each.key for each in catalogue if each.follows == table.key}) - {""}


def too_near(drawn: PublishedTable, released: Sequence[PublishedTable], kin: frozenset[str]) -> bool:
    """Say whether a sum of printed numbers differs by few from the same sum in a table of the same people (`kin`).

    Who had returned at twelve months still has at twenty-four: the difference would be those few of the second year.
    """
    mine = [each for each in released if each.key == drawn.key and each.last != drawn.last] + [drawn]
    for key in sorted(kin):
        theirs = [each for each in released if each.key == key]
        for here, there in _same_years(mine, theirs):
            if any(each is drawn for each in here) and _differ_by_few(here, there):
                return True
    return False


def _same_years(
    mine: Sequence[PublishedTable], theirs: Sequence[PublishedTable]
) -> Iterable[tuple[list[PublishedTable], list[PublishedTable]]]:
    """Yield the windows of both that cover the same years, one by one or several in a row."""
    there = {(run[0].first, run[-1].last): run for run in _runs(theirs)}
    for run in _runs(mine):
        if (run[0].first, run[-1].last) in there:
            yield run, there[run[0].first, run[-1].last]


def _runs(windows: Sequence[PublishedTable]) -> Iterable[list[PublishedTable]]:
    """Yield the windows that follow one another without a gap: windows of a table never overlap."""
    ordered = sorted(windows, key=lambda each: each.last)
    for start in range(len(ordered)):
        for end in range(start + 1, len(ordered) + 1):
            run = ordered[start:end]
            if all(left.last + 1 == right.first for left, right in pairwise(run)):
                yield run


def _differ_by_few(here: Sequence[PublishedTable], there: Sequence[PublishedTable]) -> bool:
    tables = [*here, *there]
    k = max(each.k for each in tables)
    axes = sorted({dimension.key for each in tables for dimension in each.dimensions})
    for wanted in product(*(_unions(axis, tables) for axis in axes)):
        asked = dict(zip(axes, wanted, strict=True))
        left, right = _sum(here, asked), _sum(there, asked)
        if left is not None and right is not None and 0 < abs(left - right) < k:
            return True
    return False


def _unions(axis: str, tables: Sequence[PublishedTable]) -> list[Codes]:
    """Return each set of codes of a dimension that all the tables can tell apart from the others; all of them at least."""
    apart: list[Codes] = []
    whole = any(not _groups(each, axis) for each in tables)
    for table in tables:
        for held in _groups(table, axis):
            touching = [each for each in apart if each & held]
            apart = [each for each in apart if not each & held] + [held.union(*touching)]
    return [
        frozenset().union(*chosen) for n in range(len(apart) if whole else 1, len(apart) + 1) for chosen in combinations(sorted(apart, key=min), n)
    ]  # fmt: skip


def _groups(table: PublishedTable, axis: str) -> list[Codes]:
    """Return the codes that each printed code of a dimension holds, none where the table has it not."""
    for dimension, parts in zip(table.dimensions, table.parts, strict=True):
        if dimension.key == axis:
            return [frozenset(held) for held in parts.values()]
    return []


def _sum(tables: Sequence[PublishedTable], asked: dict[str, Codes]) -> int | None:
    """Return what several windows print of these codes together, None where one of them does not give it."""
    found = [_printed(each, asked) for each in tables]
    told = [n for n in found if n is not None]
    return sum(told) if len(told) == len(found) else None


def _printed(table: PublishedTable, asked: dict[str, Codes]) -> int | None:
    """Return a number of one table: added up, or its total less the others."""
    if (n := _added(table, asked)) is not None:
        return n
    for dimension, parts in zip(table.dimensions, table.parts, strict=True):
        every = frozenset(code for held in parts.values() for code in held)
        if (rest := every - asked[dimension.key]) and rest != every:
            whole = _added(table, asked | {dimension.key: every})
            apart = _added(table, asked | {dimension.key: rest})
            if whole is not None and apart is not None:
                return whole - apart
    return None


def _added(table: PublishedTable, asked: dict[str, Codes]) -> int | None:
    """Return a number of one table as a printed total, or as the sum of printed cells."""
    keys: list[list[list[str]]] = []
    for dimension, parts in zip(table.dimensions, table.parts, strict=True):
        wanted = asked[dimension.key]
        inside = [code for code, held in parts.items() if wanted.issuperset(held)]
        if frozenset(code for printed in inside for code in parts[printed]) != wanted:
            return None
        keys.append([[TOTAL], inside] if len(inside) == len(parts) else [inside])
    by_key = table.by_key
    for choice in product(*keys):
        numbers = [by_key.get(key) for key in product(*choice)]
        told = [n for n in numbers if n is not None]
        if len(told) == len(numbers):
            return sum(told)
    return None
