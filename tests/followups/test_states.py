"""The lifecycles of a situation and of a meeting (domain.md §10.1): every pair tried, each guard in its place."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils.timezone import localdate, now

from casework.errors import AccessRefused, GuardRefused, MoveRefused
from casework.minors.followups.actions import information, stages
from casework.minors.followups.codes import NoticeStatus, Stage
from casework.minors.followups.models import Action, FollowUp, FollowUpGrant, Notice
from casework.minors.followups.states import LIFECYCLE
from casework.minors.sessions.states import LIFECYCLE as MEETING
from tests.casefile.lifecycles import assert_every_pair
from tests.followups.circle import rules_say
from tests.people import viewer_of
from tests.sessions.room_setting import build, follow_up

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.rule("10.1")
def test_every_pair_of_the_situation_is_in_the_table_or_refused():
    assert_every_pair(LIFECYCLE)


@pytest.mark.rule("10.1")
def test_every_pair_of_the_meeting_is_in_the_table_or_refused():
    assert_every_pair(MEETING)


@pytest.fixture
def referred(people) -> FollowUp:
    """Return a sorted referral."""
    return follow_up(people, "Yanis", "Zzbelkacem", now() - timedelta(days=2))


def by(people, at=None):
    """Return the coordinator."""
    return viewer_of(people.coordinator, now=at or now())


def enter(people, row, **changes):
    """Enter into follow-up as the coordinator."""
    from casework.casefile.codes import ListCode
    from casework.casefile.models import LocalItem

    programme, _ = LocalItem.objects.get_or_create(
        territory=people.territory, list_code=ListCode.PROGRAMME, label="Prévention",
        defaults={"valid_from": date(2020, 1, 1)},
    )  # fmt: skip
    values = {"lead": people.pjj_service, "programme": programme, "next_review_on": None, "now": now()} | changes
    return stages.follow(by=by(people), follow_up=row, **values)


@pytest.mark.rule("SIT-07")
def test_nobody_is_followed_without_information_or_a_coded_motive(people, referred):
    with pytest.raises(GuardRefused, match="motif"):
        enter(people, referred)
    enter(people, referred, put_off="unreachable")
    row = FollowUp.objects.get(pk=referred.pk)
    assert (row.state, row.information_put_off) == (Stage.FOLLOWED, "unreachable")
    assert row.information_due_on is not None  # DL-02 keeps running


@pytest.mark.rule("SIT-07", "SIT-09")
def test_the_family_is_informed_once_each_recipient_is_confirmed(people, referred):
    data = information.NoticeData(status=NoticeStatus.INFORMED, informed_on=localdate(), channel="phone")
    notice = Notice.objects.get(follow_up=referred)
    information.record(by=viewer_of(people.pjj_lead), notice_id=notice.pk, follow_up=referred, data=data, now=now())
    assert FollowUp.objects.get(pk=referred.pk).state == Stage.REFERRED  # recorded by a service, not confirmed yet
    information.confirm(by=by(people), notice_id=notice.pk, follow_up=referred, now=now())
    assert FollowUp.objects.get(pk=referred.pk).state == Stage.INFORMED
    enter(people, FollowUp.objects.get(pk=referred.pk))
    assert FollowUp.objects.get(pk=referred.pk).state == Stage.FOLLOWED


@pytest.mark.rule("CLV-06")
def test_without_rules_in_force_nothing_moves(people, referred):
    rules_say(people, valid_to=localdate())
    with pytest.raises(AccessRefused) as refusal:
        enter(people, referred, put_off="unreachable")
    assert refusal.value.code == "rules"
    assert FollowUp.objects.get(pk=referred.pk).state == Stage.REFERRED


@pytest.mark.rule("RET-03")
def test_from_the_25th_birthday_nobody_enters(people, referred):
    years_later = referred.received_at.replace(year=referred.received_at.year + 11)
    with pytest.raises((GuardRefused, AccessRefused)):
        stages.move(
            by=viewer_of(people.coordinator, now=years_later), follow_up=referred, to=Stage.FOLLOWED, now=years_later,
            lead_organisation=people.pjj_service,
        )  # fmt: skip


@pytest.mark.rule("RET-02", "RET-05", "WL-17", "CLV-24")
def test_the_end_archives_closes_the_circle_and_sets_the_clock(people):
    this = build(people, opened=False)
    row = this.followed[0]
    stages.end(by=this.by, follow_up=row, reason="goal_reached", now=this.now)
    row = FollowUp.objects.get(pk=row.pk)
    assert (row.state, row.end_reason, row.ended_on) == (Stage.ARCHIVED, "goal_reached", localdate(this.now))
    assert not FollowUpGrant.objects.filter(content_object=row).live(this.now + timedelta(seconds=1)).exists()
    assert not row.circle.filter(ends_at=None).exists()
    assert set(Action.objects.filter(follow_up=row).values_list("result", flat=True)) == {"void"}
    assert row.purge_check_on == date(min(localdate(this.now).year + 3, this.now.year - 15 + 25), 1, 1)


@pytest.mark.rule("WL-08", "WL-12", "WL-13", "WL-14")
def test_entry_records_start_group_programme_and_lead(people, referred):
    enter(people, referred, put_off="unreachable")
    row = FollowUp.objects.get(pk=referred.pk)
    assert row.started_on == localdate()
    assert row.group == people.group
    assert row.programme is not None
    assert row.lead_organisation == people.pjj_service
    assert row.circle.filter(organisation=people.pjj_service, ends_at=None).exists()


@pytest.mark.rule("GDP-12")
@pytest.mark.parametrize(("planned", "expected"), [(-139, 0), (None, 0), (40, 40)])
def test_what_fell_due_while_suspended_is_asked_for_from_the_day_it_resumes(people, planned, expected):
    this = build(people, opened=False)
    today = localdate(this.now)
    row = stages.suspend(by=this.by, follow_up=this.followed[0], reason="absent", now=this.now)
    day = None if planned is None else today + timedelta(days=planned)
    FollowUp.objects.filter(pk=row.pk).update(next_review_on=day)
    stages.resume(by=this.by, follow_up=FollowUp.objects.get(pk=row.pk), now=this.now)
    assert FollowUp.objects.get(pk=row.pk).next_review_on == today + timedelta(days=expected)


def test_a_member_does_not_move_a_file(people, referred):
    with pytest.raises(AccessRefused):
        stages.suspend(by=viewer_of(people.pjj_lead), follow_up=referred, reason="absent", now=now())


def test_a_move_that_is_not_in_the_table_says_so(people, referred):
    with pytest.raises(MoveRefused):
        stages.suspend(by=by(people), follow_up=referred, reason="absent", now=now())
