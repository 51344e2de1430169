"""Whom one counts: distinct persons of one subject, by codes, in few queries, from lines of nobody."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.timezone import localdate

from casework.audit.models import AuditEvent
from casework.casefile import small_counts
from casework.exclusions.models import WaitingLine
from casework.indicators.releases import building, catalogue, tables
from casework.indicators.releases.populations.placements import SERVICES
from casework.minors.followups.codes import ReferralOrigin
from casework.minors.followups.models import WaitingFollowUp
from casework.partners.codes import ROLES_BY_KIND
from casework.placements.returns.actions import sheets
from casework.placements.returns.codes import CARRIES, IN_COHORT, Answer, Kind, Result
from casework.placements.returns.models import EndedMeasure, ReturnSheet
from tests.followups.saisine_setting import refer
from tests.indicators.counted import follow_ups, pupils, signed
from tests.people import viewer_of
from tests.placements.returns.setting import ended, head

pytestmark = pytest.mark.django_db(databases="__all__")

YEAR = localdate().year


def count(people, key, period, after=None, today=None):
    return tables.population(key).count(people.territory.pk, period, after, today or localdate())


def test_every_population_of_the_open_subjects_is_there_with_its_threshold():
    found = {each.key: (each.k, each.unit) for each in tables.populations()}
    five, eleven = small_counts.K_PERSONS, small_counts.K_JUDICIAL
    assert found == {
        "followups": (five, "personnes"), "received": (five, "personnes"), "measures": (eleven, "mesures"),
        "returns_12": (eleven, "personnes"), "returns_24": (eleven, "personnes"), "pupils": (five, "élèves"),
    }  # fmt: skip
    assert set(settings.SUBJECTS) >= {"minors", "placements", "exclusions"}


@pytest.mark.rule("SDC-09")
def test_no_dimension_is_finer_than_the_bands_and_no_code_is_empty():
    for population in tables.populations():
        for dimension in population.dimensions:
            codes = [code for code, _ in dimension.codes]
            assert tables.TOTAL not in codes, "an empty code would be the whole"
            assert len(codes) == len(set(codes)) <= 8, dimension.key
            assert all(label for _, label in dimension.codes)


# Follow-ups and situations received


@pytest.mark.rule("REC-24")
def test_follow_ups_are_counted_by_person_in_two_queries(people, django_assert_num_queries):
    follow_ups(people.territory, YEAR - 1, 7)
    follow_ups(people.territory, YEAR - 1, 2, is_first=False)
    follow_ups(people.territory, YEAR - 1, 3, age_band="", lead_kind="", duration="", sex="unknown")
    follow_ups(people.territory, YEAR - 2, 4)
    follow_ups(people.elsewhere, YEAR - 1, 4)
    with django_assert_num_queries(2):
        found = count(people, "followups", YEAR - 1)
    assert (found.first, dict(found.counts)) == (YEAR - 1, {
        ("goal", "13_15", "m", "street_outreach", "6_12"): 7, ("goal", "unknown", "unknown", "unknown", "unknown"): 3,
    })  # fmt: skip


def test_a_year_whose_last_line_waits_is_not_counted_yet_nor_one_without_anybody(people):
    assert count(people, "followups", YEAR - 1) is None
    follow_ups(people.territory, YEAR - 1, 5)
    WaitingFollowUp.objects.create(
        territory=people.territory, month=date(YEAR - 1, 12, 1), recorded_in=date(YEAR - 1, 12, 1), reason="goal",
        sex="m", meetings="0_1", is_first=True,
    )  # fmt: skip
    assert count(people, "followups", YEAR - 1) is None


@pytest.mark.rule("REC-24")
def test_situations_received_are_counted_by_the_group_of_who_brought_them(people, django_assert_num_queries):
    for name, origin in (("A", "pjj"), ("B", "spip"), ("C", "school")):
        refer(people, last_name=f"Zz{name}", origin=ReferralOrigin(origin))
    with django_assert_num_queries(1):
        found = count(people, "received", YEAR)
    assert dict(found.counts) == {("justice",): 2, ("school",): 1}


# Measures


@pytest.mark.rule("SDC-09", "REC-24")
def test_measures_are_counted_by_kind_end_age_and_service(people, django_assert_num_queries):
    ended(people, "probation", YEAR - 1, 4)
    ended(people, "pjj_service", YEAR - 1, 2, kind=Kind.REPARATION, result=Result.NOT_DONE)
    EndedMeasure.objects.filter(kind=Kind.REPARATION).update(age_band="16_17")
    with django_assert_num_queries(3):
        found = count(people, "measures", YEAR - 1)
    assert dict(found.counts) == {
        ("tig", "done", "unknown", "probation"): 4, ("reparation", "not_done", "16_17", "youth_justice"): 2,
    }  # fmt: skip


@pytest.mark.attack("T-54")
@pytest.mark.parametrize("not_done", [1, 13])
def test_known_returns_give_back_no_end_of_a_measure_that_is_not_said(people, not_done):
    """Both count the same people: « 57 terminées » and « 54 suivies » would be three transferred, and so would one « non menée »."""
    ended(people, "probation", YEAR - 1, 41)
    ended(people, "probation", YEAR - 1, 13, result=Result.NOT_DONE)
    ended(people, "probation", YEAR - 1, 3, result=Result.TRANSFERRED)
    ended(people, "pjj_service", YEAR - 1, 30, kind=Kind.REPARATION)
    ended(people, "pjj_service", YEAR - 1, not_done, kind=Kind.REPARATION, result=Result.NOT_DONE)
    ended(people, "pjj_service", YEAR - 1, 14, kind=Kind.REPARATION, result=Result.VOID)
    counts = count(people, "measures", YEAR - 1).counts
    assert {result for _, result, _, _ in counts} == set(IN_COHORT)
    asked = cohorts_of(people, YEAR - 1)
    said = {
        ("tig", "none_known"): asked["tig"] - 24, ("tig", "prosecution"): 12, ("tig", "conviction"): 12,
        ("reparation", "none_known"): asked["reparation"] - 12, ("reparation", "alternative"): 12,
    }  # fmt: skip
    drawn = {
        each.table.key: each.taken.table
        for year in (YEAR - 1, YEAR)
        for each in building.draw(
            year=year, catalogue=catalogue.TABLES, populations={each.key: each for each in tables.populations()},
            released=(), sheets=[
                building.Sheet(population="measures", period=YEAR - 1, first=YEAR - 1, counts=counts),
                building.Sheet(population="returns_12", period=YEAR - 1, first=YEAR - 1, counts=said),
            ],
        )
        if each.taken
    }  # fmt: skip
    for name, measures in drawn.items():
        for key, n in measures.by_key.items():
            kind = key[0] if name == "measures_kind" else tables.TOTAL
            returns = drawn["returns_12"].by_key.get((kind, tables.TOTAL))
            if name.startswith("measures") and None not in (n, returns):
                assert n == returns or name != "measures_kind" or key[1] != tables.TOTAL, (name, key)
                assert n == returns or abs(n - returns) >= measures.k, (name, key)
    assert drawn["returns_12"].total == 84 + not_done
    assert ("measures_kind" in drawn) is (not_done > 1), "with one « non menée » the table waits for three years"


def cohorts_of(people, year):
    """Return how many people the sheets of the services ask about."""
    rows = EndedMeasure.objects.filter(result__in=IN_COHORT, month__year=year)
    return Counter(rows.values_list("kind", flat=True))


def test_whoever_carries_a_measure_is_one_of_the_services_of_the_figures():
    """A code that no measure can have would be a row of zeros, which hides others."""
    kinds = {kind for kind, roles in ROLES_BY_KIND.items() if set(roles) & set(CARRIES)}
    assert kinds == set(SERVICES) == {code for code, _ in tables.population("measures").dimension("service").codes}


@pytest.mark.rule("REC-22", "REC-21")
def test_no_word_of_a_population_says_recidivism():
    words = [label for population in tables.populations() for label in _labels(population)]
    assert not [word for word in words if "récidive" in word.lower()]


def _labels(population):
    return [label for dimension in population.dimensions for _, label in dimension.codes]


# Pupils


@pytest.mark.rule("EXC-19")
def test_pupils_are_counted_once_each_by_what_their_school_said_since(people, django_assert_num_queries):
    pupils(people.territory, YEAR - 2, 6)
    pupils(people.territory, YEAR - 2, 2, is_first=False)
    pupils(people.territory, YEAR - 2, 3, since="", kind="responsibility", return_held=False)
    pupils(people.territory, YEAR - 2, 5, result="declined", is_first=False)
    with django_assert_num_queries(2):
        found = count(people, "pupils", YEAR - 2)
    assert dict(found.counts) == {("exclusion", "no", "held"): 6, ("other", "unknown", "not_held"): 3}
    WaitingLine.objects.create(
        territory=people.territory, school_year=YEAR - 2, kind="exclusion", result="received", is_first=True,
        recorded_in=date(YEAR - 1, 7, 1),
    )  # fmt: skip
    assert count(people, "pupils", YEAR - 2) is None


# Known returns


@pytest.fixture
def services(people):
    """Four years of measures: the probation service has enough each year, the PJJ needs three years."""
    for key in ("spip", "pjj_lead"):
        head(people, key)
    for back in range(2, 6):
        ended(people, "probation", YEAR - back, 22)
        ended(people, "pjj_service", YEAR - back, 6)
    return people


SHARE = {Answer.CONVICTION: 3, Answer.UNKNOWN: 2}


@pytest.mark.rule("REC-23", "SDC-07")
def test_where_one_service_needs_three_years_everybody_is_counted_over_the_same_three(services):
    for year in (YEAR - 2, YEAR - 1, YEAR):
        signed(services, "spip", year, SHARE)
        signed(services, "pjj_lead", year, {Answer.UNKNOWN: 1})
    found = count(services, "returns_12", YEAR - 2)
    assert found.first == YEAR - 4
    tig: Counter[str] = Counter()
    for (kind, answer, _), n in found.counts.items():
        tig[answer] += n if kind == "tig" else 0
    assert +tig == {"none_known": 3 * 17 + 17, "conviction": 9, "unknown": 6 + 1}
    assert "feuille annuelle" in found.source


@pytest.mark.rule("SDC-07")
def test_three_years_of_which_one_was_counted_are_not_counted_again(services):
    for year in (YEAR - 2, YEAR - 1, YEAR):
        signed(services, "spip", year, SHARE)
        signed(services, "pjj_lead", year, {Answer.UNKNOWN: 1})
    assert count(services, "returns_12", YEAR - 2, after=YEAR - 5) is not None
    before = AuditEvent.objects.count()
    assert count(services, "returns_12", YEAR - 2, after=YEAR - 4) is None
    assert AuditEvent.objects.count() == before, "no sheet is opened every night to learn it"


@pytest.mark.rule("SDC-07")
def test_a_line_of_three_years_is_known_by_its_sheet_whatever_was_written_down_since(services):
    for year in (YEAR - 2, YEAR - 1, YEAR):
        signed(services, "spip", year, SHARE)
        signed(services, "pjj_lead", year, {Answer.UNKNOWN: 1})
    ended(services, "pjj_service", YEAR - 2, 20)  # late letters: its sheet was of three years all the same
    assert count(services, "returns_12", YEAR - 2, after=YEAR - 4) is None


@pytest.mark.rule("REC-23")
def test_a_year_is_counted_alone_where_every_service_has_enough_people(people):
    head(people, "spip")
    ended(people, "probation", YEAR - 2, 22)
    signed(people, "spip", YEAR, SHARE)
    found = count(people, "returns_12", YEAR - 2, after=YEAR - 3, today=date(YEAR, 4, 1))
    assert (found.first, sum(found.counts.values())) == (YEAR - 2, 22)


@pytest.mark.rule("REC-24")
def test_a_service_that_owes_its_sheet_is_waited_for_until_july(services):
    for year in (YEAR - 2, YEAR - 1, YEAR):
        signed(services, "spip", year, SHARE)
    before = AuditEvent.objects.count()
    assert count(services, "returns_12", YEAR - 2, today=date(YEAR, 6, 30)) is None
    assert AuditEvent.objects.count() == before
    found = count(services, "returns_12", YEAR - 2, today=date(YEAR, 7, 1))
    assert sum(found.counts.values()) == 22
    assert "," not in found.source, "one service alone"


@pytest.mark.rule("REC-23")
def test_three_years_are_not_counted_before_sheets_cover_them(services):
    signed(services, "spip", YEAR, SHARE)
    signed(services, "pjj_lead", YEAR, {Answer.UNKNOWN: 1})
    assert count(services, "returns_12", YEAR - 2, today=date(YEAR, 12, 31)) is None


@pytest.mark.rule("SDC-07", "SDC-05a")
def test_a_correction_changes_no_count(people):
    head(people, "spip")
    ended(people, "probation", YEAR - 2, 22)
    signed(people, "spip", YEAR, SHARE)
    before = count(people, "returns_12", YEAR - 2, today=date(YEAR, 8, 1))
    now = timezone.now() + timedelta(seconds=1)
    by = viewer_of(people.spip, now=now)
    first = ReturnSheet.objects.get()
    row = sheets.correct(by=by, sheet=first, reason="error", now=now)
    sheets.sign(by=by, sheet=row, expected=None, now=now)
    assert count(people, "returns_12", YEAR - 2, today=date(YEAR, 8, 1)) == before


def test_a_draft_is_no_answer(people):
    head(people, "spip")
    ended(people, "probation", YEAR - 2, 22)
    signed(people, "spip", YEAR, SHARE, sign=False)
    assert count(people, "returns_12", YEAR - 2, today=date(YEAR, 8, 1)) is None
