"""The retention clock (RET-01 to RET-05), at the ends of ranges and on any date."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.casefile.retention import age_on, birthday, purge_check_on, purge_date, years_after

DAYS = st.dates(date(1980, 1, 1), date(2040, 12, 31))


@pytest.mark.rule("RET-01", "RET-02", "RET-03", "RET-05")
@pytest.mark.parametrize(
    ("born_on", "ended_on", "expected"),
    [
        (date(2011, 3, 12), None, date(2036, 3, 12)),  # open: 25th birthday
        (date(2011, 3, 12), date(2026, 11, 22), date(2029, 11, 22)),  # three years after the end
        (date(2003, 3, 12), date(2026, 11, 22), date(2028, 3, 12)),  # the birthday comes first
        (date(2003, 11, 22), date(2025, 11, 22), date(2028, 11, 22)),  # both on the same day
        (date(2003, 11, 23), date(2025, 11, 22), date(2028, 11, 22)),
        (date(2003, 11, 21), date(2025, 11, 22), date(2028, 11, 21)),
        (date(2004, 2, 29), None, date(2029, 2, 28)),  # the earlier day deletes sooner
        (date(2012, 5, 1), date(2024, 2, 29), date(2027, 2, 28)),
        (date(1990, 1, 1), date(2026, 1, 1), date(2015, 1, 1)),  # already past
    ],
)
def test_the_purge_date_is_the_earlier_of_the_two(born_on, ended_on, expected):
    assert purge_date(born_on=born_on, ended_on=ended_on) == expected


@pytest.mark.rule("RET-03", "RET-05")
@given(born_on=DAYS, ended_on=st.none() | DAYS)
@settings(max_examples=60)
def test_nothing_outlives_the_limits(born_on, ended_on):
    purge_on = purge_date(born_on=born_on, ended_on=ended_on)
    assert purge_on <= birthday(born_on, 25)
    if ended_on is not None:
        assert purge_on <= years_after(ended_on, 3)
        assert purge_on == birthday(born_on, 25) or purge_on.year == ended_on.year + 3
    # Ending a follow-up never makes a record live longer.
    assert purge_on <= purge_date(born_on=born_on, ended_on=None)


@pytest.mark.rule("RET-05")
@given(born_on=DAYS, ended_on=st.none() | DAYS)
@settings(max_examples=40)
def test_the_clear_column_tells_only_a_year(born_on, ended_on):
    purge_on = purge_date(born_on=born_on, ended_on=ended_on)
    check_on = purge_check_on(purge_on)
    assert (check_on.month, check_on.day) == (1, 1)
    assert check_on <= purge_on


@pytest.mark.parametrize(
    ("born_on", "on", "age"),
    [
        (date(2011, 3, 12), date(2026, 3, 11), 14),
        (date(2011, 3, 12), date(2026, 3, 12), 15),
        (date(2008, 2, 29), date(2026, 2, 27), 17),
        (date(2008, 2, 29), date(2026, 2, 28), 18),
        (date(2008, 2, 29), date(2028, 2, 28), 19),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
        (date(2026, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_age_turns_on_the_birthday(born_on, on, age):
    assert age_on(born_on, on) == age


def test_no_age_before_birth():
    with pytest.raises(ValueError, match="before birth"):
        age_on(date(2026, 1, 2), date(2026, 1, 1))


@given(born_on=DAYS, years=st.integers(0, 40))
@settings(max_examples=60)
def test_age_and_birthday_agree(born_on, years):
    assert age_on(born_on, birthday(born_on, years)) == years
