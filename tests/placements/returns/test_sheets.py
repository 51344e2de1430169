"""The yearly sheet: which cohorts, whose hand, sums that hold, versions that stay, and not a name anywhere."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.casefile import work
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.returns import cohorts, documents, facts
from casework.placements.returns.actions import ends as lines
from casework.placements.returns.actions import sheets
from casework.placements.returns.codes import Answer, Horizon, Kind, Result
from casework.placements.returns.models import EndedMeasure, ReturnSheet
from casework.placements.returns.reads import sheets as reads
from casework.placements.tig.actions import ends
from tests.casefile.pdf_text import text
from tests.people import client_for, viewer_of
from tests.placements.returns.setting import ended, filled, head, next_month
from tests.placements.tig import setting as tig

pytestmark = pytest.mark.django_db(databases="__all__")
COUNTS = {Answer.NONE_KNOWN: 14, Answer.ALTERNATIVE: 2, Answer.CONVICTION: 5, Answer.UNKNOWN: 3}
ONCE = re.compile(r'name="once" value="([^"]+)"')
REVISION = re.compile(r'name="revision" value="(\d+)"')


@pytest.fixture
def year():
    return localdate().year


def send(client, page, to="", **data):
    found = client.get(page).content.decode()
    data["once"] = ONCE.search(found).group(1)
    if match := REVISION.search(found):
        data["revision"] = match.group(1)
    return client.post(to or page, data)


# The anonymous line


@pytest.mark.rule("REC-24")
def test_a_placement_that_ends_leaves_one_line_of_nobody(people):
    place = tig.build(people)
    first, second = tig.demand(place), tig.demand(place)
    now = timezone.now()
    ends.void(by=place.viewer("spip"), placement=first, reason="amnesty", now=now)
    ends.transfer(by=place.viewer("spip"), placement=second, now=now)
    lines.write_lines(next_month(now))
    rows = EndedMeasure.objects.order_by("result")
    assert [row.result for row in rows] == [Result.TRANSFERRED, Result.VOID]
    assert {row.month for row in rows} == {localdate().replace(day=1)}
    columns = {field.name for field in EndedMeasure._meta.fields}
    assert columns == {
        "id",
        "territory",
        "organisation",
        "kind",
        "result",
        "received_year",
        "month",
        "hours",
        "age_band",
    }
    ids = {str(value) for row in (first, second) for value in (row.pk, row.subject_id, row.reference)}
    assert not ids & {str(getattr(row, field.attname)) for row in rows for field in row._meta.fields}


@pytest.mark.rule("REC-24")
def test_a_reparation_that_is_stopped_closed_or_given_back_leaves_its_line_too(people):
    from casework.placements.reparation.actions import agreements, follow
    from tests.hosts import setting as hosts
    from tests.placements.reparation.setting import Setting

    catalogue = hosts.build(people)
    town = Setting(catalogue, catalogue.listed(audience="minors", places=3))
    by, now = viewer_of(people.pjj), timezone.now()
    follow.stop(
        by=by, reparation=town.received(), outcome="moved", closed_on=localdate(), now=now, expected=None
    )  # fmt: skip
    refused = town.received()
    town.say(refused, refused="parents")
    agreements.give_back(by=by, reparation=refused, closed_on=localdate(), now=now, expected=None)
    town.closed()
    lines.write_lines(next_month(now))
    rows = EndedMeasure.objects.filter(kind=Kind.REPARATION).values_list("result", flat=True)
    assert sorted(rows) == sorted([Result.TRANSFERRED, Result.VOID, Result.DONE])


def test_every_end_of_the_lifecycles_has_its_result():
    from casework.placements.reparation.actions.ended import RESULTS
    from casework.placements.reparation.codes import ENDED as CLOSED
    from casework.placements.tig.codes import ENDED

    assert set(ends.RESULTS) == set(ENDED)
    assert set(RESULTS) == set(CLOSED)


# Which cohorts


@pytest.mark.rule("REC-23", "SDC-05a", "SDC-07")
def test_only_years_observed_to_the_end_and_three_of_them_where_one_holds_too_few():
    found = cohorts.asked(2026, (Kind.TIG,), {(Kind.TIG, 2024): 20, (Kind.TIG, 2023): 19})
    assert [(each.horizon, each.first, each.last) for each in found] == [
        (Horizon.YEAR, 2024, 2024), (Horizon.TWO_YEARS, 2021, 2023),
    ]  # fmt: skip
    for each in found:
        end_of_observation = date(each.last + each.horizon // 12, 12, 31)
        assert end_of_observation < date(2026, 1, 1)


@pytest.mark.rule("REC-23")
def test_who_left_without_a_measure_is_in_no_cohort(people, year):
    head(people, "spip")
    ended(people, "probation", year - 2, 21)
    ended(people, "probation", year - 2, 4, result=Result.VOID)
    ended(people, "probation", year - 2, 3, result=Result.TRANSFERRED)
    ended(people, "pjj_service", year - 2, 30)
    [first, _] = reads.proposed(viewer_of(people.spip), year)
    assert (first.cohort.label, first.ended) == (str(year - 2), 21)


@pytest.mark.rule("ACL-03", "REC-20")
def test_each_service_answers_about_the_measures_it_carries(people, year):
    for key, kinds in (("spip", {Kind.TIG}), ("pjj_lead", {Kind.TIG, Kind.REPARATION}), ("sah", {Kind.REPARATION})):
        head(people, key)
        found = reads.proposed(viewer_of(people.mandates[key]), year)
        assert {line.cohort.kind for line in found} == kinds
    assert [str(answer) for answer in Answer] == ["none_known", "alternative", "prosecution", "conviction", "unknown"]


# Filling and signing


@pytest.mark.rule("SDC-05a")
def test_answers_that_do_not_make_the_number_of_people_are_refused_beside_their_line(people, year):
    head(people, "spip")
    sheet = filled(people, counts=COUNTS)
    by = viewer_of(people.spip)
    wrong = [(24, COUNTS), (25, COUNTS)]
    with pytest.raises(InputRefused) as refusal:
        sheets.fill(by=by, sheet=sheet, typed=wrong, expected=None, now=timezone.now())
    assert refusal.value.field == "ended_1"
    assert "24, et non 25" in refusal.value.message
    assert [line.ended for line in reads.lines(by, sheet)] == [24, 24]


@pytest.mark.rule("SDC-05a")
def test_a_sheet_that_does_not_add_up_is_not_signed(people, year):
    head(people, "spip")
    ended(people, "probation", year - 2, 22)
    by = viewer_of(people.spip)
    sheet = sheets.open_sheet(by=by, year=year, now=timezone.now())
    with pytest.raises(GuardRefused):
        sheets.sign(by=by, sheet=sheet, expected=None, now=timezone.now())


@pytest.mark.rule("SDC-05a")
def test_the_head_fills_signs_and_corrects_by_clicks_and_the_signed_version_stays(people, year):
    client = client_for(head(people, "spip"))
    ended(people, "probation", year - 2, 24)
    index = reverse("returns:index")
    opened = send(client, index, reverse("returns:open"), year=str(year))
    here = opened.url
    assert "24" in client.get(here).content.decode()
    boxes = {f"ended_{n}": "24" for n in (0, 1)}
    boxes |= {f"{answer}_{n}": str(count) for answer, count in COUNTS.items() for n in (0, 1)}
    wrong = send(client, here, **(boxes | {"unknown_0": "4"}))
    assert wrong.status_code == 422
    assert "Les réponses font 25, et non 24." in wrong.content.decode()
    assert 'value="4"' in wrong.content.decode()
    assert send(client, here, **boxes).status_code == 302
    first = ReturnSheet.objects.get()
    assert send(client, here, reverse("returns:sign", args=[first.pk])).status_code == 302
    first.refresh_from_db()
    assert first.signed_by == people.spip.pk
    assert "Signée le" in client.get(here).content.decode()
    again = send(client, reverse("returns:correct", args=[first.pk]), reason="late_news")
    boxes |= {"conviction_0": "6", "none_known_0": "13"}
    assert send(client, again.url, **boxes).status_code == 302
    first.refresh_from_db()
    assert first.replaced_at is None, "in force until the new one is signed"
    second = ReturnSheet.objects.get(version=2)
    send(client, again.url, reverse("returns:sign", args=[second.pk]))
    first.refresh_from_db()
    assert first.replaced_at is not None
    old = client.get(here).content.decode()
    assert "nouvelle arrivée après la signature" in old
    assert [line.answers[Answer.CONVICTION] for line in reads.lines(viewer_of(people.spip), first)] == [5, 5]


def test_a_signed_sheet_is_not_filled_again_without_a_reason(people):
    head(people, "spip")
    sheet = filled(people, counts=COUNTS)
    by, now = viewer_of(people.spip), timezone.now()
    sheets.sign(by=by, sheet=sheet, expected=None, now=now)
    with pytest.raises(GuardRefused):
        sheets.fill(by=by, sheet=sheet, typed=[(24, COUNTS)] * 2, expected=None, now=now)
    with pytest.raises(InputRefused):
        sheets.correct(by=by, sheet=sheet, reason="", now=now)
    sheets.correct(by=by, sheet=sheet, reason="error", now=now)
    with pytest.raises(GuardRefused):
        sheets.correct(by=by, sheet=sheet, reason="error", now=now)


@pytest.mark.rule("REC-20", "REC-21", "REC-26")
def test_the_paper_says_what_is_known_by_the_service_and_never_recidivism(people):
    head(people, "spip")
    sheet = filled(people, counts=COUNTS)
    words = text(documents.sheet(viewer_of(people.spip), sheet.pk, timezone.now()))
    assert "Projet, non signé" in words
    assert "14" in words
    assert "feuille" in words
    assert "et non la récidive" in words


# Whose hand, whose eyes


@pytest.mark.rule("ACL-11", "SDC-10")
@pytest.mark.parametrize(
    "key",
    ["coordinator", "mayor", "dpo", "sysadmin", "prosecutor", "aemo_lead", "outreach_lead", "pjj", "pjj_lead", "host"],
)
def test_nobody_but_the_head_of_that_service_opens_its_sheet(people, key):
    head(people, "spip")
    sheet = filled(people, counts=COUNTS)
    client = client_for(people.mandates[key])
    for name in ("returns:sheet", "returns:paper", "returns:correct"):
        assert client.get(reverse(name, args=[sheet.pk])).status_code == 404, name
    with pytest.raises(AccessRefused):
        facts.find_sheet(viewer_of(people.mandates[key]), sheet.pk, timezone.now())


@pytest.mark.rule("SDC-05a")
def test_a_colleague_who_does_not_lead_the_service_neither_opens_nor_signs_its_sheet(people):
    sheet = filled(people, "pjj_lead", counts=COUNTS)
    colleague = viewer_of(people.pjj)
    with pytest.raises(AccessRefused):
        facts.find_sheet(colleague, sheet.pk, timezone.now())
    with pytest.raises(AccessRefused):
        sheets.sign(by=colleague, sheet=sheet, expected=None, now=timezone.now())


def test_an_agent_who_leads_nothing_has_no_sheet(people):
    assert not facts.leads(viewer_of(people.spip), timezone.now())
    assert client_for(people.spip).get(reverse("returns:index")).status_code == 404


def test_the_sheet_waits_on_the_work_of_the_head_once_somebody_is_to_be_counted_and_until_it_is_signed(people, year):
    head(people, "spip")
    by, now = viewer_of(people.spip), timezone.now()

    def lines():
        return [item for item in work.for_viewer(by, now) if item.rule == "SDC-05a"]

    assert lines() == []
    ended(people, "probation", year - 2, 1)
    [line] = lines()
    assert line.group_when == date(year, 3, 31)
    sheet = filled(people, counts=COUNTS)
    [line] = lines()
    assert line.url == reverse("returns:sheet", args=[sheet.pk])
    sheets.sign(by=by, sheet=sheet, expected=None, now=now)
    assert lines() == []


def test_a_year_to_come_has_no_sheet(people, year):
    head(people, "spip")
    with pytest.raises(InputRefused):
        sheets.open_sheet(by=viewer_of(people.spip), year=year + 1, now=timezone.now())
