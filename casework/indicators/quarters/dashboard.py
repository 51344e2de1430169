"""The vector of a dashboard: what may be printed of a quarter, and nothing else. Pure functions.

Once published it is all that pages and papers read; the four quarters before come from their own vectors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from casework.indicators.quarters import counts
from casework.indicators.quarters.codes import BY_CODE, INDICATORS, Giver, Indicator
from casework.indicators.quarters.counts import Counts
from casework.indicators.quarters.periods import Period

BEFORE = 4
"""Quarters shown before this one: the oldest is the same one of last year."""


LEAST_MOVE, LEAST_SHARE = 10, 0.2
"""What a move must be to be said: ten, and a fifth."""


class Why(StrEnum):
    """Why an indicator has no number."""

    SMALL = "small"  # too few to be said
    SILENT = "silent"  # nobody asked has answered
    UNKNOWN = "unknown"  # whoever answered does not have it
    LATER = "later"  # of people whom its keeper does not know: said once the quarter is over
    ABSENT = "absent"  # nobody is asked, or this installation does not keep it


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one contributor was asked and said; `counts` None: silent."""

    indicators: Sequence[str]
    counts: Counts | None
    by_telephone: bool = False
    early: bool = False
    """Given before the quarter was over."""
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One indicator of a vector."""

    code: str
    total: int | None = None
    why: str = ""
    cells: tuple[int | None, ...] = ()
    gave: int = 0
    asked: int = 0
    by_telephone: bool = False
    early: bool = False
    remarks: tuple[str, ...] = ()
    before: tuple[int | None, ...] = (None,) * BEFORE

    @property
    def is_partial(self) -> bool:
        """Say whether somebody who was asked gave nothing."""
        return 0 < self.gave < self.asked


@dataclass(frozen=True, kw_only=True)
class Vector:
    """What may be printed of one quarter."""

    sectors: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    words: Mapping[str, Any] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """Return what is sealed."""
        return {
            "sectors": list(self.sectors),
            "words": dict(self.words),
            "rows": [
                {
                    "code": row.code, "total": row.total, "why": row.why, "cells": list(row.cells), "gave": row.gave,
                    "asked": row.asked, "by_telephone": row.by_telephone, "early": row.early, "remarks": list(row.remarks),
                    "before": list(row.before),
                }
                for row in self.rows
            ],
        }  # fmt: skip

    def totals(self) -> dict[str, int | None]:
        """Return the number of each indicator."""
        return {row.code: row.total for row in self.rows}


def read(stored: Mapping[str, Any] | None) -> Vector:
    """Return a vector as it was sealed; an empty one for None."""
    if stored is None:
        return Vector()
    rows = [_read_row(row) for row in stored["rows"]]
    return Vector(sectors=tuple(stored["sectors"]), rows=tuple(rows), words=stored["words"])


def _read_row(stored: Mapping[str, Any]) -> Row:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in stored.items()}
    return Row(**values)


def made(
    *,
    period: Period,
    sectors: Sequence[str],
    own: Mapping[str, int | Why | None],
    answers: Sequence[Answer],
    earlier: Mapping[Period, Mapping[str, int | None]],
    words: Mapping[str, Any],
) -> Vector:
    """Return the vector of a quarter. `earlier`: what the vectors of other quarters say of each indicator."""
    periods = [period.back(n) for n in range(BEFORE, 0, -1)]
    rows = [
        _row(each, sectors, own, answers, tuple(earlier.get(one, {}).get(each.code) for one in periods))
        for each in INDICATORS
    ]
    return Vector(sectors=tuple(sectors), rows=tuple(rows), words=words)


def moved(vector: Vector) -> tuple[list[Row], list[Row]]:
    """Return the lines clearly above, then clearly below, the same quarter of last year, the largest move first.

    Clearly: ten at least, and a fifth of what it was. Counts of partners alone: what this system does is no news of the town.
    A line that some partners left empty is compared with nothing.
    """
    gaps = [
        (row.total - was, row)
        for row in vector.rows
        if row.total is not None and (was := row.before[0]) is not None and not row.is_partial
        and BY_CODE[row.code].giver != Giver.OWN
        and abs(row.total - was) >= max(LEAST_MOVE, was * LEAST_SHARE)
    ]  # fmt: skip
    ordered = sorted(gaps, key=lambda each: (-abs(each[0]), each[1].code))
    return [row for gap, row in ordered if gap > 0], [row for gap, row in ordered if gap < 0]


def _row(
    indicator: Indicator, sectors: Sequence[str], own: Mapping[str, int | Why | None], answers: Sequence[Answer],
    before: tuple[int | None, ...],
) -> Row:  # fmt: skip
    code = indicator.code
    if indicator.giver == Giver.OWN:
        found = own.get(code, Why.ABSENT)
        if found is None:
            found = Why.SMALL
        return (
            Row(code=code, before=before, why=found)
            if isinstance(found, Why)
            else Row(code=code, before=before, total=found)
        )
    asked = [each for each in answers if code in each.indicators]
    spoke = [each for each in asked if each.counts is not None]
    knew = [each for each in spoke if each.counts and each.counts.get(code) is not None]
    where = counts.places(code, sectors)
    summed = counts.added([each.counts[code] for each in knew if each.counts], where)
    said: dict[str, Any] = {
        "code": code, "gave": len(knew), "asked": len(asked), "before": before,
        "by_telephone": any(each.by_telephone for each in knew),
        "early": any(each.early for each in knew),
        "remarks": tuple(sorted({each.remark for each in spoke if each.remark})),
    }  # fmt: skip
    if summed is None:
        why = Why.ABSENT if not asked else Why.UNKNOWN if spoke else Why.SILENT
        return Row(**said, why=why)
    cells, total = counts.shown(summed)
    return Row(
        **said, total=total, why="" if total is not None else Why.SMALL,
        cells=tuple(cells[place] for place in where) if indicator.by_sector else (),
    )  # fmt: skip
