"""What the pages of figures show, and their files: from the published vector, never from a count (ACL-11, SDC-10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localdate

from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.casefile import charts, spreadsheets
from casework.errors import AccessRefused
from casework.indicators.releases import catalogue, facts, reading, reference_rates, vector
from casework.indicators.releases.models import Release
from casework.indicators.releases.tables import populations
from casework.indicators.releases.vector import PublishedTable
from casework.partners.models import Territory


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One published edition."""

    year: int
    version: int
    published_on: date


@dataclass(frozen=True, kw_only=True)
class Other:
    """Another table of a theme: its title, its sentence where it says more than the first one’s. One click away."""

    key: str
    title: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class ThemePage:
    """One theme of the first page: the picture of its first table, the others in a sentence each."""

    key: str
    title: str
    table: reading.Shown
    others: tuple[Other, ...]


@dataclass(frozen=True, kw_only=True)
class Absent:
    """A table that this edition does not hold: its title; the last edition that does, None if none does."""

    key: str
    title: str
    last: int | None


@dataclass(frozen=True, kw_only=True)
class IndexPage:
    """The first page. `edition` None: nothing is published yet. `may_prepare`: this viewer prepares editions.

    `brief`: what one reads in a minute, a line for each first table and for each delay of known returns.
    """

    edition: Edition | None
    editions: tuple[Edition, ...]
    brief: tuple[reading.Brief, ...]
    themes: tuple[ThemePage, ...]
    absent: tuple[Absent, ...]
    may_prepare: bool
    prepared: int  # the year that the next edition is about

    @property
    def prepares_last(self) -> bool:
        """Say whether the year that ended has no edition yet."""
        return all(each.year != self.prepared for each in self.editions)


@dataclass(frozen=True, kw_only=True)
class TablePage:
    """One table: its edition, the editions that hold it, how it went over the years."""

    edition: Edition
    table: reading.Shown
    history: tuple[Edition, ...]
    evolution: charts.Lines | None


@dataclass(frozen=True, kw_only=True)
class ReturnsPage:
    """Known returns: our tables, and apart from them the rates that others published."""

    edition: Edition | None
    tables: tuple[reading.Shown, ...]
    references: tuple[reference_rates.ReferenceRate, ...]
    warning: str


@dataclass(frozen=True, kw_only=True)
class Printed:
    """The tables of one edition, for files and papers."""

    edition: Edition
    commune: str
    tables: tuple[PublishedTable, ...]


def index(viewer: Viewer, year: int | None, now: datetime) -> IndexPage:
    """Return the last edition, or that of `year`. One query. Raises AccessRefused (role, unknown year)."""
    rows = facts.published(viewer, now)
    prepared = localdate(now).year - 1
    may_prepare = facts.may(viewer, Action.CREATE, now)
    row = _of_year(rows, year) if rows or year is not None else None
    if row is None:
        return IndexPage(
            edition=None, editions=(), brief=(), themes=(), absent=(), may_prepare=may_prepare, prepared=prepared
        )
    tables = vector.read(row.vector)
    themes: list[ThemePage] = []
    told: list[reading.Brief] = []
    for theme in (*reading.THEMES, reading.OTHERS):
        mine = [table for table in tables if reading.theme_of(table) == theme]
        if mine:
            themes.append(_theme(theme, mine))
            told += map(reading.brief, mine if theme == reading.RETURNS else mine[:1])
    return IndexPage(
        edition=_edition(row), editions=tuple(map(_edition, rows)), brief=tuple(told), themes=tuple(themes),
        absent=_absent(tables, rows, row.year), may_prepare=may_prepare, prepared=prepared,
    )  # fmt: skip


def _absent(tables: Sequence[PublishedTable], rows: Sequence[Release], year: int) -> tuple[Absent, ...]:
    """Return the tables of the catalogue that an edition does not hold, with the last edition before it that does."""
    held = {each.key for each in tables}
    counted = {each.key for each in populations()}
    found = []
    for each in catalogue.TABLES:
        if each.key not in held and each.population in counted:
            years = [row.year for row in rows if row.year < year and any(_of(row, each.key))]
            found.append(Absent(key=each.key, title=each.title, last=max(years, default=None)))
    return tuple(found)


def table(viewer: Viewer, key: str, year: int | None, now: datetime) -> TablePage:
    """Return one table of an edition, the last that holds it by default. One query. Raises AccessRefused."""
    rows = facts.published(viewer, now)
    holding = [row for row in rows if any(_of(row, key))]
    row = _of_year(holding, year)
    [found] = _of(row, key)
    return TablePage(
        edition=_edition(row), table=reading.shown(found), history=tuple(map(_edition, holding)),
        evolution=reading.evolution(_over_years(key, rows, row.year)),
    )  # fmt: skip


def returns(viewer: Viewer, year: int | None, now: datetime) -> ReturnsPage:
    """Return the known returns of an edition, and the reference rates, which need none. One query."""
    rows = facts.published(viewer, now)
    row = _of_year(rows, year) if rows or year is not None else None
    found = [each for each in vector.read(row.vector) if reading.theme_of(each) == reading.RETURNS] if row else []
    return ReturnsPage(
        edition=_edition(row) if row else None, tables=tuple(map(reading.shown, found)),
        references=reference_rates.REFERENCE_RATES, warning=reference_rates.WARNING,
    )  # fmt: skip


def printed(viewer: Viewer, year: int | None, key: str | None, now: datetime) -> Printed:
    """Return the tables of an edition, or one of them, for a file. Two queries. Raises AccessRefused."""
    rows = facts.published(viewer, now)
    if key is not None:
        rows = [row for row in rows if any(_of(row, key))]
    row = _of_year(rows, year)
    tables = vector.read(row.vector) if key is None else tuple(_of(row, key))
    commune = Territory.objects.get(pk=viewer.territory_id).name
    return Printed(edition=_edition(row), commune=commune, tables=tables)


def sheets(found: Printed) -> list[spreadsheets.Sheet]:
    """Return the same as sheets."""
    return [reading.sheet(each) for each in found.tables]


def _theme(theme: reading.Theme, mine: Sequence[PublishedTable]) -> ThemePage:
    first, *rest = mine
    table = reading.shown(first)
    others = [(each, reading.sentence(each)) for each in rest]
    return ThemePage(
        key=theme.key, title=theme.title, table=table,
        others=tuple(
            Other(key=each.key, title=each.title, sentence="" if said == table.sentence else said) for each, said in others
        ),
    )  # fmt: skip


def _over_years(key: str, rows: Sequence[Release], last: int) -> list[PublishedTable]:
    """Return one table as each edition up to that of `last` printed it."""
    return [each for row in rows if row.year <= last for each in _of(row, key)]


def _of(row: Release, key: str) -> list[PublishedTable]:
    """Return one table of an edition, none where it holds it not; the others are not read."""
    return [vector.read_table(each) for each in row.vector if each["key"] == key]


def _of_year(rows: Sequence[Release], year: int | None) -> Release:
    for row in rows:
        if year is None or row.year == year:
            return row
    raise AccessRefused(code="edition")


def _edition(row: Release) -> Edition:
    published = row.published_at or row.proposed_at  # the base holds that what is published has its date
    return Edition(year=row.year, version=row.version, published_on=localdate(published))
