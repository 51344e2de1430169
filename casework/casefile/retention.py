"""The retention clock: until when a record may be kept (RET-01 to RET-05). The only place for these sums."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

YEARS_AFTER_END = 3
"""RET-02: intermediate archive after the end of the follow-up."""

AGE_LIMIT = 25
"""RET-03: nothing is kept beyond this birthday."""


def years_after(day: date, years: int) -> date:
    """Return the same day `years` later; 29 February becomes the 28th: the earlier day deletes sooner."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def months_after(day: date, months: int) -> date:
    """Return the same day `months` later, earlier when negative; the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def ended_before(today: date, months: int) -> date:
    """Return the last day whose `months` are over on `today`: `months_after` read backwards."""
    day = months_after(today, -months)
    while months_after(day + timedelta(days=1), months) <= today:
        day += timedelta(days=1)
    while months_after(day, months) > today:
        day -= timedelta(days=1)
    return day


def birthday(born_on: date, age: int) -> date:
    """Return the day on which a person born on `born_on` turns `age`."""
    return years_after(born_on, age)


def age_on(born_on: date, on: date) -> int:
    """Return the age in whole years on day `on`; negative before birth is refused.

    Raises ValueError when `on` precedes the birth.
    """
    if on < born_on:
        raise ValueError("before birth")
    age = on.year - born_on.year
    return age if birthday(born_on, age) <= on else age - 1


def purge_date(*, born_on: date, ended_on: date | None) -> date:
    """Return the day on which the record becomes unreadable, to be destroyed (RET-05).

    The earlier of three years after the end of follow-up (RET-02) and the 25th birthday
    (RET-03). An open follow-up (`ended_on` None) runs to the 25th birthday (RET-01). The result
    can be in the past. For an estimated year of birth pass 1 January of that year.
    """
    limit = birthday(born_on, AGE_LIMIT)
    return limit if ended_on is None else min(limit, years_after(ended_on, YEARS_AFTER_END))


def purge_check_on(purge_on: date) -> date:
    """Return 1 January of the year of `purge_on`.

    The only clear column about the end date: from it nobody can work out a birth date (RET-05).
    """
    return date(purge_on.year, 1, 1)
