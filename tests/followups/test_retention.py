"""The end of records: on the day even without the job, with their history, resumable, once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from casework.audit.models import AuditEvent
from casework.audit.verify import verify_rows
from casework.casefile import daily, erasers
from casework.errors import AccessRefused, GuardRefused, Shredded
from casework.minors.followups import facts
from casework.minors.followups.actions import retention, sorting, stages
from casework.minors.followups.anonymous_codes import CountKind
from casework.minors.followups.codes import Stage
from casework.minors.followups.models import AnonymousCount, FollowedPerson, FollowUp, FollowUpGrant, Referral
from casework.sealing import keys
from casework.sealing.models import SubjectKey
from tests.followups.saisine_setting import opened, redirection, refer
from tests.people import client_for, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")


def sort_out(people, follow_up: FollowUp, choice: str = "out_of_scope") -> None:
    sorting.sort(
        by=viewer_of(people.coordinator), referral_id=follow_up.referrals.get().pk, choice=choice,
        now=timezone.now(), redirect_to=redirection(people).pk if choice == "redirected" else None,
    )  # fmt: skip


def rows_of(subject_id) -> dict[str, int]:
    """Return every table, history included, that still holds a row of this person."""
    return {
        model.__name__: n
        for model in apps.get_models(include_auto_created=True)
        if any(f.name == "subject_id" for f in model._meta.fields) and model is not SubjectKey
        if model._meta.app_label not in ("sealing", "audit")
        if (n := model._base_manager.filter(subject_id=subject_id).count())
    }


@pytest.mark.rule("GDP-04")
@pytest.mark.rule("RET-04")
@pytest.mark.rule("RET-07")
@pytest.mark.parametrize(
    ("choice", "kind"), [("out_of_scope", CountKind.REJECTED), ("redirected", CountKind.REDIRECTED)]
)
def test_sorted_out_is_erased_after_thirty_days_with_history_and_keys(people, choice, kind):
    follow_up, other = refer(people), refer(people, last_name="Martin", first_name="Léa")
    subject_id = follow_up.subject_id
    sort_out(people, follow_up, choice)
    now = timezone.now()
    assert retention.erase_sorted_out(now + timedelta(days=29)) == 0
    assert "HistoricalFollowedPerson" in rows_of(subject_id)
    late = now + timedelta(days=31)
    assert retention.erase_sorted_out(late) == 1
    assert rows_of(subject_id) == {}
    with pytest.raises(Shredded):
        keys.ensure(subject_id)
    assert AnonymousCount.objects.get(kind=kind).total == 1
    assert AuditEvent.objects.filter(why="erase.begin").count() == 1
    assert verify_rows()[1] == []
    assert retention.erase_sorted_out(late) == 0
    assert AnonymousCount.objects.get(kind=kind).total == 1
    with opened(other):
        assert FollowedPerson.objects.get().last_name == "Martin"


@pytest.mark.parametrize("step", ["delete_rows", "delete_history"])
def test_an_erasure_cut_in_the_middle_is_taken_up_again(people, monkeypatch, step):
    follow_up = refer(people)
    sort_out(people, follow_up)
    late = timezone.now() + timedelta(days=31)
    real = getattr(erasers, step)

    def cut(*args):
        real(*args)
        raise RuntimeError("cut")

    monkeypatch.setattr(erasers, step, cut)
    with pytest.raises(RuntimeError):
        retention.erase_sorted_out(late)
    assert FollowUp.objects.exists() is (step == "delete_rows")
    sorted_out = AnonymousCount.objects.filter(kind=CountKind.REJECTED)
    assert sorted_out.exists() is (step == "delete_history")
    monkeypatch.undo()
    assert retention.erase_sorted_out(late) == 1
    assert (sorted_out.get().total, rows_of(follow_up.subject_id)) == (1, {})
    assert retention.erase_sorted_out(late) == 0


@pytest.mark.rule("RET-01")
@pytest.mark.rule("RET-03")
@pytest.mark.rule("RET-05")
def test_an_open_follow_up_runs_to_the_25th_birthday(people):
    follow_up = refer(people, birth_date=date(2008, 2, 29))
    with opened(follow_up):
        assert follow_up.purge_on == date(2033, 2, 28)
    assert follow_up.purge_check_on == date(2033, 1, 1)


@pytest.mark.rule("RET-02")
@pytest.mark.rule("RET-05")
def test_an_ended_follow_up_keeps_three_years_or_to_25(people):
    now = timezone.now()
    young = refer(people, birth_date=date(2012, 5, 6))
    grown = refer(people, last_name="Martin", birth_date=timezone.localdate(now).replace(year=now.year - 24, day=1))
    for row in (young, grown):
        FollowUp.objects.filter(pk=row.pk).update(state=Stage.FOLLOWED, started_on=timezone.localdate(now))
        row.refresh_from_db()
        stages.end(by=viewer_of(people.coordinator), follow_up=row, reason="goal_reached", now=now)
    today = timezone.localdate(now)
    with opened(young, grown):
        assert young.purge_on == today.replace(year=today.year + 3)
        assert grown.purge_on == today.replace(year=today.year + 1, day=1)
    # RET-02: archived, the circle reads no more.
    assert not facts.visible_to(viewer_of(people.pjj), now + timedelta(seconds=1)).exists()


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.mark.rule("RET-03")
@pytest.mark.rule("GDP-04")
def test_past_its_date_a_record_is_unreadable_before_the_job_runs(people, monkeypatch):
    follow_up = refer(people, birth_date=date(2008, 6, 15))
    viewer = viewer_of(people.coordinator)
    facts.find(viewer, follow_up.pk, at(date(2033, 6, 14)))
    for who in ("coordinator", "pjj"):
        with pytest.raises(AccessRefused):
            facts.find(viewer_of(people.mandates[who]), follow_up.pk, at(date(2033, 6, 15)))


@pytest.mark.rule("RET-03")
@pytest.mark.rule("RET-05")
def test_the_nightly_job_opens_only_the_year_that_has_come(people):
    follow_up = refer(people, birth_date=date(2008, 6, 15))
    before = AuditEvent.objects.filter(purpose="retention").count()
    assert retention.expire_due(at(date(2032, 12, 31))) == 0
    assert AuditEvent.objects.filter(purpose="retention").count() == before
    assert retention.expire_due(at(date(2033, 6, 14))) == 0
    assert AuditEvent.objects.filter(purpose="retention", role="system").count() == before + 1
    assert retention.expire_due(at(date(2033, 6, 15))) == 1
    assert retention.expire_due(at(date(2033, 6, 15))) == 0
    follow_up.refresh_from_db()
    assert follow_up.state == Stage.EXPIRED
    assert not FollowUpGrant.objects.filter(content_object=follow_up, ends_at=None).exists()
    for who in ("coordinator", "pjj", "pjj_lead"):
        assert client_for(people.mandates[who]).get(reverse("followups:page", args=[follow_up.pk])).status_code == 404
        assert not facts.visible_to(viewer_of(people.mandates[who]), timezone.now()).exists()


@pytest.mark.rule("RET-03")
def test_past_its_date_nothing_reopens(people):
    now = timezone.now()
    row = refer(people, birth_date=date(2012, 5, 6))
    FollowUp.objects.filter(pk=row.pk).update(state=Stage.FOLLOWED, started_on=timezone.localdate(now))
    row.refresh_from_db()
    stages.end(by=viewer_of(people.coordinator), follow_up=row, reason="moved", now=now)
    from casework.casefile.lifecycle import Context
    from casework.minors.followups.states import purge_is_ahead

    late = at(timezone.localdate(now).replace(year=now.year + 3, day=28) + timedelta(days=5))
    context = Context(by=viewer_of(people.coordinator), now=late, origin="archived", to="followed")
    with opened(row), pytest.raises(GuardRefused):
        purge_is_ahead(row, context)


@pytest.mark.rule("RET-07")
def test_every_history_of_a_person_is_known_to_the_erasure():
    names = {model.__name__ for model in erasers.tables(history=True)}
    expected = {
        f"Historical{model.__name__}"
        for model in apps.get_app_config("followups").get_models()
        if hasattr(model, "history")
    }
    assert expected
    assert expected <= names
    assert "HistoricalReview" in names


@pytest.mark.rule("GDP-04")
def test_the_daily_command_runs_each_step_once_a_day(people, capsys, monkeypatch):
    ran = []
    monkeypatch.setattr(daily, "_STEPS", dict(daily._STEPS))
    daily.register("test.counts", lambda now: ran.append(now) or 3)
    daily.register("test.breaks", lambda now: ran.append("broken") or 1 / 0)
    with pytest.raises(SystemExit):
        call_command("daily")
    first = capsys.readouterr().out
    assert "followups.expire_due: done 0" in first
    assert "test.counts: done 3" in first
    assert "once.purge: done" in first
    assert "test.breaks: failed" in first
    with pytest.raises(SystemExit):
        call_command("daily")
    assert "test.counts: already" in capsys.readouterr().out
    assert len([item for item in ran if item == "broken"]) == 2
    assert len(ran) == 3
    assert not Referral.objects.exists()
