"""The legal clock: term, suspensions, days left, the bar (TIG-08 to TIG-10, DL-07, DL-11)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.casefile.retention import months_after
from casework.placements.tig import clock
from casework.placements.tig.clock import Suspension, bar, suspended_days, term

START = date(2026, 1, 12)
TODAY = date(2026, 11, 29)
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
SUSPENSIONS = st.lists(
    st.builds(
        lambda start, n: Suspension(start, None if n is None else start + timedelta(days=n)),
        DAYS, st.none() | st.integers(0, 400),
    ),
    max_size=5,
)  # fmt: skip


@pytest.mark.rule("TIG-08")
@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 12), 18, date(2027, 7, 12)),
        (date(2026, 8, 31), 18, date(2028, 2, 29)),  # the last day of a shorter month
        (date(2025, 8, 31), 18, date(2027, 2, 28)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 6, 1), 6, date(2026, 12, 1)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
    ],
)
def test_months_are_counted_from_the_day_and_never_beyond_the_month(day, months, expected):
    assert months_after(day, months) == expected


@pytest.mark.rule("TIG-09", "TIG-10")
@pytest.mark.parametrize(
    ("suspensions", "days"),
    [
        ([], 0),
        ([Suspension(date(2026, 3, 1), date(2026, 3, 11))], 10),
        # Two reasons on the same days do not count twice.
        ([Suspension(date(2026, 3, 1), date(2026, 3, 11)), Suspension(date(2026, 3, 5), date(2026, 3, 15))], 14),
        ([Suspension(date(2026, 3, 1), date(2026, 3, 11)), Suspension(date(2026, 3, 11), date(2026, 3, 12))], 11),
        ([Suspension(TODAY)], 1),  # today stands still too
        ([Suspension(TODAY - timedelta(days=9))], 10),
        ([Suspension(date(2026, 3, 1), date(2026, 3, 1))], 0),
        # Once the time is over, nothing gives it back.
        ([Suspension(date(2027, 7, 13), date(2027, 8, 13))], 0),
        ([Suspension(date(2027, 7, 12), date(2027, 7, 22))], 10),
    ],
)
def test_each_suspended_day_moves_the_term_by_one(suspensions, days):
    assert term(START, 18, suspensions, TODAY) == date(2027, 7, 12) + timedelta(days=days)


@pytest.mark.rule("TIG-09")
def test_a_suspension_to_come_is_not_yet_time_spent():
    ahead = [Suspension(TODAY + timedelta(days=5), TODAY + timedelta(days=15))]
    assert suspended_days(ahead, TODAY) == 0
    assert suspended_days(ahead, TODAY + timedelta(days=7)) == 3
    assert term(START, 18, ahead, TODAY) == date(2027, 7, 22)  # already ordered: the term says so


@pytest.mark.rule("TIG-08", "TIG-09")
@given(suspensions=SUSPENSIONS, more=DAYS, today=DAYS)
@settings(max_examples=80)
def test_a_suspension_never_shortens_the_time(suspensions, more, today):
    before = term(START, 18, suspensions, today)
    assert before >= date(2027, 7, 12)
    assert term(START, 18, [*suspensions, Suspension(more)], today) >= before
    assert term(START, 18, list(reversed(suspensions)), today) == before


@pytest.mark.rule("DL-07", "DL-11")
@pytest.mark.parametrize(
    ("before", "long", "short"),
    [(91, None, None), (90, 90, None), (31, 90, None), (30, 30, 30), (0, 30, 30), (-3, 30, 30)],
)
def test_reminders_come_ninety_and_thirty_days_before_thirty_for_the_short_ones(before, long, short):
    due = date(2027, 7, 12)
    today = due - timedelta(days=before)
    assert clock.warnings(due, today, short=False) == long
    assert clock.warnings(due, today, short=True) == short


def bars(**changes):
    values = {
        "assigned": 105 * 60, "done": 35 * 60, "planned": 28 * 60, "fixed": date(2027, 7, 12), "suspensions": [],
        "today": TODAY,
    }  # fmt: skip
    return bar(**(values | changes))


@pytest.mark.rule("TIG-08", "DL-07")
def test_the_bar_says_done_planned_left_days_left_and_suspended_days():
    found = bars(suspensions=[Suspension(date(2026, 3, 1), date(2026, 3, 11))])
    assert (found.left, found.unplanned) == (70 * 60, 42 * 60)
    assert (found.share_done, found.share_planned) == (33, 26)
    assert (found.due, found.days_left, found.suspended_days) == (date(2027, 7, 22), 235, 10)
    assert (found.suspended, found.state) == (False, "ok")


@pytest.mark.rule("DL-07")
@pytest.mark.parametrize(
    ("today", "state"),
    [(date(2027, 4, 12), "ok"), (date(2027, 4, 13), "soon"), (date(2027, 7, 12), "soon"), (date(2027, 7, 13), "late")],
)
def test_the_bar_turns_ninety_days_before_and_is_late_the_day_after(today, state):
    assert bars(today=today).state == state


def test_once_the_hours_are_done_nothing_is_late_any_more():
    assert bars(done=105 * 60, today=date(2028, 1, 1)).state == "ok"


@given(assigned=st.integers(0, 24_000), done=st.integers(0, 30_000), planned=st.integers(0, 30_000))
@settings(max_examples=60)
def test_the_drawing_never_overflows(assigned, done, planned):
    found = bars(assigned=assigned, done=done, planned=planned)
    assert 0 <= found.share_done + found.share_planned <= 100
    assert found.unplanned <= found.left <= assigned
