"""The remaining hours spread in one click, always within the limits (ASG-02, TIGM-10, ASG-07)."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.placements.tig import limits
from casework.placements.tig.limits import Stint, Worker
from casework.placements.tig.plan import Slot, plan

MONDAY = date(2026, 11, 30)
MINOR, ADULT = Worker(is_minor=True), Worker(is_minor=False)
SALARIED = Worker(is_minor=False, has_job=True)


def half_days(weeks=4, days=(0, 1, 2, 3, 4), halves=("am", "pm")) -> list[Slot]:
    hours = {"am": (time(8, 30), time(12)), "pm": (time(13, 30), time(17))}
    return [
        Slot(day=MONDAY + timedelta(weeks=week, days=day), half=half, starts_at=hours[half][0], ends_at=hours[half][1])
        for week in range(weeks)
        for day in days
        for half in halves
    ]


@pytest.mark.rule("ASG-02")
def test_the_earliest_half_days_are_taken_and_the_last_one_is_cut():
    found = plan(16 * 60, half_days(halves=("am",)), ADULT)
    assert [each.stint.minutes for each in found.half_days] == [210, 210, 210, 210, 120]
    assert found.half_days[-1].stint.ends_at == time(10, 30)
    assert (found.unplaced, found.ends_on) == (0, MONDAY + timedelta(days=4))


@pytest.mark.rule("ASG-02")
def test_what_finds_no_half_day_is_said():
    found = plan(20 * 60, half_days(weeks=1, days=(0, 1)), ADULT)
    assert found.unplaced == 20 * 60 - 4 * 210


@pytest.mark.rule("TIGM-10")
def test_a_minor_gets_no_holiday_no_sunday_and_no_day_beyond_the_term():
    slots = half_days(days=(0, 1, 2, 3, 4, 5, 6))
    found = plan(400 * 60, slots, MINOR, holidays={date(2026, 12, 25)}, until=date(2026, 12, 26))
    days = {each.stint.day for each in found.half_days}
    assert date(2026, 12, 25) not in days
    assert all(day.weekday() != 6 for day in days)
    assert max(days) <= date(2026, 12, 26)


@pytest.mark.rule("ASG-07")
def test_somebody_with_a_job_gets_twelve_hours_a_week():
    found = plan(40 * 60, half_days(), SALARIED)
    weeks: dict[date, int] = {}
    for each in found.half_days:
        weeks[limits.week_of(each.stint.day)] = weeks.get(limits.week_of(each.stint.day), 0) + each.stint.minutes
    assert max(weeks.values()) == 12 * 60


def test_at_most_the_half_days_wanted_a_week():
    found = plan(21 * 60, half_days(), ADULT, weekly=2)
    assert len(found.half_days) == 6
    assert found.ends_on == MONDAY + timedelta(weeks=2)


def test_no_journey_for_a_few_minutes_except_to_finish():
    held = [Stint(day=MONDAY, starts_at=time(13, 30), ends_at=time(17))]
    tight = Worker(is_minor=False, has_job=True, job_minutes=(47 * 60) - 240)  # 4 h a week: 30 min left this week
    assert plan(60, half_days(weeks=2, halves=("am",)), tight, already=held).half_days[
        0
    ].stint.day >= MONDAY + timedelta(7)
    assert plan(30, half_days(weeks=1, halves=("am",)), tight, already=held).half_days[0].stint.minutes == 30


@pytest.mark.rule("ASG-02", "TIGM-10", "ASG-07")
@given(
    minutes=st.integers(1, 400 * 60),
    slots=st.lists(
        st.builds(
            lambda n, start, length: Slot(
                day=MONDAY + timedelta(days=n), half="am" if start < 12 else "pm", starts_at=time(start),
                ends_at=time(min(start + length, 23)),
            ),
            st.integers(0, 90), st.integers(5, 20), st.integers(1, 10),
        ),
        max_size=60,
    ),
    worker=st.sampled_from([MINOR, ADULT, SALARIED]),
)  # fmt: skip
@settings(max_examples=80)
def test_a_plan_never_breaks_a_limit_nor_plans_too_much(minutes, slots, worker):
    holidays = {date(2026, 12, 25), date(2027, 1, 1)}
    found = plan(minutes, slots, worker, holidays=holidays)
    stints = [each.stint for each in found.half_days]
    assert sum(each.minutes for each in stints) + found.unplaced == minutes
    for each in stints:
        others = [other for other in stints if other is not each]
        assert not limits.broken(each, others, worker, holidays=holidays)
