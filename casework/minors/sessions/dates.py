"""When the next meeting falls: a month later, same weekday of the same rank, working, outside school holidays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from casework.casefile import calendar
from casework.casefile.models import SchoolHoliday


def next_day(last: date, *, holiday_set: str, away: Sequence[tuple[date, date]] = ()) -> date:
    """Return the day of the next monthly meeting (CLV-21).

    « Second Tuesday » gives the second Tuesday of the next month; on a public holiday or in `away` (first and last
    days of school holidays), the Tuesday after, before or two weeks later; failing those, the first working day.
    """
    wanted = _same_rank(last)
    tries = [wanted + timedelta(weeks=shift) for shift in (0, 1, -1, 2)]
    working = [day for day in tries if calendar.is_working_day(day, holiday_set)]
    clear = [day for day in working if not any(first <= day <= end for first, end in away)]
    return next(iter((*clear, *working)), None) or calendar.next_working_day(wanted, holiday_set)


def _same_rank(last: date) -> date:
    """Return the same weekday of the same rank one month later; a fifth one becomes the last of the month."""
    year, month = last.year + last.month // 12, last.month % 12 + 1
    first = date(year, month, 1)
    day = first + timedelta(days=(last.weekday() - first.weekday()) % 7 + 7 * ((last.day - 1) // 7))
    return day if day.month == month else day - timedelta(weeks=1)


def school_holidays(zone: str, after: date) -> list[tuple[date, date]]:
    """Return the school holidays of a zone that are not over on a day."""
    return list(SchoolHoliday.objects.filter(zone=zone, ends_on__gte=after).values_list("starts_on", "ends_on"))
