"""From frozen counts to what may be printed. Pure: no database, no clock; the same counts give the same bytes (T-55).

Tables are drawn one after the other, each protected together with all that was published before and with those drawn
before it (security.md §3.14). Where too much of a table would be hidden, codes are put together or years added: with the
numbers of a commune, a coarser table tells more than a fine one full of holes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from casework.indicators.releases import disclosure, insiders, seen_twice
from casework.indicators.releases.disclosure import Cell, Known, Protected
from casework.indicators.releases.insiders import Insider
from casework.indicators.releases.tables import TOTAL, UNKNOWN, Counts, Dimension, Merge, Population, Table
from casework.indicators.releases.vector import Number, PublishedTable

ENOUGH: Final = 0.34
"""A table of which no more than this share of inner cells is hidden is taken; a coarser one is tried otherwise."""

UNIVERSE: Final = 20
"""Smallest population of a table (§3.14)."""

Key = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The frozen counts of one population over one period, opened."""

    population: str
    period: int
    first: int
    counts: Counts
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One way to draw a table, and what it would hide.

    `hidden`: the cells, and how wide a reader of everything finds each. Never which rule hides one: that would tell.
    """

    span: int
    said: str
    cells: int
    hidden: tuple[tuple[Key, int | None], ...]
    table: PublishedTable

    @property
    def share(self) -> float:
        """Return the share of inner cells that are hidden."""
        inner = [key for key, _ in self.hidden if TOTAL not in key]
        return len(inner) / max(1, self.cells)

    @property
    def says_enough(self) -> bool:
        """Say whether few enough of its cells are hidden for it to be printed as it is."""
        return self.share <= ENOUGH and not self.table.why_none


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One table of an edition: the variant taken, and those tried before and after it. None taken: not counted yet."""

    table: Table
    taken: Variant | None
    tried: tuple[Variant, ...]
    kept: bool = False  # published in an earlier edition of the same year: printed again as it was


def draw(
    *, year: int, catalogue: Sequence[Table], populations: Mapping[str, Population], sheets: Iterable[Sheet],
    released: Sequence[PublishedTable],
) -> list[Drawn]:  # fmt: skip
    """Return the tables of the edition of `year`, in the order of the catalogue.

    `released`: every table published before, of any year. One whose period was published already is kept as it was.
    Raises disclosure.TooLarge.
    """
    whole, populations = populations, in_use(catalogue, populations)
    by_period = _opened(sheets, whole, populations)
    known_by = _insiders(by_period, populations)
    known = [each for table in released for each in knowns(table, populations)]
    found = []
    for table in catalogue:
        population = populations.get(table.population)
        if population is None:
            continue
        last = year - population.lag
        former = next((each for each in released if each.key == table.key and each.last == last), None)
        if former is not None:
            variant = Variant(span=last - former.first + 1, said=former.merged, cells=0, hidden=(), table=former)
            found.append(Drawn(table=table, taken=variant, tried=(), kept=True))
            continue
        drawn = _best(
            table, populations, last, by_period, released, known, seen_twice.others(table, catalogue), known_by
        )
        found.append(drawn)
        if drawn.taken is not None:
            known += knowns(drawn.taken.table, populations)
    return found


def in_use(catalogue: Sequence[Table], populations: Mapping[str, Population]) -> dict[str, Population]:
    """Return the populations of the catalogue, each with the dimensions that some table draws or that its readers differ by.

    Others tell nothing apart.
    """
    drawn: dict[str, set[str]] = {}
    for table in catalogue:
        drawn.setdefault(table.population, set()).update(table.dimensions)
    return {
        key: replace(each, dimensions=tuple(one for one in each.dimensions if one.key in {*drawn[key], each.service}))
        for key, each in populations.items() if key in drawn
    }  # fmt: skip


def readers(
    sheets: Iterable[Sheet], catalogue: Sequence[Table], populations: Mapping[str, Population]
) -> tuple[frozenset[str], tuple[Insider, ...]]:
    """Return the atoms that hold somebody, who may count himself out, and the services, each of which knows its own persons."""
    used = in_use(catalogue, populations)
    opened = _opened(sheets, populations, used)
    return frozenset(_held(opened, used)), _insiders(opened, used)


