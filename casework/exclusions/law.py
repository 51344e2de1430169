"""What the Education Code asks of dates: pure functions, no database, no clock (domain.md §7).

`away` stands for the school holidays of a zone: pairs of first and last day, both without class.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from casework.casefile import calendar
from casework.exclusions.codes import Kind

Away = Sequence[tuple[date, date]]

MAX_DAYS: Final = 8
"""Longest temporary exclusion, in days of class (EXC-02, CEDU R511-13)."""

MAX_MINUTES: Final = 20 * 60
"""Longest mesure de responsabilisation (EXC-05, CEDU R511-13 II)."""

DEFENCE_DAYS: Final = 2
"""Working days that the pupil has to answer before the head decides (EXC-08, decree 2019-906)."""

HOLD_DAYS: Final = 5
"""Days of class after which a place without a name frees itself (domain.md 10.6)."""

YEAR_STARTS: Final = (9, 1)
YEAR_ENDS: Final = (7, 31)
"""Last day on which the data of a school year stand: exams and June returns are over (EXC-21)."""

TERM_ASKS: Final = ((12, 1), (3, 15), (6, 10))
"""Days from which the school is asked what became of those it sent: each term and in June (EXC-19)."""


def school_year(day: date) -> int:
    """Return the year in which the school year of `day` began: 2026 for 2026-2027; August belongs to the next one."""
    return day.year if day.month >= 8 else day.year - 1


def asking_days(start: int) -> list[date]:
    """Return the days of a school year from which schools are asked, in order."""
    return [date(start if month >= 8 else start + 1, month, day) for month, day in TERM_ASKS]


def last_ask(today: date) -> date | None:
    """Return the last of this school year's asking days, `today` included; None before the first (EXC-19)."""
    return max((day for day in asking_days(school_year(today)) if day <= today), default=None)


def next_ask(today: date) -> date:
    """Return the next asking day after `today`, of this school year or of the one that follows."""
    year = school_year(today)
    return next(day for day in (*asking_days(year), *asking_days(year + 1)) if day > today)


def year_label(start: int) -> str:
    """Return « 2026-2027 »."""
    return f"{start}-{start + 1}"


def year_end(start: int) -> date:
    """Return the last day of a school year for data (EXC-21)."""
    return date(start + 1, *YEAR_ENDS)


def is_school_day(day: date, away: Away, holiday_set: str = "FR") -> bool:
    """Say whether there is class on `day`: a weekday, neither a public holiday nor in school holidays."""
    return calendar.is_working_day(day, holiday_set) and not any(first <= day <= last for first, last in away)


def school_days(first: date, last: date, away: Away, holiday_set: str = "FR") -> list[date]:
    """Return the days of class from `first` to `last`, both included."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if is_school_day(day, away, holiday_set)]


def add_school_days(day: date, n: int, away: Away, holiday_set: str = "FR") -> date:
    """Return the n-th day of class after `day`; `day` itself never counts. A year without class ends the search."""
    left, limit = n, day + timedelta(days=366)
    while left and day < limit:
        day += timedelta(days=1)
        left -= is_school_day(day, away, holiday_set)
    return day


def erased_on(kind: str, decided_on: date) -> date:
    """Return the last day on which the school keeps the sanction (EXC-09, decree 2019-906).

    Responsabilisation: end of the next school year. Temporary exclusion, suspended or not: end of the second next.
    A precautionary measure is no sanction: end of its own year.
    """
    more = {Kind.RESPONSIBILITY: 1, Kind.EXCLUSION: 2, Kind.SUSPENDED: 2}.get(Kind(kind), 0)
    return year_end(school_year(decided_on) + more)


def data_until(kind: str, *, decided_on: date | None, year: int) -> date:
    """Return the last day of our data (EXC-21, DL-20): the end of the school year, never after the sanction's erasure.

    `year` is the school year of the reception; `decided_on` is empty while a place is held without a name.
    """
    end = year_end(year)
    return end if decided_on is None else min(end, erased_on(kind, decided_on))


def dates_problem(*, kind: str, starts_on: date, ends_on: date, away: Away, holiday_set: str = "FR") -> tuple[str, str]:
    """Return (field, what is wrong) of the days of a sanction; ("", "") where they stand (EXC-02)."""
    if ends_on < starts_on:
        return "ends_on", "Le dernier jour doit suivre le premier."
    if school_year(starts_on) != school_year(ends_on):
        return "ends_on", "Les dates tiennent dans une seule année scolaire."
    if kind in (Kind.EXCLUSION, Kind.PRECAUTIONARY):
        if (ends_on - starts_on).days > 60:
            return "ends_on", "Vérifiez les dates : une exclusion dure huit jours au plus (R511-13)."
        days = len(school_days(starts_on, ends_on, away, holiday_set))
        if not days:
            return "starts_on", "Il n’y a pas classe ces jours-là : vérifiez les dates."
        if days > MAX_DAYS:
            return "ends_on", f"Une exclusion dure huit jours au plus (R511-13) : ici {days} jours de classe."
    return "", ""


def decision_problem(*, kind: str, opened_on: date | None, decided_on: date, holiday_set: str = "FR") -> str:
    """Return why this day of decision is not possible, "" if it is (EXC-08). A precautionary measure decides nothing."""
    if kind == Kind.PRECAUTIONARY or opened_on is None:
        return ""
    if decided_on <= opened_on:
        return "La décision suit l’information de la famille : vérifiez les dates."
    if calendar.working_days_between(opened_on, decided_on, holiday_set) <= DEFENCE_DAYS:
        return (
            "La famille a au moins deux jours ouvrables pour répondre avant la décision (décret 2019-906) : "
            "vérifiez les dates."
        )
    return ""


def suspension_problem(*, decided_on: date, until: date) -> str:
    """Return why a suspended sanction cannot run until this day, "" if it can (EXC-04, R511-13-1)."""
    shortest, longest = year_end(school_year(decided_on)), erased_on(Kind.SUSPENDED, decided_on)
    if not date(shortest.year, 6, 30) <= until <= longest:
        return (
            "Le sursis court au moins jusqu’à la fin de l’année scolaire, et au plus jusqu’à l’effacement de la "
            "sanction (R511-13-1)."
        )
    return ""
