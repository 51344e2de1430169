"""A published table as people read it: a sentence, a picture, a grid, what it counts. Pure; from the vector and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from casework.casefile import charts, spreadsheets
from casework.casefile.format import NARROW, capital
from casework.casefile.format import nb as kept_together
from casework.indicators.releases import rates
from casework.indicators.releases.tables import TOTAL, Dimension
from casework.indicators.releases.vector import PublishedTable

WHOLE: Final = "Ensemble"
_OF_TEN: Final = {
    25: "1 sur 4",
    50: "1 sur 2",
    75: "3 sur 4",
    **{10 * n: f"{n} sur 10" for n in (1, 2, 3, 4, 6, 7, 8, 9)},
}
STEP: Final = 5
"""What is told to the plenary is rounded to it."""

_PARTS = 5  # a bar of more parts is not read
_SAID = 3  # a sentence that lists more is not read either


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Populations that one reads together; `populations`: how their keys begin."""

    key: str
    title: str
    populations: tuple[str, ...]


THEMES: Final = (
    Theme(key="mesures", title="TIG et réparations terminés", populations=("measures",)),
    Theme(
        key="retours", title="Ce que les partenaires savent ensuite",
        populations=("returns",),
    ),
    Theme(key="cellule", title="La cellule de veille", populations=("received", "followups")),
    Theme(key="eleves", title="Élèves accueillis pendant une exclusion", populations=("pupils",)),
)  # fmt: skip
RETURNS: Final = THEMES[1]
OTHERS: Final = Theme(key="autres", title="Autres chiffres", populations=())


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One printed cell: its number in words, under which head."""

    head: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One printed line. `whole`: the total."""

    label: str
    cells: tuple[Cell, ...]
    whole: bool = False


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One table, ready for a page. `picture`, `shares`: charts, None where there is nothing to draw."""

    key: str
    theme: str
    title: str
    period: str
    sentence: str
    picture: charts.Chart | None
    shares: charts.Shares | None
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    why_none: str
    definition: str
    denominator: str
    missing: str
    warning: str
    merged: str
    source: str
    threshold: int


def theme_of(table: PublishedTable) -> Theme:
    """Return the theme of a table, « Autres chiffres » where the program knows its population no more."""
    return next((theme for theme in THEMES if table.population.startswith(theme.populations)), OTHERS)


def shown(table: PublishedTable, prefix: str = "t") -> Shown:
    """Return a table as it is read. `prefix`: makes the ids of its pictures unique on a page."""
    name = f"{prefix}-{table.key.replace('_', '-')}"
    nothing = bool(table.why_none) or all(each.n is None for each in table.numbers)
    return Shown(
        key=table.key, theme=theme_of(table).key, title=table.title, period=_in(table), sentence=sentence(table),
        picture=None if nothing else _picture(table, name), shares=None if nothing else _shares(table, f"{name}-parts"),
        heads=() if nothing else _heads(table), rows=() if nothing else _rows(table),
        why_none=table.why_none or ("Rien n’est affiché : les nombres sont trop petits." if nothing else ""),
        definition=table.definition, denominator=_denominator(table), missing=_missing(table), warning=table.warning,
        merged=table.merged, source=table.source, threshold=table.k,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Brief:
    """One table in a line: the figure that one remembers, then what it counts. `figure`: « 226 », or « 31 sur 114 »."""

    key: str
    title: str
    figure: str
    words: str


def brief(table: PublishedTable) -> Brief:
    """Return a table as the first page tells it. Where answers are missing, the figure is a part of its whole, and they are said."""
    told = sentence(table)
    figure, words = charts.said(table.total), told.partition(" ")[2]
    if table.why_none or table.total is None:
        words = f"{table.unit} {_in(table)}."
    elif table.unknown:
        part, unknown = _sum(table, table.rate_of), _sum(table, table.unknown)
        figure = figure if part is None else f"{charts.said(part)} sur {figure}"
        if unknown is not None:
            words = f"{words.removesuffix('.')}{NARROW}; on ne sait pas pour {charts.said(unknown)}."
    else:
        words = words.replace(_in(table), f"{_in(table)}{_split(table)}", 1)
    return Brief(key=table.key, title=table.title, figure=figure, words=capital(words))


def sentence(table: PublishedTable) -> str:
    """Return the result in one sentence: « 64 personnes en 2025 ; mesures menées à leur terme : 8 sur 10. »"""
    return sentence_of(table, said=table.total)


def sentence_of(table: PublishedTable, *, said: int | None) -> str:
    """Return the same with another total, where it is rounded."""
    if table.why_none or said is None:
        return f"{capital(table.unit)} {_in(table)}{NARROW}: {charts.HIDDEN}."
    words = f"{charts.said(said)} {table.unit} {_in(table)}"
    found = _rate(table, ())
    if found is not None:
        words += f"{NARROW}; {table.rate_words}{NARROW}: {said_share(found.percent)}"
        words += f" (entre {found.low} et {found.high}\u00a0%)"
    return f"{kept_together(words)}."


def said_share(percent: int) -> str:
    """Return a share as one says it: « 8 sur 10 », « 3 sur 4 », « 35 % »."""
    return _OF_TEN.get(percent, f"{percent}\u00a0%")


def evolution(tables: Sequence[PublishedTable], prefix: str = "t") -> charts.Lines | None:
    """Return the totals of one table over the years published, oldest first; None where there is one year only.

    Only tables over as many years each are put on one line: a cohort of three years is no year.
    """
    if not tables:
        return None
    newest = max(tables, key=lambda table: table.last)
    alike = [table for table in tables if _span(table) == _span(newest)]
    series = sorted({table.last: table for table in alike}.values(), key=lambda table: table.last)
    if len(series) < 2:
        return None
    held = {table.last: table for table in series}
    years = range(series[0].last, series[-1].last + 1, _span(newest))
    values = tuple(held[year].total if year in held else None for year in years)
    first = newest.first - newest.last
    return charts.Lines(
        key=f"{prefix}-{newest.key.replace('_', '-')}-ans", title=f"{newest.title}, au fil des années",
        years=tuple(_year(year + first, year, school=newest.school) for year in years),
        series=(charts.Series(label=capital(newest.unit), values=values),), unit=newest.unit,
    )  # fmt: skip


def rounded(table: PublishedTable) -> PublishedTable:
    """Return a table for the plenary: base five on top of what is not shown (§3.14). Shares are those of the edition."""
    numbers = tuple(replace(each, n=None if each.n is None else (each.n + 2) // STEP * STEP) for each in table.numbers)
    return replace(table, numbers=numbers)


def sheet(table: PublishedTable) -> spreadsheets.Sheet:
    """Return a table as a sheet: numbers as numbers, what is not shown in words, definition and warning below."""
    read = shown(table)
    rows: list[tuple[spreadsheets.Cell, ...]] = []
    for line in read.rows:
        rows.append((line.label, *(spreadsheets.cell(cell.words) for cell in line.cells)))
    if read.why_none:
        rows = [(read.why_none,)]
    below = [read.sentence, read.definition, read.denominator, read.missing, read.warning, read.merged]
    below += [f"Source{NARROW}: {read.source}." if read.source else "", threshold(read.threshold)]
    return spreadsheets.Sheet(
        name=_tab(table.title), above=(table.title, capital(_in(table))), columns=read.heads, rows=tuple(rows),
        below=tuple(each for each in below if each),
    )  # fmt: skip


def _tab(title: str) -> str:
    """Return a title as the tab of a sheet holds it, in 28 letters: what tells two tables apart comes first."""
    for words in (" des partenaires", " de la cellule", " par la cellule", " pendant une exclusion", "selon "):
        title = title.replace(words, "", 1)
    return title


def threshold(k: int) -> str:
    """Return what is not shown, in words."""
    return f"Moins de {k}{NARROW}: {charts.HIDDEN}, comme ce qui permettrait de le retrouver par différence."


# Pieces


def _in(table: PublishedTable) -> str:
    if table.school:
        years = table.last - table.first + 1
        return f"{'en' if years == 1 else 'sur les années scolaires'} {table.period}"
    return f"en {table.period}" if table.first == table.last else f"de {table.first} à {table.last}"


def _span(table: PublishedTable) -> int:
    return table.last - table.first + 1


def _year(first: int, last: int, *, school: bool) -> str:
    if school:
        return f"{first % 100:02d}-{(last + 1) % 100:02d}"
    return str(last) if first == last else f"{first}-{last % 100:02d}"


def _codes(dimension: Dimension) -> list[tuple[str, str]]:
    return [*((code, capital(label)) for code, label in dimension.codes), (TOTAL, WHOLE)]


def _axis(table: PublishedTable, codes: Sequence[str]) -> int | None:
    """Return which dimension holds these codes, None where they were put together with others."""
    for rank, dimension in enumerate(table.dimensions):
        if codes and set(codes) <= {code for code, _ in dimension.codes}:
            return rank
    return None


def _of(table: PublishedTable, axis: int, code: str, row: tuple[str, ...]) -> int | None:
    """Return the number of a code over one dimension; `row`: the code of the other one, () for the whole."""
    key = [TOTAL] * len(table.dimensions)
    if row:
        key[1 - axis] = row[0]
    key[axis] = code
    return table.by_key.get(tuple(key))


def _sum(table: PublishedTable, codes: Sequence[str], row: tuple[str, ...] = ()) -> int | None:
    """Return the sum of some codes, None where one of them is not shown or is put together with others."""
    axis = _axis(table, codes)
    parts = [_of(table, axis, code, row) for code in codes] if axis is not None else [None]
    told = [n for n in parts if n is not None]
    return sum(told) if len(told) == len(parts) else None


def _split(table: PublishedTable) -> str:
    """Return the lines of a table of few lines, in brackets; nothing where one of them is not shown."""
    first = table.dimensions[0]
    lines = [(label, _of(table, 0, code, ())) for code, label in first.codes]
    if len(table.dimensions) < 2 or len(lines) > _SAID or any(n is None for _, n in lines):
        return ""
    return f" ({', '.join(f'{label}{NARROW}: {charts.said(n)}' for label, n in lines)})"


def _rate(table: PublishedTable, row: tuple[str, ...]) -> rates.Rate | None:
    axis = _axis(table, table.rate_of)
    return (
        None if axis is None else rates.rate(_sum(table, table.rate_of, row), _of(table, axis, TOTAL, row), k=table.k)
    )


def _shares(table: PublishedTable, name: str) -> charts.Shares | None:
    """Return the share of each line with its interval, where at least one may be shown."""
    axis = _axis(table, table.rate_of)
    if axis is None:
        return None
    lines: list[tuple[str, tuple[str, ...]]] = [(WHOLE, ())]
    if len(table.dimensions) == 2:
        lines = [(capital(label), (code,)) for code, label in table.dimensions[1 - axis].codes] + lines
    found = [(label, _rate(table, row)) for label, row in lines]
    if not any(each for _, each in found):
        return None
    return charts.Shares(
        key=name, title=f"{capital(table.rate_words)}, part et intervalle de confiance",
        shares=tuple(
            charts.Share(label=label, percent=each.percent, low=each.low, high=each.high) if each
            else charts.Share(label=label, percent=None)
            for label, each in found
        ),
    )  # fmt: skip


def _heads(table: PublishedTable) -> tuple[str, ...]:
    first = capital(table.dimensions[0].label)
    if len(table.dimensions) == 1:
        return (first, capital(table.unit))
    return (first, *(label for _, label in _codes(table.dimensions[1])))


def _rows(table: PublishedTable) -> tuple[Row, ...]:
    numbers = table.by_key
    columns = [((), capital(table.unit))] if len(table.dimensions) == 1 else [
        ((code,), label) for code, label in _codes(table.dimensions[1])
    ]  # fmt: skip
    found = []
    for code, label in _codes(table.dimensions[0]):
        cells = tuple(Cell(head=head, words=charts.said(numbers.get((code, *rest)))) for rest, head in columns)
        found.append(Row(label=label, cells=cells, whole=code == TOTAL))
    return tuple(found)


def _picture(table: PublishedTable, name: str) -> charts.Chart:
    first = table.dimensions[0]
    by_key = table.by_key
    if len(table.dimensions) == 1:
        bars = tuple(charts.Bar(label=capital(label), n=by_key.get((code,))) for code, label in first.codes)
        return charts.Bars(key=name, title=table.title, bars=bars, unit=table.unit)
    second = table.dimensions[1]
    if len(second.codes) > _PARTS:
        bars = tuple(
            charts.Bar(
                label=capital(label), n=by_key.get((row, code)), group=capital(row_label) if not rank else "", part=0
            )
            for row, row_label in first.codes
            for rank, (code, label) in enumerate(second.codes)
        )
        return charts.Bars(key=name, title=table.title, bars=bars, unit=table.unit)
    return charts.Stacks(
        key=name, title=table.title, parts=tuple(capital(label) for _, label in second.codes), unit=table.unit,
        stacks=tuple(
            charts.Stack(label=capital(label), parts=tuple(by_key.get((row, code)) for code, _ in second.codes))
            for row, label in first.codes
        ),
    )  # fmt: skip


def _denominator(table: PublishedTable) -> str:
    if not table.rate_words:
        return ""
    words = f"La part de « {table.rate_words} » se lit sur toutes les personnes comptées"
    if table.unknown:
        words += ", « on ne sait pas » compris"
    return f"{words}. Elle n’est donnée qu’à partir de {rates.BASE} personnes, à cinq points près."


def _missing(table: PublishedTable) -> str:
    if not table.unknown:
        return ""
    if _axis(table, table.unknown) is None:
        return "Ceux pour lesquels on ne sait pas sont comptés avec d’autres réponses."
    n = _sum(table, table.unknown)
    if n is None or table.total is None:
        return f"On ne sait pas{NARROW}: {charts.HIDDEN}."
    return f"On ne sait pas pour {charts.said(n)} {table.unit} sur {charts.said(table.total)}."
