"""Working days, public holidays, and the instants at which a local day starts and ends.

A `holiday_set` is what `Territory.holiday_set` holds: "FR", or "FR-57" where a département has
days of its own (Alsace-Moselle, overseas). Saturdays and Sundays are not working days.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays


@lru_cache(maxsize=256)
def public_holidays(year: int, holiday_set: str) -> frozenset[date]:
    """Return the public holidays of `year`.

    Raises ValueError when the set is unknown.
    """
    country, _, subdivision = holiday_set.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    except (NotImplementedError, KeyError, AttributeError):
        raise ValueError("unknown holiday set") from None
    return frozenset(found)


def is_working_day(day: date, holiday_set: str = "FR") -> bool:
    """Return whether offices work on `day`: neither Saturday, Sunday nor public holiday."""
    return day.weekday() < 5 and day not in public_holidays(day.year, holiday_set)


def next_working_day(day: date, holiday_set: str = "FR") -> date:
    """Return `day` if it is a working day, else the first one after it."""
    while not is_working_day(day, holiday_set):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, n: int, holiday_set: str = "FR") -> date:
    """Return the n-th working day after `day` (before it when `n` is negative).

    `day` itself never counts. With n = 0 the day comes back as it is, working or not.
    """
    step = timedelta(days=1 if n > 0 else -1)
    left = abs(n)
    while left:
        day += step
        if is_working_day(day, holiday_set):
            left -= 1
    return day


def working_days_between(start: date, end: date, holiday_set: str = "FR") -> int:
    """Return how many working days lie after `start` up to `end` included; negative if `end` is earlier."""
    if end < start:
        return -working_days_between(end, start, holiday_set)
    return sum(is_working_day(start + timedelta(days=n), holiday_set) for n in range(1, (end - start).days + 1))


def read_year(text: str) -> int | None:
    """Return the year that a form or an address names in four digits, None where it names none."""
    return int(text) or None if text.isascii() and text.isdecimal() and len(text) == 4 else None


def start_instant(day: date, time_zone: str = "Europe/Paris") -> datetime:
    """Return the first instant of the local day `day`."""
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(time_zone))


def end_instant(day: date, time_zone: str = "Europe/Paris") -> datetime:
    """Return the end of the local day `day`, excluded: the next local midnight (design.md §7)."""
    return start_instant(day + timedelta(days=1), time_zone)


def month_of(day: date) -> date:
    """Return the first day of the month: the precision that anonymous counts keep (REC-20)."""
    return day.replace(day=1)
