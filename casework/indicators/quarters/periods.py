"""One quarter of a year: its days, its name, those before. No database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from casework.casefile.calendar import read_year

RANKS = ("1er", "2e", "3e", "4e")


@dataclass(frozen=True, order=True)
class Period:
    """The quarter `number` (1 to 4) of `year`."""

    year: int
    number: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.back(-1).first - timedelta(days=1)

    @property
    def label(self) -> str:
        """How it is called in a sentence."""
        return f"{RANKS[self.number - 1]} trimestre {self.year}"

    @property
    def short(self) -> str:
        """How it is called under a bar."""
        return f"T{self.number} {self.year}"

    @property
    def code(self) -> str:
        """How a form names it."""
        return f"{self.year}-{self.number}"

    def back(self, n: int) -> Period:
        """Return the quarter `n` quarters before; after, below zero."""
        rank = 4 * self.year + self.number - 1 - n
        return Period(rank // 4, rank % 4 + 1)

    def is_over(self, today: date) -> bool:
        """Say whether its last day has passed."""
        return self.last < today


def of(day: date) -> Period:
    """Return the quarter of a day."""
    return Period(day.year, (day.month + 2) // 3)


def read(code: str) -> Period | None:
    """Return the quarter that a form names, None where it names none."""
    said, _, number = code.partition("-")
    year = read_year(said)
    return Period(year, int(number)) if year is not None and number in ("1", "2", "3", "4") else None