def _opened(
    sheets: Iterable[Sheet], populations: Mapping[str, Population], used: Mapping[str, Population]
) -> dict[tuple[str, int], Sheet]:
    """Return the sheets of the populations in use, by population and period, over the dimensions in use only."""
    return {
        (sheet.population, sheet.period): _projected(sheet, populations[sheet.population], used[sheet.population])
        for sheet in sheets if sheet.population in used
    }  # fmt: skip


def _insiders(opened: Mapping[tuple[str, int], Sheet], used: Mapping[str, Population]) -> tuple[Insider, ...]:
    own: dict[str, set[str]] = {}
    for (key, period), sheet in opened.items():
        population = used[key]
        if not population.service:
            continue
        rank = [each.key for each in population.dimensions].index(population.service)
        every = [[code for code, _ in each.codes] for each in population.dimensions]
        for code in {stratum[rank] for stratum in sheet.counts} - {UNKNOWN}:
            strata = list(product(*(*every[:rank], [code], *every[rank + 1 :])))
            own.setdefault(code, set()).update(_atoms(population, [period], strata))
    counts = _held(opened, used)
    return tuple(Insider(own=frozenset(own[code]), counts=counts) for code in sorted(own))


def _held(opened: Mapping[tuple[str, int], Sheet], used: Mapping[str, Population]) -> dict[str, int]:
    """Return how many persons each atom holds, those that hold somebody."""
    return {
        atom: n
        for (key, period), sheet in opened.items()
        for stratum, n in sheet.counts.items() if n
        for atom in _atoms(used[key], [period], [stratum])
    }  # fmt: skip


def _without(service: Insider | None, table: PublishedTable, populations: Mapping[str, Population]) -> PublishedTable:
    """Return a table as one service reads it: what the others brought. None: as anybody reads it."""
    if service is None:
        return table
    held = {each.cell_id: each.value for each in insiders.read_by(service, knowns(table, populations))}
    numbers = tuple(
        replace(each, n=held.get(disclosure.cell_id(_dated(table), each.key), each.n)) for each in table.numbers
    )
    return replace(table, numbers=numbers, k=min(table.k, insiders.LEAST))


def _projected(sheet: Sheet, whole: Population, used: Population) -> Sheet:
    """Return a sheet over the dimensions in use only."""
    ranks = [rank for rank, each in enumerate(whole.dimensions) if each in used.dimensions]
    counts: Counter[Key] = Counter()
    for key, n in sheet.counts.items():
        key += (UNKNOWN,) * (len(whole.dimensions) - len(key))  # frozen before a dimension was kept
        counts[tuple(key[rank] for rank in ranks)] += n
    return replace(sheet, counts=counts)


def _best(
    table: Table, populations: Mapping[str, Population], last: int, by_period: Mapping[tuple[str, int], Sheet],
    released: Sequence[PublishedTable], known: Sequence[Known], kin: frozenset[str], known_by: Sequence[Insider],
) -> Drawn:  # fmt: skip
    """Return the first variant that says enough; over the longest span, else, the one that hides least.

    A shorter period full of holes is not printed: it would be in the way of the longer one, which tells more later on.
    """
    population = populations[table.population]
    tried: dict[tuple[int, str], Variant] = {}

    def beside(sheets: Sequence[Sheet], merge: Merge | None) -> Variant:
        found = _variant(table, population, sheets, merge, known, known_by)
        tried[found.span, found.said] = found
        return found

    def apart(variant: Variant) -> bool:
        """Say whether it is far enough from the same people seen at another time, to anybody and to each service."""
        return not any(
            seen_twice.too_near(
                _without(service, variant.table, populations),
                [_without(service, each, populations) for each in released],
                kin,
            )
            for service in (None, *known_by)
        )

    def drawn(variant: Variant | None) -> Drawn:
        return Drawn(table=table, taken=variant, tried=tuple(tried.values()))

    for span in table.spans:
        counted = _window(population, last, span, by_period)
        if counted is None or _overlaps(table, counted[0].first, last, released):
            continue
        merges = (None, *(each for each in table.merges if span == max(table.spans) or not each.longest))
        alone = [_variant(table, population, counted, merge, (), known_by) for merge in merges]
        tried |= {(each.span, each.said): each for each in alone}
        for variant, merge in zip(alone, merges, strict=True):
            if not variant.says_enough:
                continue  # beside what is published it would hide no less
            together = beside(counted, merge)
            if together.says_enough and apart(together):
                return drawn(together)
        if span == max(table.spans):
            _, merge = min(zip(alone, merges, strict=True), key=lambda each: each[0].share)
            together = beside(counted, merge)
            if together.share < 1 and not together.table.why_none and apart(together):
                return drawn(together)
    return drawn(None)


