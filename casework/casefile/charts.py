"""Pictures of counts, as SVG text: for a page, for paper, and for a PDF made by Typst. No style, no script, no database.

A picture knows published numbers only: None is « non affiché », and nothing of what is behind it, neither an attribute
nor a length, is in the drawing. Drawn 360 units wide, so that it reads as it is on a telephone.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import singledispatch
from html import escape
from typing import Final

from casework.casefile.format import NARROW

HIDDEN: Final = "non affiché"
WIDTH: Final = 360
_BAR, _LINE, _GAP = 13, 15, 9
_ROOM = 270  # longest bar: its number stands at its right
_LETTERS = 54  # of a label, on one line
_FILLS = ("#125f62", "#c8a15a", "#7d3c5c", "#5f7f9f", "#8a8577")
_DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 6")


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar. `n` None: not shown. `group`: heading above the first bar of a group. `part`: which of several patterns."""

    label: str
    n: int | None
    group: str = ""
    part: int = 0


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Horizontal bars, grouped or not. `key`: unique on its page. `unit`: plural word (« personnes »)."""

    key: str
    title: str
    bars: tuple[Bar, ...]
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One bar made of parts, in the order of `Stacks.parts`."""

    label: str
    parts: tuple[int | None, ...]


@dataclass(frozen=True, kw_only=True)
class Stacks:
    """Bars made of parts, each with its pattern, and their legend."""

    key: str
    title: str
    parts: tuple[str, ...]
    stacks: tuple[Stack, ...]
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Series:
    """One line of `Lines`: a value, or None, for each of its years."""

    label: str
    values: tuple[int | None, ...]


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Values over years. A year that is not shown is a gap that says so."""

    key: str
    title: str
    years: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Share:
    """A share in per cent with its interval; all None: not shown."""

    label: str
    percent: int | None
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, kw_only=True)
class Shares:
    """Shares in per cent, each with its whiskers."""

    key: str
    title: str
    shares: tuple[Share, ...]


Chart = Bars | Stacks | Lines | Shares


def said(n: int | None) -> str:
    """Return a number as it is printed: « 1 234 », or « non affiché »."""
    return HIDDEN if n is None else f"{n:,}".replace(",", NARROW)


def told(chart: Chart) -> str:
    """Return in one sentence what a picture shows: its description, on a page and in a PDF."""
    unit = ""
    if isinstance(chart, Shares):
        words = [_share_said(share) for share in chart.shares]
    elif isinstance(chart, Bars):
        words, unit = _bars_said(chart), chart.unit
    else:
        heads = chart.parts if isinstance(chart, Stacks) else chart.years
        rows = [(one.label, one.parts) for one in chart.stacks] if isinstance(chart, Stacks) else [
            (one.label, one.values) for one in chart.series
        ]  # fmt: skip
        words = [
            f"{label}{NARROW}: "
            + ", ".join(f"{head}{NARROW}: {said(n)}" for head, n in zip(heads, values, strict=True))
            for label, values in rows
        ]
        unit = chart.unit
    return f"{f'{NARROW}; '.join(words)}{f' ({unit})' if unit else ''}."


def _bars_said(chart: Bars) -> list[str]:
    words, group = [], ""
    for bar in chart.bars:
        group = bar.group or group
        words.append(f"{f'{group}, ' if group else ''}{bar.label}{NARROW}: {said(bar.n)}")
    return words


def _share_said(share: Share) -> str:
    if share.percent is None:
        return f"{share.label}{NARROW}: {HIDDEN}"
    between = "" if share.low is None or share.high is None else f", entre {share.low} et {share.high}\u00a0%"
    return f"{share.label}{NARROW}: {share.percent}\u00a0%{between}"


@singledispatch
def drawn(chart: Chart) -> str:
    """Return the SVG of a chart. Raises TypeError for what is none, ValueError for a key that is no identifier."""
    raise TypeError(type(chart))


@drawn.register
def _bars(chart: Bars) -> str:
    most = max((bar.n for bar in chart.bars if bar.n), default=1)
    body: list[str] = []
    top = 4
    for bar in chart.bars:
        if bar.group:
            top = _words(body, bar.group, top + 4, weight="bold")
        top = _words(body, bar.label, top)
        if bar.n is None:
            _gap_mark(body, 0, top)
            body.append(_text(30, top + 11, HIDDEN, italic=True))
        else:
            length = _length(bar.n, most, _ROOM)
            body.append(_rect(chart.key, bar.part, 0, top, length))
            body.append(_text(length + 6, top + 11, said(bar.n), weight="bold"))
        top += _BAR + _GAP
    return _svg(chart, top, body, parts=1 + max((bar.part for bar in chart.bars), default=0))


@drawn.register
def _stacks(chart: Stacks) -> str:
    most = max((sum(n or 0 for n in stack.parts) for stack in chart.stacks), default=1) or 1
    body: list[str] = []
    top = _legend(body, chart.key, chart.parts, 4)
    for stack in chart.stacks:
        top = _words(body, stack.label, top)
        left = 0.0
        for rank, n in enumerate(stack.parts):
            if n:
                length = _length(n, most, _ROOM)
                body.append(_rect(chart.key, rank, left, top, length))
                left += length
        if None in stack.parts:
            _gap_mark(body, left + 4, top)
        words = " · ".join(said(n) for n in stack.parts)
        top = _words(body, words, top + _BAR + 1, weight="bold") + _GAP
    return _svg(chart, top, body, parts=len(chart.parts))


@drawn.register
def _lines(chart: Lines) -> str:
    most = max((n for one in chart.series for n in one.values if n), default=1)
    body: list[str] = []
    top = _legend(body, chart.key, [one.label for one in chart.series], 4, lines=True) if len(chart.series) > 1 else 4
    if any(_partly(chart, rank) for rank in range(len(chart.years))):
        body.append(_path(f"M13 {top - 4}v14", width=1, colour="#8a8577", dash="2 4"))
        top = _words(body, f"une des lignes : {HIDDEN} cette année-là", top - 6, left=32) + 6
    ceiling, floor = top + 22, top + 150
    left, right = 26, WIDTH - 26
    step = (right - left) / max(len(chart.years) - 1, 1)
    places = [left + step * rank for rank in range(len(chart.years))] if len(chart.years) > 1 else [WIDTH / 2]
    body.append(_path(f"M0 {floor}H{WIDTH}", width=1, colour="#8a8577"))
    for place, year in zip(places, chart.years, strict=True):
        body.append(_text(place, floor + 16, year, anchor="middle"))
    for rank, one in enumerate(chart.series):
        _line(body, rank, one, places, most, ceiling, floor, numbers=len(chart.series) == 1)
    _absent(body, chart, places, ceiling, floor)
    return _svg(chart, floor + 24, body)


def _line(
    body: list[str], rank: int, one: Series, places: Sequence[float], most: int, ceiling: float, floor: float, *,
    numbers: bool,
) -> None:  # fmt: skip
    """Draw one line: broken where a year is not shown, a mark of its own form on each year that is."""
    points = [
        None if n is None else (place, floor - (floor - ceiling) * n / most)
        for place, n in zip(places, one.values, strict=True)
    ]
    drawing, pen_down = [], False
    for point in points:
        if point is not None:
            drawing.append(f"{'L' if pen_down else 'M'}{_n(point[0])} {_n(point[1])}")
        pen_down = point is not None
    if drawing:
        body.append(
            _path("".join(drawing), width=2, colour=_FILLS[rank % len(_FILLS)], dash=_DASHES[rank % len(_DASHES)])
        )
    for point, n in zip(points, one.values, strict=True):
        if point is not None:
            body.append(_mark(rank, *point))
            if numbers:
                body.append(_text(point[0], point[1] - 9, said(n), anchor="middle", weight="bold"))


def _partly(chart: Lines, rank: int) -> bool:
    missing = sum(one.values[rank] is None for one in chart.series)
    return 0 < missing < len(chart.series)


def _absent(body: list[str], chart: Lines, places: Sequence[float], ceiling: float, floor: float) -> None:
    """Say « non affiché » over each year of which a line says nothing: at the same height, whatever it hides."""
    for rank, place in enumerate(places):
        missing = [one for one in chart.series if one.values[rank] is None]
        if not missing:
            continue
        body.append(_path(f"M{_n(place)} {ceiling}V{floor}", width=1, colour="#8a8577", dash="2 4"))
        if len(missing) == len(chart.series):
            body.append(_text(place, floor - 18, "non", anchor="middle", italic=True, size=11))
            body.append(_text(place, floor - 6, "affiché", anchor="middle", italic=True, size=11))


@drawn.register
def _shares(chart: Shares) -> str:
    body: list[str] = []
    top, scale = 4, _ROOM / 100
    for share in chart.shares:
        top = _words(body, share.label, top)
        body.append(_path(f"M0 {_n(top + 6.5)}H{_ROOM}", width=1, colour="#c9c2b2"))
        if share.percent is None:
            body.append(_text(0, top + 11, HIDDEN, italic=True, back=True))
        else:
            if share.low is not None and share.high is not None:
                low, high = share.low * scale, share.high * scale
                whisker = f"M{_n(low)} {_n(top + 6.5)}H{_n(high)}M{_n(low)} {top}v13M{_n(high)} {top}v13"
                body.append(_path(whisker, width=2, colour=_FILLS[0]))
            body.append(_mark(0, share.percent * scale, top + 6.5))
            body.append(_text(_ROOM + 8, top + 11, f"{share.percent}\u00a0%", weight="bold"))
        top += _BAR + _GAP
    for percent in (0, 50, 100):
        anchor = "start" if percent == 0 else "middle" if percent < 100 else "end"
        body.append(_text(percent * scale, top + 10, f"{percent}\u00a0%", size=11, anchor=anchor))
    return _svg(chart, top + 16, body)


# Pieces


def _svg(chart: Chart, height: float, body: Iterable[str], *, parts: int = 0) -> str:
    key = chart.key
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,60}", key):
        raise ValueError("key")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="cw-chart" viewBox="0 0 {WIDTH} {_n(height)}" role="img" '
        f'aria-labelledby="{key}-title {key}-desc" font-family="Atkinson Hyperlegible, DejaVu Sans, sans-serif" '
        f'font-size="13"><title id="{key}-title">{escape(chart.title)}</title><desc id="{key}-desc">{escape(told(chart))}</desc>'
        f"{_patterns(key, parts)}{''.join(body)}</svg>"
    )


def _patterns(key: str, parts: int) -> str:
    """Return the fills: plain, then stripes one way, dots, stripes the other way, a grid: told apart without colour."""
    if parts < 2:
        return ""
    over = ("", "M0 6L6 0", "M2 2h2v2h-2z", "M0 0L6 6", "M0 3H6M3 0V6")
    made = "".join(
        f'<pattern id="{key}-p{rank}" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<rect width="6" height="6" fill="{_FILLS[rank]}"/><path d="{over[rank]}" stroke="#fff" stroke-width="1.5" '
        f'fill="none"/></pattern>'
        for rank in range(1, min(parts, len(_FILLS)))
    )
    return f"<defs>{made}</defs>"


def _fill(key: str, part: int) -> str:
    rank = part % len(_FILLS)
    return f"url(#{key}-p{rank})" if rank else _FILLS[0]


def _rect(key: str, part: int, left: float, top: float, length: float) -> str:
    return (
        f'<rect x="{_n(left)}" y="{_n(top)}" width="{_n(length)}" height="{_BAR}" fill="{_fill(key, part)}" '
        f'stroke="#fff" stroke-width="0.5"/>'
    )


def _gap_mark(body: list[str], left: float, top: float) -> None:
    """Draw the same dashed mark, whatever is behind it."""
    body.append(
        f'<rect x="{_n(left + 0.5)}" y="{_n(top + 0.5)}" width="22" height="{_BAR - 1}" fill="none" stroke="#8a8577" '
        f'stroke-dasharray="3 2"/>'
    )


def _legend(body: list[str], key: str, labels: Sequence[str], top: int, *, lines: bool = False) -> int:
    for rank, label in enumerate(labels):
        if lines:
            colour, dash = _FILLS[rank % len(_FILLS)], _DASHES[rank % len(_DASHES)]
            body.append(_path(f"M0 {top + 7}H26", width=2, colour=colour, dash=dash))
            body.append(_mark(rank, 13, top + 7))
        else:
            body.append(_rect(key, rank, 0, top, 20))
        top = _words(body, label, top, left=32)
    return top + 6


def _mark(rank: int, x: float, y: float) -> str:
    """Return the mark of a line: round, square, triangle, diamond, round and empty."""
    colour, at = _FILLS[rank % len(_FILLS)], f"M{_n(x)} {_n(y)}"
    forms = ("m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0", "m-4 -4h8v8h-8z", "m0 -5l5 9h-10z", "m0 -5l5 5l-5 5l-5 -5z")
    if rank % len(_FILLS) < len(forms):
        return f'<path d="{at}{forms[rank % len(_FILLS)]}" fill="{colour}"/>'
    return f'<path d="{at}{forms[0]}" fill="#fff" stroke="{colour}" stroke-width="2"/>'


def _path(d: str, *, width: float, colour: str, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width}"{dashed}/>'


def _words(body: list[str], words: str, top: int, *, weight: str = "", left: int = 0) -> int:
    """Write a label on as many lines as it takes; return where the next thing starts."""
    for line in textwrap.wrap(words, _LETTERS - left // 6) or [""]:
        body.append(_text(left, top + 11, line, weight=weight))
        top += _LINE
    return top


def _text(
    x: float, y: float, words: str, *, anchor: str = "start", weight: str = "", italic: bool = False, size: int = 0,
    back: bool = False,
) -> str:  # fmt: skip
    more = "".join((
        f' text-anchor="{anchor}"' if anchor != "start" else "",
        f' font-weight="{weight}"' if weight else "",
        ' font-style="italic"' if italic else "",
        f' font-size="{size}"' if size else "",
        ' stroke="#fff" stroke-width="4" paint-order="stroke"' if back else "",
    ))  # fmt: skip
    return f'<text x="{_n(x)}" y="{_n(y)}" fill="currentColor"{more}>{escape(words)}</text>'


def _length(n: int, most: int, room: float) -> float:
    return max(room * n / most, 1.0) if n else 0.0


def _n(value: float) -> str:
    """Return a coordinate at a tenth: the same bytes everywhere."""
    return f"{value:.1f}".removesuffix(".0")
