"""A watch: who switches it on, what it holds, who opens it, two questions, then nothing at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework import audit
from casework.access import grants
from casework.access.policy import Basis
from casework.casefile import erasure, work
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.returns import cohorts, facts
from casework.placements.returns.actions import switch, watches
from casework.placements.returns.actions.ends import Ended
from casework.placements.returns.actions.watches import Known
from casework.placements.returns.codes import Answer, Horizon, Kind, Result, Source
from casework.placements.returns.models import ReturnAnswer, ReturnWatch, ReturnWatchGrant, WaitingEnd, WatchSwitch
from casework.placements.returns.reads import sheets as sheet_reads
from casework.placements.returns.reads import watches as reads
from casework.placements.tig.actions import ends
from casework.sealing import keys
from casework.sealing.models import SubjectKey
from tests.people import client_for, viewer_of
from tests.placements.returns.setting import ended, head
from tests.placements.tig import setting as tig

pytestmark = pytest.mark.django_db(databases="__all__")
NAME = "Zzqretour"


@pytest.fixture
def spip(people):
    """The head of the SPIP asks person by person since the beginning of 2020."""
    mandate = head(people, "spip")
    with audit.writing(viewer_of(mandate), now=timezone.now()):
        WatchSwitch.objects.create(
            territory=people.territory, organisation=people.probation, starts_on=date(2020, 1, 1),
            assessed_on=date(2019, 12, 1), decided_by=mandate.pk, decided_at=timezone.now(),
        )  # fmt: skip
    return mandate


def watch(people, *, months: int, key: str = "spip", service: str = "probation", kind: Kind = Kind.TIG) -> ReturnWatch:
    """Leave a watch of somebody whose measure ended so many whole months ago."""
    month = cohorts.months_later(localdate().replace(day=1), -months - 1)
    of = Ended(
        territory_id=people.territory.pk, organisation_id=people.organisations[service].pk, kind=kind,
        result=Result.DONE, received_on=month, on=month,
    )  # fmt: skip
    watch_id = watches.make_key()
    by = viewer_of(people.mandates[key])
    with audit.writing(by, now=timezone.now()) as w:
        return watches.leave(
            w, watch_id=watch_id, ended=of, known=Known(last_name=NAME, mark="2024/7"),
            officers=[people.mandates[key].pk], by=by, now=people.since,
        )  # fmt: skip


def questions(mandate):
    return [item for item in work.for_viewer(viewer_of(mandate), timezone.now()) if item.url.startswith("/retours/q")]


# What is left, where a service asked for it


@pytest.mark.rule("SDC-05a")
def test_without_the_switch_of_its_service_nothing_of_a_person_stays(people):
    place = tig.build(people)
    placement = _at_work(place)
    ends.magistrate_decided(by=place.viewer("spip"), placement=placement, outcome="prosecuted", now=timezone.now())
    assert WaitingEnd.objects.get().result == Result.NOT_DONE
    assert not ReturnWatch.objects.exists()


def _at_work(place):
    placement = tig.assigned(place)
    ends.report_breach(by=place.viewer("spip"), placement=placement, now=timezone.now())
    return tig.fresh(placement)


@pytest.mark.rule("SDC-05a", "REC-20")
def test_where_it_is_on_a_watch_stays_under_a_key_of_its_own_with_nothing_but_who_what_and_when(people, spip):
    place = tig.build(people)
    placement = _at_work(place)
    ends.magistrate_decided(by=place.viewer("spip"), placement=placement, outcome="prosecuted", now=timezone.now())
    row = ReturnWatch.objects.get()
    assert row.subject_id == row.pk
    assert row.subject_id != placement.subject_id
    assert str(placement.pk) not in str(vars(row))
    columns = {field.name for field in ReturnWatch._meta.fields}
    assert columns == {
        "id", "subject_id", "revision", "territory", "organisation", "kind", "month", "answered", "identity",
    }  # fmt: skip
    page = reads.question(viewer_of(people.spip), row.pk, timezone.now())
    assert page.name
    assert page.mark == "2026/4471"
    assert page.horizon is None, "nothing is asked before the twelve months"


def test_who_leaves_without_a_measure_leaves_no_watch(people, spip):
    place = tig.build(people)
    ends.void(by=place.viewer("spip"), placement=tig.demand(place), reason="amnesty", now=timezone.now())
    assert not ReturnWatch.objects.exists()


@pytest.mark.rule("SDC-05a", "REC-24")
def test_a_reparation_leaves_a_watch_the_same_way_and_its_own_file_goes_its_own_way(people):
    from casework.placements.reparation.actions import ended as of_reparation
    from casework.placements.reparation.codes import State
    from tests.hosts import setting as hosts
    from tests.placements.reparation.setting import Setting

    catalogue = hosts.build(people)
    town = Setting(catalogue, catalogue.listed(audience="minors", places=3))
    row = town.received()
    with audit.writing(viewer_of(people.pjj), now=timezone.now()):
        WatchSwitch.objects.create(
            territory=people.territory, organisation=people.pjj_service, starts_on=date(2020, 1, 1),
            assessed_on=date(2019, 12, 1), decided_by=people.pjj_lead.pk, decided_at=timezone.now(),
        )  # fmt: skip
    now, by = timezone.now(), viewer_of(people.pjj)
    left = of_reparation.prepare(by, row, to=State.CLOSED_SUCCESS, on=localdate())
    with audit.writing(by, now=now) as w:
        of_reparation.leave(w, row, left, by=by, now=now)
    left_behind = ReturnWatch.objects.get()
    assert left_behind.subject_id != row.subject_id
    assert reads.question(by, left_behind.pk, now).kind == "réparation"


def test_a_switch_written_by_sql_keeps_nobody(people, spip):
    WatchSwitch.objects.update(assessed_on=date(2018, 1, 1))
    of = Ended(
        territory_id=people.territory.pk, organisation_id=people.probation.pk, kind=Kind.TIG, result=Result.DONE,
        received_on=localdate(), on=localdate(),
    )  # fmt: skip
    assert not watches.is_watched(of)


# Deciding it


@pytest.mark.rule("SDC-05a", "REC-23")
def test_it_begins_with_a_whole_year_under_an_impact_assessment_and_is_told(people):
    mandate = head(people, "spip")
    by, now, today = viewer_of(mandate), timezone.now(), localdate()
    with pytest.raises(InputRefused):
        switch.switch_on(by=by, assessed_on=today + timedelta(days=1), now=now)
    ended(people, "probation", today.year, 1)
    row = switch.switch_on(by=by, assessed_on=today, now=now)
    assert row.starts_on == date(today.year + 1, 1, 1), "somebody ended this year and left no watch"
    with pytest.raises(GuardRefused):
        switch.switch_on(by=by, assessed_on=today, now=now)
    from casework.audit.models import AuditEvent

    assert AuditEvent.objects.filter(object_ref=audit.object_ref("returns.watchswitch", row.pk)).exists()


@pytest.mark.parametrize("key", ["pjj", "coordinator", "dpo", "sysadmin", "aemo_lead"])
def test_only_the_head_of_a_mandated_service_decides_it(people, key):
    with pytest.raises(AccessRefused):
        switch.switch_on(by=viewer_of(people.mandates[key]), assessed_on=localdate(), now=timezone.now())


def test_stopping_destroys_what_the_broken_year_left(people, spip):
    row = watch(people, months=-1)
    old = watch(people, months=14)
    switch.switch_off(by=viewer_of(spip), now=timezone.now())
    erasure.carry_on(timezone.now())
    assert not ReturnWatch.objects.filter(pk=row.pk).exists()
    assert ReturnWatch.objects.filter(pk=old.pk).exists() == (old.month.year != localdate().year)


# Row 28, role by role


@pytest.mark.rule("ACL-01", "ACL-03")
@pytest.mark.parametrize(
    "key",
    [
        "coordinator", "mayor", "valideur", "dpo", "sysadmin", "pjj_lead", "pjj", "sah", "aemo_lead", "mds_lead",
        "outreach_lead", "education", "apers_offender", "apers_victim", "host", "national_police", "municipal_police",
        "prosecutor", "stranger", "ended", "unsigned",
    ],
)  # fmt: skip
def test_row_28_no_other_role_opens_a_watch_even_with_a_grant(people, key):
    row = watch(people, months=13)
    mandate = people.mandates[key]
    if mandate.territory_id == people.territory.pk:
        with audit.writing(viewer_of(people.spip), now=timezone.now()) as w:
            grants.give(
                w, ReturnWatchGrant, mandate=mandate, obj=row, basis=Basis.CIRCLE, starts_at=people.since,
                ends_at=None, reason="test", by=None,
            )  # fmt: skip
    viewer = viewer_of(mandate)
    assert not facts.visible_to(viewer, timezone.now()).exists()
    with pytest.raises(AccessRefused):
        facts.find_watch(viewer, row.pk, timezone.now())


@pytest.mark.rule("ACL-01")
@pytest.mark.parametrize(
    ("key", "service", "kind"),
    [("spip", "probation", Kind.TIG), ("pjj", "pjj_service", Kind.REPARATION), ("sah", "accredited", Kind.REPARATION)],
)
def test_row_28_the_officer_of_the_mandated_service_opens_its_own_and_a_colleague_does_not(people, key, service, kind):
    row = watch(people, months=13, key=key, service=service, kind=kind)
    client = client_for(people.mandates[key])
    assert NAME in client.get(reverse("returns:question", args=[row.pk])).content.decode()
    if key == "pjj":
        assert client_for(people.pjj_lead).get(reverse("returns:question", args=[row.pk])).status_code == 404


# The two questions


@pytest.mark.rule("REC-20", "REC-23")
def test_each_question_is_asked_once_its_horizon_has_gone_by_on_the_work_of_its_officer_without_a_name():
    month = date(2025, 3, 1)
    assert cohorts.due(month, 0, date(2026, 3, 31)) is None
    assert cohorts.due(month, 0, date(2026, 4, 1)) == Horizon.YEAR
    assert cohorts.due(month, 12, date(2027, 3, 31)) is None
    assert cohorts.due(month, 12, date(2027, 4, 1)) == Horizon.TWO_YEARS
    assert cohorts.due(month, 0, date(2027, 4, 1)) == Horizon.TWO_YEARS
    assert cohorts.due(month, 24, date(2027, 6, 1)) is None


@pytest.mark.rule("REC-20", "REC-21", "SDC-05a")
def test_two_answers_by_clicks_then_row_history_and_key_are_gone(people, spip):
    row = watch(people, months=24)
    [line] = questions(people.spip)
    assert NAME not in line.label
    client = client_for(people.spip)
    page = client.get(line.url).content.decode()
    assert "récidive" not in page.lower()
    from tests.placements.returns.test_sheets import send

    refused = send(client, line.url, code="conviction", month="")
    assert "Indiquez le mois." in refused.content.decode()
    assert send(client, line.url, code="conviction", month=row.month.isoformat()).status_code == 302
    assert questions(people.spip) == []
    assert client.get(line.url).status_code == 404, "unreadable that second"
    erasure.carry_on(timezone.now())
    assert not ReturnWatch.objects.exists()
    assert not ReturnWatchGrant.objects.exists()
    assert not SubjectKey.objects.filter(subject_id=row.pk).exclude(state="shredded").exists()
    [said] = ReturnAnswer.objects.all()
    assert (said.kind, said.month, said.horizon) == (Kind.TIG, row.month, 24)
    assert said.subject_id == people.probation.pk
    columns = {field.name for field in ReturnAnswer._meta.fields}
    assert columns == {"id", "subject_id", "territory", "organisation", "kind", "month", "horizon", "said"}


@pytest.mark.rule("REC-20")
def test_the_first_answer_leaves_the_watch_for_the_second(people, spip):
    row = watch(people, months=12)
    watches.answer(
        by=viewer_of(people.spip), watch=row, code=Answer.NONE_KNOWN, month=date(2020, 1, 1), now=timezone.now(),
        expected=None,
    )  # fmt: skip
    row.refresh_from_db()
    assert row.answered == 12
    assert questions(people.spip) == []
    with pytest.raises(GuardRefused):
        watches.answer(
            by=viewer_of(people.spip), watch=row, code=Answer.UNKNOWN, month=None, now=timezone.now(), expected=None
        )


def test_a_month_before_the_end_or_to_come_is_refused(people, spip):
    row = watch(people, months=12)
    by, now = viewer_of(people.spip), timezone.now()
    for month in (cohorts.months_later(row.month, -1), cohorts.months_later(localdate().replace(day=1), 1)):
        with pytest.raises(InputRefused):
            watches.answer(by=by, watch=row, code=Answer.PROSECUTION, month=month, now=now, expected=None)


@pytest.mark.rule("SDC-05a")
def test_after_27_months_nobody_reads_it_and_the_night_destroys_it(people, spip):
    row, kept = watch(people, months=27), watch(people, months=26)
    viewer = viewer_of(people.spip)
    assert set(facts.visible_to(viewer, timezone.now())) == {kept}
    with pytest.raises(AccessRefused):
        facts.find_watch(viewer, row.pk, timezone.now())
    watches.destroy_due(timezone.now())
    assert list(ReturnWatch.objects.all()) == [kept]


# Into the counts


@pytest.mark.rule("REC-23", "SDC-05a")
def test_a_cohort_watched_from_end_to_end_comes_from_the_answers_any_other_from_the_sheet(people, spip):
    year = localdate().year
    ended(people, "probation", year - 2, 21)
    ended(people, "probation", year - 3, 22)
    keys.ensure(people.probation.pk)
    WatchSwitch.objects.all().delete()
    with audit.writing(viewer_of(spip), now=timezone.now()):
        WatchSwitch.objects.create(
            territory=people.territory, organisation=people.probation, starts_on=date(year - 2, 1, 1),
            assessed_on=date(2019, 12, 1), decided_by=spip.pk, decided_at=timezone.now(),
        )  # fmt: skip
        for code in (Answer.NONE_KNOWN, Answer.NONE_KNOWN, Answer.CONVICTION):
            ReturnAnswer(
                subject_id=people.probation.pk, territory=people.territory, organisation=people.probation,
                kind=Kind.TIG, month=date(year - 2, 5, 1), horizon=12, said={"answer": code.value, "month": ""},
            ).save(force_insert=True)  # fmt: skip
    first, second = sheet_reads.proposed(viewer_of(spip), year)
    assert (first.source, first.ended, first.problem) == (Source.WATCH, 21, "")
    assert first.answers[Answer.UNKNOWN] == 18, "nobody answered: it is not known"
    assert (second.source, second.ended, sum(second.answers.values())) == (Source.SHEET, 22, 0)


def test_a_cohort_whose_years_were_not_all_watched_is_never_of_both_sources(people, spip):
    year = localdate().year
    WatchSwitch.objects.all().delete()
    with audit.writing(viewer_of(spip), now=timezone.now()):
        WatchSwitch.objects.create(
            territory=people.territory, organisation=people.probation, starts_on=date(year - 3, 1, 1),
            assessed_on=date(2019, 12, 1), decided_by=spip.pk, decided_at=timezone.now(), ends_on=date(year - 2, 11, 3),
        )  # fmt: skip
    one = cohorts.Cohort(kind=Kind.TIG, horizon=Horizon.YEAR, first=year - 2, last=year - 2)
    whole = cohorts.Cohort(kind=Kind.TIG, horizon=Horizon.TWO_YEARS, first=year - 3, last=year - 3)
    wide = cohorts.Cohort(kind=Kind.TIG, horizon=Horizon.TWO_YEARS, first=year - 5, last=year - 3)
    assert [reads.covers(people.probation.pk, each) for each in (one, whole, wide)] == [False, True, False]


# Nothing left to nobody


@pytest.mark.attack("T-46")
def test_the_questions_of_somebody_who_left_are_given_to_a_colleague_by_the_head_who_reads_none(people):
    row = watch(people, months=13, key="pjj", service="pjj_service", kind=Kind.REPARATION)
    lead, now = people.pjj_lead, timezone.now()
    assert not watches.unheld(viewer_of(lead), now)
    people.pjj.ends_at = now - timedelta(seconds=1)
    people.pjj.save()
    assert [item.act_label for item in work.for_viewer(viewer_of(lead), now) if item.rule == "REC-20"] == ["Confier"]
    with pytest.raises(InputRefused):
        watches.entrust(by=viewer_of(lead), mandate_id=people.spip.pk, now=now)
    assert watches.entrust(by=viewer_of(lead), mandate_id=lead.pk, now=now) == 1
    assert facts.find_watch(viewer_of(lead), row.pk, timezone.now()).pk == row.pk


@pytest.mark.attack("T-12", "T-13")
def test_once_destroyed_the_anonymous_answer_is_all_that_says_anything(people, spip):
    row = watch(people, months=30)
    watches.destroy_due(datetime.now(UTC))
    assert not ReturnWatch.objects.exists()
    assert not ReturnAnswer.objects.exists()
    assert not SubjectKey.objects.filter(subject_id=row.pk).exclude(state="shredded").exists()
