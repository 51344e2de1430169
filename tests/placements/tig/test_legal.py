"""Under which text: hours, months, ages (TIG-01 to TIG-08, TIGM-01 to TIGM-11, TNR-01 to TNR-04)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.casefile.retention import birthday
from casework.placements.tig import legal
from casework.placements.tig.codes import AUTHORS, Audience, DecisionAuthor

H = 60


@pytest.mark.rule("TIG-01", "TIG-02", "TIG-03", "TIG-04", "TIGM-03", "TNR-02", "TNR-03", "TNR-04")
@pytest.mark.parametrize(
    ("code", "low", "high", "months"),
    [
        ("tig_main", 20, 400, 18),
        ("tig_contravention", 20, 120, 18),
        ("tig_special", 20, 150, 18),
        ("probation", 20, 400, 18),
        ("tig_minor", 20, 400, 18),
        ("tnr", 1, 100, 6),
        ("tnr_contravention", 1, 30, 3),
        ("tnr_minor", 1, 100, 6),
    ],
)
def test_each_text_has_its_own_hours_and_months(code, low, high, months):
    found = legal.basis(code)
    assert not legal.hours_problem(found, low * H)
    assert not legal.hours_problem(found, high * H)
    assert legal.hours_problem(found, low * H - 1)
    assert legal.hours_problem(found, high * H + 1)
    assert not legal.term_problem(found, months)
    assert legal.term_problem(found, months + 1)
    assert legal.term_problem(found, 0)
    assert found.ref in legal.hours_problem(found, high * H + 1)


@pytest.mark.rule("TNR-01")
def test_a_composition_penale_is_told_apart_from_a_sentence():
    assert {each.code for each in legal.BASES if each.composition} == {"tnr", "tnr_contravention", "tnr_minor"}


BORN = date(2009, 3, 12)


@pytest.mark.rule("TIGM-01", "TIGM-02", "TNR-04")
@pytest.mark.parametrize(
    ("code", "facts_on", "decided_on", "said"),
    [
        ("tig_minor", date(2022, 3, 12), date(2025, 3, 12), ""),  # 13 and 16 to the day
        ("tig_minor", date(2022, 3, 11), date(2025, 3, 12), "13 ans"),
        ("tig_minor", date(2022, 3, 12), date(2025, 3, 11), "16 ans"),
        ("tig_minor", date(2027, 3, 11), date(2028, 6, 1), ""),  # judged at 19 for facts at 17
        ("tig_minor", date(2027, 3, 12), date(2028, 6, 1), "majeure"),
        ("tnr_minor", date(2025, 1, 1), date(2025, 3, 11), "16 ans"),
        ("tnr_minor", date(2025, 1, 1), date(2025, 3, 12), ""),
        ("tig_main", date(2027, 3, 12), date(2027, 4, 1), ""),
        ("tig_main", date(2027, 3, 11), date(2027, 4, 1), "PJJ"),
        ("tig_main", date(2008, 1, 1), date(2027, 4, 1), "se suivent"),
        ("tig_main", date(2027, 4, 2), date(2027, 4, 1), "se suivent"),
    ],
)
def test_the_age_at_the_facts_and_on_the_day_of_decision_rule(code, facts_on, decided_on, said):
    problem = legal.age_problem(legal.basis(code), born_on=BORN, facts_on=facts_on, decided_on=decided_on)
    assert said in problem
    assert bool(problem) == bool(said)


@pytest.mark.rule("TIGM-01", "TIGM-02")
@given(
    born_on=st.dates(date(1960, 1, 1), date(2015, 1, 1)),
    to_facts=st.integers(0, 20_000),
    to_decision=st.integers(0, 4_000),
)
@settings(max_examples=80)
def test_nobody_under_thirteen_at_the_facts_is_ever_let_in(born_on, to_facts, to_decision):
    facts_on = born_on + timedelta(days=to_facts)
    decided_on = facts_on + timedelta(days=to_decision)
    for found in legal.BASES:
        if not legal.age_problem(found, born_on=born_on, facts_on=facts_on, decided_on=decided_on):
            assert facts_on >= birthday(born_on, 13)
            assert decided_on >= birthday(born_on, 16)
            assert (facts_on < birthday(born_on, 18)) == (found.audience == Audience.MINORS)


@pytest.mark.rule("TIG-05", "TIG-06", "TIGM-04")
def test_a_fallback_is_never_fixed_for_a_minor():
    assert not legal.fallback_problem(legal.basis("tig_main"), True)
    assert legal.fallback_problem(legal.basis("tig_minor"), True)
    assert not legal.fallback_problem(legal.basis("tig_minor"), False)
    assert legal.fallback_problem(legal.basis("probation"), True)
    assert all(each.refusable for each in legal.BASES)


@pytest.mark.rule("ASG-11", "TIGM-11")
def test_only_an_adults_sentence_becomes_day_fines():
    assert {each.code for each in legal.BASES if each.can_convert} == {"tig_main", "tig_contravention", "tig_special"}
    assert all(each.audience == Audience.ADULTS for each in legal.BASES if each.can_convert)


@pytest.mark.rule("ASG-01", "TIGM-07", "TIGM-09")
def test_who_may_decide_depends_on_the_age_at_the_facts():
    assert set(AUTHORS[Audience.ADULTS]) == {DecisionAuthor.SPIP_DIRECTOR, DecisionAuthor.JAP}
    # TIGM-09: the juge des enfants may hand over to the JAP at 18.
    assert set(AUTHORS[Audience.MINORS]) == {DecisionAuthor.PJJ, DecisionAuthor.CHILDREN_JUDGE, DecisionAuthor.JAP}


def test_each_audience_is_offered_its_own_texts_of_the_day():
    codes = {each.code for each in legal.offered(Audience.MINORS, date(2026, 11, 29))}
    assert codes == {"tig_minor", "tnr_minor"}
    assert not legal.offered(Audience.ADULTS, date(2015, 1, 1))
