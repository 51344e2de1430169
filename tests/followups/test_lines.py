"""What outlives a follow-up: one anonymous line, whatever ended it, each person counted once a year (REC-24, ADR 75)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from casework import audit
from casework.audit.models import AuditEvent
from casework.casefile import ages, daily, erasure
from casework.casefile.ages import AgeBand
from casework.minors.followups.actions import lines, merge, retention, stages
from casework.minors.followups.anonymous_codes import Duration, EndGroup, Meetings, OriginGroup
from casework.minors.followups.codes import EndReason, Sex, Stage
from casework.minors.followups.models import EndedFollowUp, FollowUp, PossibleDuplicate, WaitingFollowUp
from casework.partners.codes import OrganisationKind
from casework.sealing import keys
from tests.followups.circle import followed, situation
from tests.people import viewer_of
from tests.placements.returns.setting import next_month

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.rule("REC-24")]


def end(people, follow_up: FollowUp, reason: str = EndReason.GOAL_REACHED) -> FollowUp:
    return stages.end(by=viewer_of(people.coordinator), follow_up=follow_up, reason=reason, now=timezone.now())


def again(people, follow_up: FollowUp, *, counted_in: int | None) -> FollowUp:
    """Put an ended file back into follow-up, as its reopening leaves it."""
    FollowUp.objects.filter(pk=follow_up.pk).update(
        state=Stage.FOLLOWED, ended_on=None, end_reason="", counted_in=counted_in
    )
    return FollowUp.objects.select_related("person", "group").get(pk=follow_up.pk)


@pytest.mark.rule("SDC-09")
def test_the_end_of_a_follow_up_leaves_one_coded_line_and_no_id(people):
    follow_up = followed(people)
    end(people, follow_up, EndReason.JUDICIAL_TAKEOVER)
    line = WaitingFollowUp.objects.get()
    assert (line.reason, line.origin, line.lead_kind) == (
        EndGroup.RELAY, OriginGroup.SOCIAL, OrganisationKind.STREET_OUTREACH,
    )  # fmt: skip
    assert (line.age_band, line.sex, line.duration) == (AgeBand.TO_15, Sex.UNKNOWN, Duration.UNDER_6)
    assert (line.month.day, line.meetings, line.is_first) == (1, Meetings.ONE, True)
    ids = {str(follow_up.pk), str(follow_up.subject_id), str(follow_up.person_id), follow_up.reference}
    assert not ids & {str(getattr(line, field.attname)) for field in WaitingFollowUp._meta.fields}


@pytest.mark.attack("T-32")
def test_the_line_waits_for_its_month_and_is_told_by_no_event_of_its_own(people):
    end(people, followed(people))
    assert not AuditEvent.objects.filter(object_type__in=["followups.waitingfollowup", "followups.endedfollowup"])
    assert lines.write_lines(timezone.now()) == 0
    assert [lines.write_lines(next_month()) for _ in range(2)] == [1, 0]
    assert (EndedFollowUp.objects.count(), WaitingFollowUp.objects.count()) == (1, 0)
    assert "followups.write_lines" in daily.steps()


def test_the_sex_is_opened_by_the_system_and_told_the_meeting_opens_no_name(people):
    follow_up = followed(people)
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    end(people, follow_up)
    opened = [
        event for event in AuditEvent.objects.exclude(pk__in=before) if "youth_identity" in event.classes and event.why != "row"
    ]  # fmt: skip
    assert [(event.act, event.actor_id) for event in opened if event.act == "system"] == [("system", None)]
    assert not [event for event in opened if event.act == "view"]


@pytest.mark.rule("RET-02")
@pytest.mark.parametrize(("counted", "is_first"), [(0, False), (-1, True)])
def test_a_person_whose_follow_up_ends_twice_is_counted_once_a_year(people, counted, is_first):
    follow_up = end(people, followed(people))
    assert follow_up.counted_in == localdate().year
    end(people, again(people, follow_up, counted_in=localdate().year + counted))
    assert sorted(WaitingFollowUp.objects.values_list("is_first", flat=True)) == sorted([True, is_first])


@pytest.mark.rule("RET-03")
def test_whoever_reaches_the_end_of_the_record_while_followed_leaves_a_line_too(people):
    follow_up = followed(people, born=date(localdate().year - 20, 1, 1))
    late = timezone.now() + timedelta(days=366 * 6)
    assert retention.expire_due(late) == 1
    line = WaitingFollowUp.objects.get()
    assert (line.reason, line.age_band) == (EndGroup.AGE, AgeBand.TO_25)
    follow_up.refresh_from_db()
    assert follow_up.state == Stage.EXPIRED


def test_whoever_was_never_followed_or_is_archived_leaves_no_line_at_the_end_of_the_record(people):
    situation(people)
    end(people, followed(people, last_name="Martin"))
    late = timezone.now() + timedelta(days=366 * 12)
    assert retention.expire_due(late) == 2
    assert WaitingFollowUp.objects.count() == 1


def erase(follow_up: FollowUp) -> None:
    keys.ensure(follow_up.subject_id)
    erasure.begin(
        follow_up.subject_id, territory_id=follow_up.territory_id, reason="request",
        by=audit.system_actor(follow_up.territory_id), now=timezone.now(),
    )  # fmt: skip
    erasure.nightly(timezone.now())
    assert not FollowUp.objects.filter(pk=follow_up.pk).exists()


@pytest.mark.rule("REC-24", "RET-07")
def test_a_person_erased_before_the_month_is_over_stays_counted_once(people):
    follow_up = end(people, followed(people))
    erase(follow_up)
    assert lines.write_lines(next_month()) == 1


@pytest.mark.rule("GDP-04")
def test_a_person_erased_while_followed_is_counted_without_age_nor_sex(people):
    erase(followed(people))
    line = WaitingFollowUp.objects.get()
    assert (line.reason, line.age_band, line.sex) == (EndGroup.STOPPED, "", Sex.UNKNOWN)


@pytest.mark.attack("T-20")
def test_a_merge_is_no_end_and_the_file_that_stays_knows_who_was_counted(people):
    shell = again(people, end(people, followed(people)), counted_in=localdate().year)
    kept = situation(people, author="pjj")
    pair = PossibleDuplicate.objects.filter(resolved_at=None).first() or PossibleDuplicate.objects.create(
        territory=people.territory, newer=kept, older=shell, found_at=timezone.now()
    )
    merge.merge(by=viewer_of(people.coordinator), duplicate_id=pair.pk, keep_id=kept.pk, now=timezone.now())
    kept.refresh_from_db()
    assert kept.counted_in == localdate().year
    assert WaitingFollowUp.objects.count() == 1


@pytest.mark.rule("SDC-09")
@pytest.mark.parametrize(
    ("age", "band"),
    [(6, "10_12"), (12, "10_12"), (13, "13_15"), (15, "13_15"), (16, "16_17"), (17, "16_17"), (18, "18_20"), (20, "18_20"),
     (21, "21_25"), (25, "21_25"), (26, "26_up")],
)  # fmt: skip
def test_an_age_leaves_a_file_as_a_band(age, band):
    day = date(2026, 11, 30)
    assert ages.band(date(2026 - age, 11, 30), day) == band
    assert ages.band(date(2026 - age - 1, 12, 1), day) == band


def test_an_age_that_is_not_known_is_no_band():
    assert ages.band(None, date(2026, 1, 1)) == ages.band(date(2027, 1, 1), date(2026, 1, 1)) == ""
