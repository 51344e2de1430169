"""Working days in France, and where a local day starts and ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.casefile import calendar

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 12, 8), True),
        (date(2026, 12, 12), False),  # Saturday
        (date(2026, 12, 13), False),  # Sunday
        (date(2026, 12, 25), False),
        (date(2026, 5, 14), False),  # Ascension
        (date(2026, 5, 25), False),  # Whit Monday
        (date(2026, 7, 14), False),
        (date(2026, 4, 3), True),  # Good Friday, worked outside Alsace-Moselle
    ],
)
def test_offices_close_on_public_holidays(day, works):
    assert calendar.is_working_day(day, "FR") is works


def test_a_departement_may_have_days_of_its_own():
    assert not calendar.is_working_day(date(2026, 4, 3), "FR-57")
    assert not calendar.is_working_day(date(2028, 12, 20), "FR-974")  # abolition of slavery, Réunion
    assert calendar.is_working_day(date(2028, 12, 20), "FR")


@pytest.mark.parametrize("wrong", ["", "XX", "FR-ZZ"])
def test_an_unknown_set_is_refused(wrong):
    with pytest.raises(ValueError, match="holiday set"):
        calendar.is_working_day(date(2026, 1, 2), wrong)


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        (date(2026, 12, 7), 5, date(2026, 12, 14)),  # five working days, a week-end between
        (date(2026, 12, 24), 1, date(2026, 12, 28)),
        (date(2026, 12, 26), 1, date(2026, 12, 28)),  # from a Saturday
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
        (date(2026, 12, 28), -1, date(2026, 12, 24)),
        (date(2026, 12, 26), 0, date(2026, 12, 26)),
    ],
)
def test_adding_working_days(start, n, expected):
    assert calendar.add_working_days(start, n, "FR") == expected


def test_the_next_working_day_may_be_the_same():
    assert calendar.next_working_day(date(2026, 12, 8)) == date(2026, 12, 8)
    assert calendar.next_working_day(date(2026, 12, 25)) == date(2026, 12, 28)


@given(start=DAYS, n=st.integers(1, 40))
@settings(max_examples=40)
def test_counting_undoes_adding(start, n):
    end = calendar.add_working_days(start, n)
    assert calendar.is_working_day(end)
    assert calendar.working_days_between(start, end) == n
    assert calendar.working_days_between(end, start) == -n
    assert calendar.working_days_between(start, end - timedelta(days=1)) == n - 1


@given(day=DAYS)
@settings(max_examples=40)
def test_days_follow_one_another_without_gap(day):
    end = calendar.end_instant(day)
    assert end == calendar.start_instant(day + timedelta(days=1))
    assert end.astimezone(UTC) > calendar.start_instant(day).astimezone(UTC)


def test_the_day_of_the_clock_change_has_25_hours():
    start, end = calendar.start_instant(date(2026, 10, 25)), calendar.end_instant(date(2026, 10, 25))
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=25)
    assert start.astimezone(UTC) == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert calendar.start_instant(date(2026, 1, 1), "Indian/Reunion").utcoffset() == timedelta(hours=4)


@pytest.mark.parametrize(
    ("text", "year"),
    [("2025", 2025), ("", None), ("25", None), ("20255", None), ("٢٠٢٥", None), ("-025", None), ("0000", None)],
)
def test_a_year_is_four_digits(text, year):
    assert calendar.read_year(text) == year
