"""What the Education Code asks of dates: exact, on both sides of each limit."""

from __future__ import annotations

from datetime import date

import pytest

from casework.exclusions import law
from casework.exclusions.codes import OUTSIDE_CLASS, Kind

AUTUMN = ((date(2026, 10, 17), date(2026, 11, 1)),)
MONDAY = date(2026, 11, 2)


@pytest.mark.rule("EXC-02")
@pytest.mark.parametrize(("last", "field"), [(date(2026, 11, 12), ""), (date(2026, 11, 13), "ends_on")])
def test_an_exclusion_lasts_eight_days_of_class_at_most(last: date, field: str) -> None:
    """Monday 2 to Thursday 12 November, the 11th being a public holiday, is eight days; Friday 13 is the ninth."""
    found, said = law.dates_problem(kind=Kind.EXCLUSION, starts_on=MONDAY, ends_on=last, away=AUTUMN)
    assert found == field
    assert bool(said) == bool(field)


@pytest.mark.rule("EXC-02")
def test_days_in_school_holidays_are_not_counted_and_alone_are_refused() -> None:
    over = law.dates_problem(kind=Kind.EXCLUSION, starts_on=date(2026, 10, 15), ends_on=MONDAY, away=AUTUMN)
    assert over == ("", "")
    alone = law.dates_problem(
        kind=Kind.EXCLUSION, starts_on=date(2026, 10, 19), ends_on=date(2026, 10, 23), away=AUTUMN
    )
    assert alone[0] == "starts_on"


@pytest.mark.rule("EXC-08")
@pytest.mark.parametrize(
    ("opened", "decided", "fine"),
    [
        (date(2026, 11, 2), date(2026, 11, 4), False),  # Monday to Wednesday: one whole working day between
        (date(2026, 11, 2), date(2026, 11, 5), True),
        (date(2026, 11, 6), date(2026, 11, 10), False),  # a week-end is no working day
        (date(2026, 11, 9), date(2026, 11, 12), False),  # nor is 11 November
        (date(2026, 11, 9), date(2026, 11, 13), True),
    ],
)
def test_the_family_has_two_working_days_before_the_decision(opened: date, decided: date, fine: bool) -> None:
    said = law.decision_problem(kind=Kind.EXCLUSION, opened_on=opened, decided_on=decided)
    assert (said == "") is fine


@pytest.mark.rule("EXC-09")
@pytest.mark.parametrize(
    ("kind", "last"),
    [
        (Kind.RESPONSIBILITY, date(2028, 7, 31)),
        (Kind.EXCLUSION, date(2029, 7, 31)),
        (Kind.SUSPENDED, date(2029, 7, 31)),
        (Kind.PRECAUTIONARY, date(2027, 7, 31)),
    ],
)
def test_a_sanction_leaves_the_school_file_at_its_own_date(kind: Kind, last: date) -> None:
    assert law.erased_on(kind, MONDAY) == last


@pytest.mark.rule("EXC-21", "DL-20")
@pytest.mark.parametrize("kind", list(Kind))
def test_our_data_end_with_the_school_year_and_never_after_the_sanction(kind: Kind) -> None:
    end = law.data_until(kind, decided_on=MONDAY, year=2026)
    assert end == date(2027, 7, 31)
    assert end <= law.erased_on(kind, MONDAY)
    # A sanction that leaves the file first takes our data with it.
    assert law.data_until(kind, decided_on=date(2024, 6, 3), year=2026) == min(
        date(2027, 7, 31), law.erased_on(kind, date(2024, 6, 3))
    )


@pytest.mark.rule("EXC-04")
@pytest.mark.parametrize(
    ("until", "fine"),
    [(date(2027, 6, 29), False), (date(2027, 6, 30), True), (date(2029, 7, 31), True), (date(2029, 8, 1), False)],
)
def test_a_suspended_sanction_runs_from_the_year_s_end_to_its_erasure(until: date, fine: bool) -> None:
    assert (law.suspension_problem(decided_on=MONDAY, until=until) == "") is fine


@pytest.mark.rule("EXC-01", "EXC-03")
def test_an_exclusion_from_class_is_no_reason_to_receive_a_pupil_outside() -> None:
    assert set(Kind.values) == {"exclusion", "suspended", "responsibility", "precautionary"}
    assert {Kind.SUSPENDED, Kind.RESPONSIBILITY} == OUTSIDE_CLASS
