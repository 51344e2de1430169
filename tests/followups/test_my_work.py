"""What situations put on « Mon travail »: each once, and never one whose record is over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from casework.minors.followups import work
from casework.minors.followups.actions import information, steps
from casework.minors.followups.codes import ActionType, NoticeStatus
from casework.minors.followups.models import FollowUp, Notice, PossibleDuplicate
from casework.minors.followups.reads import letters, queue
from tests.followups.circle import followed, situation, sort
from tests.people import viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")


def told(people, follow_up: FollowUp) -> list[Notice]:
    """Let a service say that each recipient is informed; return the notices."""
    notices = list(Notice.objects.filter(follow_up=follow_up))
    for notice in notices:
        information.record(
            by=viewer_of(people.mds_lead), notice_id=notice.pk, follow_up=follow_up, now=timezone.now(),
            data=information.NoticeData(
                status=NoticeStatus.INFORMED, informed_on=timezone.localdate(), channel="phone"
            ),
        )  # fmt: skip
    return notices


@pytest.mark.rule("SIT-07")
def test_a_situation_is_to_confirm_once_whatever_the_number_of_recipients(people):
    follow_up = situation(people)
    sort(people, follow_up, timezone.now())
    assert len(told(people, follow_up)) > 1
    lines = work.information(viewer_of(people.coordinator), timezone.now())
    assert [line.reference for line in lines if line.label == "Information à confirmer"] == [follow_up.reference]


@pytest.mark.rule("RET-03")
def test_a_record_that_is_over_leaves_my_work_before_the_nightly_job(people):
    """A reference seen tomorrow would say that the person was on file."""
    today = timezone.localdate()
    near = (today + timedelta(days=3), today + timedelta(days=4))
    birthday = next(day for day in near if (day.month, day.day) != (2, 29))
    follow_up = followed(people, born=date(birthday.year - 25, birthday.month, birthday.day))
    steps.decide(
        by=viewer_of(people.coordinator), follow_up=follow_up, kind=ActionType.SCHOOL_RETURN,
        owner=people.mds_service, precision="", due_on=today + timedelta(days=2), now=timezone.now(),
    )  # fmt: skip

    def shown() -> set[str]:
        now = timezone.now()
        sources = (work.actions, work.information, work.mayor, work.retention)
        who = (people.coordinator, people.mds_lead)
        items = [item for mandate in who for source in sources for item in source(viewer_of(mandate, now=now), now)]
        return {item.reference for item in items} | {
            deadline.label.split(" : ")[0] for deadline in work.dates(viewer_of(people.coordinator, now=now), now)
        }

    assert follow_up.reference in shown()
    with time_machine.travel(timezone.now() + timedelta(days=4), tick=False):
        assert follow_up.reference not in shown()


@pytest.mark.rule("RET-03")
def test_no_count_holds_a_record_that_is_over(people):
    """The pages leave it out: a number that says one more would promise a line that is not there."""
    today = timezone.localdate()
    near = (today + timedelta(days=3), today + timedelta(days=4))
    birthday = next(day for day in near if (day.month, day.day) != (2, 29))
    born = date(birthday.year - 25, birthday.month, birthday.day)
    twins = [situation(people, born=born), situation(people, born=born, author="aemo_lead")]
    sorted_one = situation(people, born=born, last_name="Zerrouki")
    sort(people, sorted_one, timezone.now())
    assert PossibleDuplicate.objects.filter(newer=twins[1], older=twins[0]).exists()

    def said() -> tuple[int, int, int]:
        now = timezone.now()
        viewer = viewer_of(people.coordinator, now=now)
        found = queue.counts(viewer, now)
        return found["waiting"], found["duplicates"], letters.count(viewer, now)[0]

    assert said() == (2, 1, 1)
    with time_machine.travel(timezone.now() + timedelta(days=4), tick=False):
        assert said() == (0, 0, 0)
        now = timezone.now()
        viewer = viewer_of(people.coordinator, now=now)
        assert queue.work_items(viewer, now) == []
        assert (queue.queue(viewer, now=now), queue.pairs(viewer, now=now)) == ((), ())
        sent = queue.own(viewer_of(people.mds_lead, now=now), now=now)
        assert [row.reference for row in sent] == ["", ""]