def _window(
    population: Population, last: int, span: int, by_period: Mapping[tuple[str, int], Sheet]
) -> list[Sheet] | None:
    """Return the sheets of the years to add up, oldest first; None where one of them is not counted (yet)."""
    years = range(last - span + 1, last + 1)
    found = [by_period.get((population.key, year)) for year in years]
    sheets = [each for each in found if each is not None]
    if len(sheets) != span or (span > 1 and any(each.first != each.period for each in sheets)):
        return None
    return sheets


def _overlaps(table: Table, first: int, last: int, released: Sequence[PublishedTable]) -> bool:
    """Say whether some of these years were published for this table: a window less another would be a small number."""
    return any(each.key == table.key and each.first <= last and first <= each.last for each in released)


def _variant(
    table: Table, population: Population, sheets: Sequence[Sheet], merge: Merge | None, known: Sequence[Known],
    known_by: Sequence[Insider],
) -> Variant:  # fmt: skip
    counts: Counter[Key] = Counter()
    for sheet in sheets:
        counts.update(dict(sheet.counts))
    first, last = sheets[0].first, sheets[-1].period
    blank = _blank(table, population, first, last, merge, sheets)
    cells = _cells(blank, population, counts, [sheet.period for sheet in sheets], zero_tells=table.zero_tells)
    protected = insiders.protect(cells, _near(cells, known), known_by, universe=UNIVERSE)
    return _filled(blank, cells, protected, len(sheets), merge)


def _near(cells: Sequence[Cell], known: Sequence[Known]) -> list[Known]:
    """Return what was published that bears on these cells, through any number of others."""
    reached = {atom for cell in cells for atom in cell.atoms}
    left, near = list(known), []
    while found := [each for each in left if not reached.isdisjoint(each.atoms)]:
        near += found
        left = [each for each in left if reached.isdisjoint(each.atoms)]
        reached.update(atom for each in found for atom in each.atoms)
    return near


def _blank(
    table: Table, population: Population, first: int, last: int, merge: Merge | None, sheets: Sequence[Sheet]
) -> PublishedTable:
    dimensions, parts = [], []
    for key in table.dimensions:
        whole = population.dimension(key)
        groups = merge.groups.get(key, {}) if merge else {}
        dimension = whole.merged(groups)
        if len(dimension.codes) > 1:  # all put together: the whole says it
            dimensions.append(dimension)
            parts.append(_parts(whole, groups))
    printed = {code for each in dimensions for code, _ in each.codes}
    rate_of = tuple(code for code in table.rate_of if code in printed)
    sources = dict.fromkeys(sheet.source for sheet in sheets if sheet.source)
    return PublishedTable(
        key=table.key, population=population.key, title=table.title, unit=population.unit, k=population.k, first=first,
        last=last, school=population.school, dimensions=tuple(dimensions), parts=tuple(parts), numbers=(),
        definition=table.definition, warning=table.warning, merged=_said(first, last, merge, population.school),
        why_none="", rate_of=rate_of, rate_words=table.rate_words if rate_of else "",
        unknown=tuple(code for code in table.unknown if code in printed), source=" ; ".join(sources),
    )  # fmt: skip


