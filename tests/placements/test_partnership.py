"""The yearly page: closed years only, counts only, nothing small, the same figures on screen and on paper."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.errors import AccessRefused
from casework.placements.partnership import documents, reads
from casework.placements.returns.actions import sheets
from casework.placements.returns.codes import Answer, Kind, Result
from tests.casefile.pdf_text import text
from tests.people import client_for, viewer_of
from tests.placements.returns.setting import ended, filled, head

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def year():
    return localdate().year - 1


def table(people, heading, year=None):
    page = reads.page(viewer_of(people.coordinator), year, timezone.now())
    return next(each for each in page.tables if each.heading == heading)


def signed(people, key, counts, year):
    sheet = filled(people, key, year=year, counts=counts)
    sheets.sign(by=viewer_of(people.mandates[key]), sheet=sheet, expected=None, now=timezone.now())
    return sheet


@pytest.mark.rule("SDC-05", "SDC-06", "ACL-11")
def test_a_few_people_are_shown_nowhere_and_no_subtraction_gives_them_back(people, year):
    ended(people, "probation", year, 14)
    ended(people, "probation", year, 2, result=Result.NOT_DONE)
    ended(people, "pjj_service", year, 3, kind=Kind.REPARATION)
    by_end = dict(table(people, "Mesures terminées, selon leur fin").rows)
    assert by_end["Ensemble"] == "19"
    assert {by_end[label] for label in by_end if label != "Ensemble"} == {reads.HIDDEN}
    by_kind = dict(table(people, "Mesures terminées, selon la mesure").rows)
    assert by_kind["Réparation"] == by_kind["Travail d’intérêt général"] == reads.HIDDEN


@pytest.mark.rule("SDC-07")
def test_only_closed_years_are_shown(people, year):
    viewer = viewer_of(people.coordinator)
    assert reads.page(viewer, None, timezone.now()).year == year
    for asked in (year + 1, year - 4, 1):
        with pytest.raises(AccessRefused):
            reads.page(viewer, asked, timezone.now())
    assert client_for(people.coordinator).get(reverse("partnership:index") + f"?annee={year + 1}").status_code == 404


def test_hours_are_added_up_only_where_enough_people_did_them(people, year):
    ended(people, "probation", year, 3)
    assert reads.HIDDEN in table(people, "Mesures terminées, selon leur fin").note
    ended(people, "probation", year, 9)
    assert "840 heures" in table(people, "Mesures terminées, selon leur fin").note


@pytest.mark.rule("REC-21", "REC-26", "SDC-05", "SDC-08", "SDC-10")
def test_known_returns_say_their_source_and_hide_what_is_small(people, year):
    head(people, "spip")
    head(people, "sah")
    signed(
        people,
        "spip",
        {Answer.NONE_KNOWN: 30, Answer.CONVICTION: 12, Answer.PROSECUTION: 13, Answer.UNKNOWN: 1},
        year + 1,
    )
    signed(people, "sah", {Answer.NONE_KNOWN: 19}, year + 1)
    found = table(people, "Retours connus des services")
    [first, *_] = [row for row in found.rows if row[0] == "SPIP"]
    assert first[3] == "56"
    assert "1" not in first[4:9]
    assert first[-1] == "feuille annuelle du service"
    for row in found.rows:
        if row[0] == "SAH":
            assert set(row[3:9]) == {reads.HIDDEN}, "fewer than twenty: nothing, not even the whole"
    assert "et non la récidive" in found.note


def test_a_correction_does_not_change_what_was_shown(people, year):
    head(people, "spip")
    sheet = signed(people, "spip", {Answer.NONE_KNOWN: 30, Answer.CONVICTION: 12, Answer.UNKNOWN: 14}, year + 1)
    before = table(people, "Retours connus des services")
    by = viewer_of(people.spip)
    again = sheets.correct(by=by, sheet=sheet, reason="error", now=timezone.now())
    typed = [(57, {Answer.NONE_KNOWN: 31, Answer.CONVICTION: 12, Answer.UNKNOWN: 14})] * 2
    sheets.fill(by=by, sheet=again, typed=typed, expected=None, now=timezone.now())
    again.refresh_from_db()
    sheets.sign(by=by, sheet=again, expected=None, now=timezone.now())
    assert table(people, "Retours connus des services") == before


def test_a_sheet_that_nobody_signed_shows_nothing(people, year):
    head(people, "spip")
    filled(people, "spip", year=year + 1, counts={Answer.NONE_KNOWN: 40})
    assert table(people, "Retours connus des services").rows == ()


def test_the_paper_and_the_screen_say_the_same_and_nothing_more(people, year):
    ended(people, "probation", year, 12)
    ended(people, "pjj_service", year, 13, kind=Kind.REPARATION)
    viewer = viewer_of(people.coordinator)
    page = reads.page(viewer, year, timezone.now())
    words = text(documents.yearly(viewer, year, timezone.now()))
    screen = client_for(people.coordinator).get(reverse("partnership:index")).content.decode()
    for each in page.tables:
        assert each.heading in screen
        assert each.heading.split(",")[0].split(" ")[0] in words
        for row in each.rows:
            assert all(cell in screen for cell in row)


@pytest.mark.rule("ACL-11")
@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("coordinator", 200), ("mayor", 200), ("spip", 200), ("pjj_lead", 200), ("sah", 200), ("host", 404),
        ("sysadmin", 404), ("outreach", 404), ("municipal_police", 404),
    ],
)  # fmt: skip
def test_who_reads_the_page(people, key, status):
    client = client_for(people.mandates[key])
    assert client.get(reverse("partnership:index")).status_code == status
    assert client.get(reverse("partnership:paper")).status_code == status


def test_the_page_asks_as_many_questions_whatever_it_counts(people, year, django_assert_max_num_queries):
    ended(people, "probation", year, 40)
    with django_assert_max_num_queries(30):
        reads.page(viewer_of(people.coordinator), year, timezone.now())
