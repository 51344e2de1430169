"""Which cohorts a sheet asks about. Pure functions, no database, no clock (REC-23, SDC-05a, SDC-07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from casework.casefile.calendar import month_of
from casework.casefile.retention import months_after
from casework.placements.returns.codes import Answer, Horizon, Kind, Source

LEAST: Final = 20
"""SDC-05a: a cohort of fewer people is merged over three years."""

MERGED_YEARS: Final = 3

KEPT_MONTHS: Final = 27
"""SDC-05a: a watch without an answer dies then."""


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Those whose measure of one kind ended in these years (both included), seen at one horizon."""

    kind: Kind
    horizon: Horizon
    first: int
    last: int

    @property
    def years(self) -> tuple[int, ...]:
        """Return the years, oldest first."""
        return tuple(range(self.first, self.last + 1))

    @property
    def label(self) -> str:
        """Return the years as a reader says them."""
        return str(self.last) if self.first == self.last else f"{self.first} à {self.last}"


@dataclass(frozen=True, kw_only=True)
class Line:
    """What is answered about one cohort: of `ended` people, how many for each answer, and where that comes from."""

    cohort: Cohort
    ended: int
    answers: Mapping[Answer, int]
    source: Source = Source.SHEET

    @property
    def problem(self) -> str:
        """Return what is wrong in French, "" if the answers add up to the cohort."""
        total = sum(self.answers.values())
        if total == self.ended:
            return ""
        return f"Les réponses font {total}, et non {self.ended}."

    def stored(self) -> dict[str, Any]:
        """Return the line as it is sealed."""
        return {
            "kind": self.cohort.kind.value, "horizon": self.cohort.horizon.value, "first": self.cohort.first,
            "last": self.cohort.last, "ended": self.ended, "source": self.source.value,
            **{answer.value: self.answers.get(answer, 0) for answer in Answer},
        }  # fmt: skip


def read(stored: Mapping[str, Any]) -> Line:
    """Return a line from what was sealed."""
    cohort = Cohort(
        kind=Kind(stored["kind"]), horizon=Horizon(stored["horizon"]), first=stored["first"], last=stored["last"]
    )
    answers = {answer: int(stored[answer.value]) for answer in Answer}
    return Line(cohort=cohort, ended=int(stored["ended"]), answers=answers, source=Source(stored["source"]))


def last_observed(year: int, horizon: Horizon) -> int:
    """Return the last year whose people were all seen for the whole horizon when `year` begins (REC-23)."""
    return year - 1 - horizon // 12


def asked(year: int, kinds: Sequence[Kind], ended: Mapping[tuple[Kind, int], int]) -> list[Cohort]:
    """Return the cohorts of the sheet of `year`: one year where it holds enough people, else three (SDC-05a).

    `ended`: how many measures of a kind ended in a year, as counted here.
    """
    found = []
    for kind in kinds:
        for horizon in Horizon:
            last = last_observed(year, horizon)
            enough = ended.get((kind, last), 0) >= LEAST
            found.append(
                Cohort(kind=kind, horizon=horizon, first=last if enough else last - MERGED_YEARS + 1, last=last)
            )
    return found


def months_later(month: date, months: int) -> date:
    """Return the first day of the month that many months later, or earlier where negative."""
    return month_of(months_after(month, months))


def asked_on(month: date, horizon: Horizon) -> date:
    """Return the day from which a question is asked: the whole horizon has gone by for whoever ended in `month`."""
    return months_later(month, horizon + 1)


def kept_from(today: date) -> date:
    """Return the earliest month of end of which a watch is still kept: 27 months, then nothing (SDC-05a)."""
    return months_later(month_of(today), -KEPT_MONTHS)


def due(month: date, answered: int, today: date) -> Horizon | None:
    """Return the question that waits today, None if none does.

    Past the second date only the second question is asked: the first can no longer be answered as of its own.
    """
    for horizon in reversed(Horizon):
        if answered < horizon and asked_on(month, horizon) <= today:
            return horizon
    return None