def _said(first: int, last: int, merge: Merge | None, school: bool) -> str:
    """Return what was put together and why, in French; "" where nothing was."""
    years = last - first + 1
    words = []
    if years > 1:
        kind = "années scolaires" if school else "années"
        words.append(f"{years} {kind}")
    if merge is not None:
        words.append(merge.said)
    if not words:
        return ""
    return f"Comptés ensemble : {' ; '.join(words)}. Plus en détail, trop de nombres désigneraient quelqu’un."


def _parts(whole: Dimension, groups: Mapping[str, tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, _ in whole.codes:
        to = groups[code][0] if code in groups else code
        found[to] = (*found.get(to, ()), code)
    return found


def _dated(table: PublishedTable) -> str:
    return f"{table.key}:{table.first}-{table.last}"


def _keys(table: PublishedTable) -> list[Key]:
    """Return the keys of all cells, margins last."""
    codes = [[code for code, _ in each.codes] + [TOTAL] for each in table.dimensions]
    return sorted(product(*codes), key=lambda key: key.count(TOTAL))


def _strata(table: PublishedTable, population: Population, key: Key) -> list[Key]:
    """Return the finest strata that a cell sums: those that hold nobody too, which the reader cannot tell apart."""
    names = [each.key for each in table.dimensions]
    held = []
    for dimension in population.dimensions:
        every = tuple(code for code, _ in dimension.codes)
        if dimension.key not in names:
            held.append(every)
            continue
        at = names.index(dimension.key)
        held.append(every if key[at] == TOTAL else table.parts[at].get(key[at], ()))
    return list(product(*held))


def _atoms(population: Population, periods: Iterable[int], strata: Sequence[Key]) -> frozenset[str]:
    return frozenset(f"{population.key}|{period}|{'|'.join(key)}" for period in periods for key in strata)


def _cells(
    table: PublishedTable, population: Population, counts: Mapping[Key, int], periods: Sequence[int], *,
    zero_tells: bool,
) -> list[Cell]:  # fmt: skip
    found = []
    for key in _keys(table):
        strata = _strata(table, population, key)
        found.append(
            Cell(
                table=_dated(table), key=key, atoms=_atoms(population, periods, strata),
                value=sum(counts.get(each, 0) for each in strata), k=population.k, zero_tells=zero_tells,
            )
        )  # fmt: skip
    return found


def _filled(
    blank: PublishedTable, cells: Sequence[Cell], protected: Protected, span: int, merge: Merge | None
) -> Variant:
    numbers, hidden = [], []
    for cell in cells:
        at = (cell.table, cell.key)
        numbers.append(Number(key=cell.key, n=protected.shown.get(at)))
        if at in protected.hidden:
            low_high = protected.intervals.get(at)
            width = None if low_high is None else low_high[1] - low_high[0]
            hidden.append((cell.key, width))
    nothing = all(each.n is None for each in numbers)
    why = f"Moins de {UNIVERSE} {blank.unit} : rien n’est affiché." if nothing else ""
    return Variant(
        span=span, said=merge.said if merge else "", cells=sum(TOTAL not in cell.key for cell in cells),
        hidden=tuple(hidden), table=replace(blank, numbers=tuple(numbers), why_none=why),
    )  # fmt: skip


def knowns(table: PublishedTable, populations: Mapping[str, Population]) -> list[Known]:
    """Return a published table as the reader holds it, for the audit of everything together (`populations`: in use).

    Of a population that this installation has no more there is nothing: no new table shares an atom with it.
    """
    population = populations.get(table.population)
    if population is None:
        return []
    # A cohort of several years counted at once has its atoms under its last year.
    periods = [table.last] if population.cohorts else range(table.first, table.last + 1)
    return [
        Known(
            cell_id=disclosure.cell_id(_dated(table), each.key),
            atoms=_atoms(population, periods, _strata(table, population, each.key)), value=each.n, k=table.k,
        )
        for each in table.numbers
    ]  # fmt: skip
