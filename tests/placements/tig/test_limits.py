"""What may be worked, and the rule that says no (TIGM-10, TIG-12, ASG-05, ASG-07, ASG-08, ASG-02)."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.placements.tig import limits
from casework.placements.tig.codes import ExamReason
from casework.placements.tig.limits import Stint, Worker, broken, exam_reasons

MONDAY = date(2026, 11, 30)
MINOR, ADULT = Worker(is_minor=True), Worker(is_minor=False)
SALARIED = Worker(is_minor=False, has_job=True)
PART_TIME = Worker(is_minor=False, has_job=True, job_minutes=20 * 60)


def stint(start="08:30", end="12:00", pause=0, day=MONDAY) -> Stint:
    return Stint(day=day, starts_at=time.fromisoformat(start), ends_at=time.fromisoformat(end), break_minutes=pause)


def rules(found) -> list[str]:
    return [each.rule for each in found]


@pytest.mark.rule("ASG-08")
@pytest.mark.parametrize(
    ("start", "end", "pause", "minutes"),
    [("08:30", "12:00", 0, 210), ("08:30", "16:30", 60, 420), ("08:30", "12:00", 15, 195), ("12:00", "12:00", 0, 0)],
)
def test_a_meal_and_a_break_do_not_count(start, end, pause, minutes):
    assert stint(start, end, pause).minutes == minutes


@pytest.mark.rule("ASG-08")
@pytest.mark.parametrize(
    ("start", "end", "pause"), [("12:00", "08:30", 0), ("08:30", "08:30", 0), ("08:30", "09:00", 30)]
)
def test_a_presence_has_an_end_after_its_start_and_a_shorter_break(start, end, pause):
    assert rules(broken(stint(start, end, pause), [], ADULT)) == ["ASG-08"]


@pytest.mark.rule("TIGM-10")
@pytest.mark.parametrize(
    ("start", "end", "pause", "refused"),
    [
        ("08:00", "17:00", 60, False),  # eight hours to the minute
        ("08:00", "17:01", 60, True),
        ("08:00", "12:30", 0, False),  # four and a half hours to the minute
        ("08:00", "12:31", 0, True),
        ("08:00", "13:01", 30, False),
        ("08:00", "13:01", 29, True),
        ("06:00", "10:00", 0, False),
        ("05:59", "10:00", 0, True),
        ("18:00", "22:00", 0, False),
        ("18:00", "22:01", 0, True),
    ],
)
def test_a_minor_works_eight_hours_with_a_break_and_never_at_night(start, end, pause, refused):
    assert rules(broken(stint(start, end, pause), [], MINOR)) == (["TIGM-10"] if refused else [])


@pytest.mark.rule("TIGM-10")
def test_a_minor_works_thirty_five_hours_a_week_at_most():
    held = [stint("08:30", "16:30", 60, MONDAY + timedelta(days=n)) for n in range(4)]  # 28 h
    friday = MONDAY + timedelta(days=4)
    assert not broken(stint("08:30", "16:30", 60, friday), held, MINOR)
    assert rules(broken(stint("08:30", "16:31", 60, friday), held, MINOR)) == ["TIGM-10"]
    assert not broken(stint("08:30", "16:31", 60, MONDAY + timedelta(days=7)), held, MINOR)  # a new week


@pytest.mark.rule("TIGM-10")
@pytest.mark.parametrize("day", [date(2026, 12, 6), date(2026, 12, 25)])  # a Sunday, Christmas on a Friday
def test_a_minor_works_neither_on_sundays_nor_on_public_holidays(day):
    holidays = {date(2026, 12, 25)}
    assert rules(broken(stint(day=day), [], MINOR, holidays=holidays)) == ["TIGM-10"]
    assert not broken(stint(day=day), [], ADULT, holidays=holidays)


@pytest.mark.rule("TIG-12")
@pytest.mark.parametrize(
    ("start", "end", "pause", "refused"),
    [
        ("08:00", "19:00", 60, False),  # ten hours
        ("08:00", "19:01", 60, True),
        ("08:00", "14:00", 0, False),  # six hours without a break
        ("08:00", "14:21", 20, True),
        ("08:00", "14:20", 20, False),
    ],
)
def test_labour_law_holds_for_adults_too(start, end, pause, refused):
    found = broken(stint(start, end, pause), [], ADULT)
    if (start, end, pause) == ("08:00", "14:21", 20):
        assert not found  # six hours and one minute, with the twenty minutes owed
        assert rules(broken(stint("08:00", "14:01"), [], ADULT)) == ["TIG-12"]
    else:
        assert rules(found) == (["TIG-12"] if refused else [])


@pytest.mark.rule("TIG-12")
@pytest.mark.parametrize("worker", [MINOR, ADULT])
def test_the_first_of_may_is_nobodys_day(worker):
    found = broken(stint(day=date(2026, 5, 1)), [], worker, holidays={date(2026, 5, 1)})
    assert len(found) == 1


@pytest.mark.rule("ASG-07")
@pytest.mark.parametrize(("worker", "hours"), [(SALARIED, 12), (PART_TIME, 27)])
def test_a_job_and_the_hours_stay_within_the_legal_week_and_twelve(worker, hours):
    assert limits.week_cap(worker) == hours * 60
    held = [stint("08:00", "14:00", 0, MONDAY + timedelta(days=n)) for n in range(hours // 6)]  # six hours each
    done = sum(each.minutes for each in held)
    saturday = MONDAY + timedelta(days=5)
    fits = hours * 60 - done
    if fits:
        end = (8 * 60) + fits
        assert not broken(stint("08:00", f"{end // 60:02d}:{end % 60:02d}", 0, saturday), held, worker)
    assert rules(broken(stint("08:00", "13:59", 0, saturday), held, worker)) == ["ASG-07"]


@pytest.mark.rule("TIG-12")
def test_unpaid_work_may_be_added_to_a_job():
    assert not broken(stint(), [], SALARIED)


@pytest.mark.rule("ASG-02")
def test_never_more_than_what_is_left_with_this_host():
    assert not broken(stint(), [], ADULT, left=210)
    found = broken(stint(), [], ADULT, left=209)
    assert rules(found) == ["ASG-02"]
    assert "3 h 29" in found[0].message


def test_nobody_is_twice_at_the_same_hour():
    assert rules(broken(stint("11:59", "13:00"), [stint()], ADULT)) == ["ASG-08"]
    assert not broken(stint("12:00", "13:00"), [stint()], ADULT)


@pytest.mark.rule("ASG-05", "TNR-04")
@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"is_minor": False}, []),
        ({"is_minor": True}, [ExamReason.MINOR]),
        ({"is_minor": False, "stated": True}, [ExamReason.STATED]),
        ({"is_minor": False, "post_risks": ["night"]}, [ExamReason.NIGHT]),
        ({"is_minor": False, "post_risks": ["chemicals"]}, [ExamReason.SPECIAL_RISK]),
        ({"is_minor": False, "post_risks": ["infection"]}, [ExamReason.INFECTION]),
        (
            {"is_minor": True, "stated": True, "post_risks": ["night", "infection", "falls"]},
            list(ExamReason),
        ),
    ],
)
def test_the_law_says_when_a_medical_exam_comes_first(known, expected):
    assert sorted(exam_reasons(**known)) == sorted(expected)


TIMES = st.times(time(5), time(23))
STINTS = st.builds(
    Stint, day=st.dates(date(2026, 11, 2), date(2026, 12, 31)), starts_at=TIMES, ends_at=TIMES,
    break_minutes=st.integers(0, 90),
)  # fmt: skip


@pytest.mark.rule("TIGM-10", "ASG-07")
@given(stints=st.lists(STINTS, max_size=25), worker=st.sampled_from([MINOR, ADULT, SALARIED, PART_TIME]))
@settings(max_examples=80)
def test_what_is_let_in_one_by_one_stays_within_the_limits(stints, worker):
    held: list[Stint] = []
    for each in stints:
        if not broken(each, held, worker):
            held.append(each)
    for each in held:
        day = [other for other in held if other.day == each.day]
        week = [other for other in held if limits.week_of(other.day) == limits.week_of(each.day)]
        assert sum(other.minutes for other in day) <= limits.day_cap(worker)
        assert sum(other.minutes for other in week) <= limits.week_cap(worker)
        if worker.is_minor:
            assert time(6) <= each.starts_at
            assert each.ends_at <= time(22)
            assert each.day.weekday() != 6
