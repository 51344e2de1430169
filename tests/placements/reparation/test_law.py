"""Ages and terms in a réparation, without a database (domain.md §5)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.placements.reparation import law

BORN = date(2012, 3, 1)
TURNS_13 = date(2025, 3, 1)


def age_problem(facts_on: date, seen: bool = False) -> str:
    return law.age_problem(born_on=BORN, facts_on=facts_on, discernment_seen=seen)


@pytest.mark.rule("MIN-01")
def test_from_thirteen_on_discernment_is_presumed_and_before_it_is_not():
    assert age_problem(TURNS_13) == ""
    assert "discernement" in age_problem(TURNS_13 - timedelta(days=1))


@pytest.mark.rule("MIN-02")
def test_before_thirteen_it_must_appear_from_the_file():
    assert age_problem(TURNS_13 - timedelta(days=1), seen=True) == ""


@pytest.mark.rule("MIN-05")
def test_the_age_at_the_facts_rules_even_for_somebody_who_is_an_adult_now():
    assert age_problem(date(2030, 2, 28)) == ""
    assert "majeure" in age_problem(date(2030, 3, 1))
    assert law.age_at_facts(BORN, date(2027, 2, 28)) == 14


def test_facts_before_the_birth_are_a_slip():
    assert "précèdent" in age_problem(BORN - timedelta(days=1))


@pytest.mark.rule("REP-08")
@pytest.mark.parametrize(
    ("track", "term", "fits"),
    [
        ("module", date(2027, 5, 10), True),
        ("module", date(2027, 5, 11), False),
        ("alternative", date(2028, 5, 10), True),  # the prosecutor’s own term, no maximum found
        ("alternative", date(2026, 5, 10), False),
        ("module", date(2026, 5, 10), False),
    ],
)
def test_a_module_lasts_a_year_at_most_and_an_alternative_what_the_prosecutor_said(track, term, fits):
    problem = law.term_problem(track=track, ordered_on=date(2026, 5, 10), term_on=term, born_on=BORN)
    assert (problem == "") is fits


@pytest.mark.rule("REP-13")
def test_a_measure_ends_at_twenty_one_and_lasts_five_years_at_most():
    born, start = date(2008, 6, 1), date(2026, 1, 1)

    def problem(end: date, term: date = date(2026, 7, 1)) -> str:
        return law.measure_problem(measure_from=start, measure_to=end, born_on=born, term_on=term)

    assert problem(date(2029, 6, 1)) == ""
    assert "21 ans" in problem(date(2029, 6, 2))
    assert "cinq ans" in law.measure_problem(
        measure_from=start, measure_to=date(2031, 1, 2), born_on=date(2015, 1, 1), term_on=date(2026, 7, 1)
    )
    assert "finit avec" in problem(date(2026, 6, 30))
    assert "deux dates" in law.measure_problem(measure_from=start, measure_to=None, born_on=born, term_on=start)
    late = law.term_problem(track="module", ordered_on=date(2029, 1, 1), term_on=date(2029, 6, 2), born_on=born)
    assert "21 ans" in late


@pytest.mark.rule("MIN-06")
@pytest.mark.parametrize(
    ("sanction", "fits"),
    [(date(2026, 7, 14), False), (date(2026, 7, 15), True), (date(2026, 10, 15), True), (date(2026, 10, 16), False)],
)
def test_the_hearing_on_the_sanction_comes_six_to_nine_months_after_the_one_on_guilt(sanction, fits):
    assert (law.hearing_problem(guilt_on=date(2026, 1, 15), sanction_on=sanction) == "") is fits
    assert law.hearing_problem(guilt_on=None, sanction_on=None) == ""
    assert law.hearing_problem(guilt_on=None, sanction_on=sanction)


@pytest.mark.rule("REP-10", "DL-13")
def test_the_report_is_due_at_the_term_or_fifteen_days_before():
    term = date(2026, 9, 30)
    assert law.report_due_on(track="alternative", term_on=term) == term
    assert law.report_due_on(track="module", term_on=term) == date(2026, 9, 15)


def next_due(*sent: date) -> date | None:
    return law.measure_report_due_on(measure_from=date(2026, 1, 31), measure_to=date(2027, 1, 31), sent=list(sent))


@pytest.mark.rule("REP-13", "DL-14")
def test_the_measure_is_reported_every_six_months_and_fifteen_days_before_its_term():
    assert next_due() == date(2026, 7, 31)
    assert next_due(date(2026, 7, 20)) == date(2027, 1, 16)
    assert next_due(date(2026, 7, 20), date(2027, 1, 10)) is None
    assert next_due(date(2026, 8, 9)) == date(2027, 1, 16), "late, it answers the date that it missed"


@pytest.mark.rule("RET-05")
@given(st.dates(date(2020, 1, 1), date(2060, 12, 31)), st.dates(date(2020, 1, 1), date(2060, 12, 31)))
def test_the_query_and_the_row_agree_on_what_is_gone(closed, today):
    assert (closed <= law.closed_before(today)) == (law.gone_on(closed) <= today)


@pytest.mark.parametrize(
    ("day", "then"), [(date(2026, 8, 31), date(2027, 2, 28)), (date(2026, 1, 15), date(2026, 7, 15))]
)
def test_six_months_later_is_the_same_day_or_the_last_of_a_shorter_month(day, then):
    assert law.gone_on(day) == then
