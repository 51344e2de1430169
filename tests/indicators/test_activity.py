"""What was done, counted in acts: one function for the quarter and the year, few queries, none that tells of one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.timezone import localdate

from casework.indicators.releases import activity
from casework.minors.followups.actions import steps
from casework.minors.followups.codes import ActionResult, ActionType
from casework.minors.followups.models import Action
from casework.minors.sessions.actions import room
from casework.placements.returns.models import EndedMeasure
from tests.indicators.counted import pupils
from tests.sessions.room_setting import MEMBERS, build

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.rule("SDC-07")]

TODAY = localdate()
QUARTER = (TODAY.month + 2) // 3


@pytest.fixture
def held(people):
    """Return a meeting held today, at which one situation was concluded."""
    this = build(people)
    room.open_line(by=this.by, session=this.session, line_id=this.lines[0].pk, now=this.now)
    room.keep(by=this.by, session=this.session, line_id=this.lines[0].pk, now=this.now)
    room.close_session(by=this.by, session=this.session, now=this.now)
    return this


def test_a_meeting_held_its_attendance_and_what_it_examined(people, held):
    found = activity.of_quarter(people.territory.pk, TODAY.year, QUARTER)
    assert found.sessions == 1
    assert {(each.convened, each.present) for each in found.attendance} == {(1, 1)}
    assert len(found.attendance) == len(MEMBERS)
    assert found.first <= TODAY <= found.last


@pytest.mark.rule("SDC-05")
def test_one_to_four_persons_are_not_said_and_none_is(people, held):
    found = activity.of_quarter(people.territory.pk, TODAY.year, QUARTER)
    assert found.examinations is None
    assert found.decisions is None
    assert found.schemes == (("Mission locale", None),)
    before = activity.of_year(people.territory.pk, TODAY.year - 1)
    assert (before.sessions, before.examinations, before.decisions) == (0, 0, 0)
    elsewhere = activity.of_quarter(people.elsewhere.pk, TODAY.year, QUARTER)
    assert (elsewhere.sessions, elsewhere.examinations) == (0, 0)


@pytest.fixture
def settled(people, held):
    """Fourteen decisions: nine done eight days after, five late since yesterday."""
    follow_up = held.followed[0]
    Action.objects.all().delete()
    first = TODAY - timedelta(days=10)
    for _ in range(14):
        steps.decide(
            by=held.by, follow_up=follow_up, kind=ActionType.FAMILY_MEETING, owner=people.pjj_service, due_on=TODAY,
            now=held.now, precision="",
        )  # fmt: skip
    ids = list(Action.objects.values_list("pk", flat=True))
    Action.objects.update(decided_on=first, due_on=TODAY - timedelta(days=1))
    Action.objects.filter(pk__in=ids[:9]).update(
        result=ActionResult.DONE, closed_on=first + timedelta(days=8), due_on=TODAY
    )
    return ids


def test_decisions_taken_done_late_and_a_mean_of_ten_acts_at_the_least(people, settled):
    def over_the_days():
        spans = {(day.year, (day.month + 2) // 3) for day in (TODAY - timedelta(days=10), TODAY)}
        return [activity.of_quarter(people.territory.pk, *span) for span in spans]

    found = over_the_days()
    assert max(each.decisions or 0 for each in found) == 14
    assert max(each.decisions_done or 0 for each in found) == 9
    assert max(each.decisions_late or 0 for each in found) == 5
    assert {each.decision_days for each in found} == {None}
    Action.objects.filter(pk=settled[10]).update(result=ActionResult.DONE, closed_on=TODAY - timedelta(days=2))
    assert 8 in {each.decision_days for each in over_the_days()}


def measures(people, n: int, hours: int) -> None:
    EndedMeasure.objects.bulk_create(
        EndedMeasure(
            territory=people.territory, organisation=people.probation, kind="tig", result="done",
            received_year=TODAY.year - 1, month=date(TODAY.year - 1, 3, 1), hours=hours,
        )
        for _ in range(n)
    )  # fmt: skip


@pytest.mark.rule("SDC-05")
def test_hours_are_said_to_the_ten_of_eleven_measures_at_the_least(people):
    measures(people, 10, 35)
    assert activity.of_quarter(people.territory.pk, TODAY.year - 1, 1).tig_hours is None
    measures(people, 1, 35)
    assert activity.of_quarter(people.territory.pk, TODAY.year - 1, 1).tig_hours == 380
    assert activity.of_quarter(people.territory.pk, TODAY.year - 1, 2).tig_hours is None
    assert activity.of_year(people.territory.pk, TODAY.year - 1).tig_hours == 380


@pytest.mark.rule("EXC-19")
def test_half_days_of_pupils_are_those_of_the_school_year_that_ends_in_the_year(people):
    pupils(people.territory, TODAY.year - 2, 4)
    assert activity.of_year(people.territory.pk, TODAY.year - 1).pupil_half_days is None
    pupils(people.territory, TODAY.year - 2, 1)
    assert activity.of_year(people.territory.pk, TODAY.year - 1).pupil_half_days == 30
    gone = activity.of_quarter(people.territory.pk, TODAY.year - 2, 4)
    assert gone.pupil_half_days is None, "their records are gone: a quarter of then is not known"


@pytest.mark.parametrize(
    ("quarter", "first", "last"), [(1, (1, 1), (3, 31)), (2, (4, 1), (6, 30)), (4, (10, 1), (12, 31))]
)
def test_a_quarter_goes_from_its_first_day_to_its_last(people, quarter, first, last):
    found = activity.of_quarter(people.territory.pk, 2024, quarter)
    assert (found.first, found.last) == (date(2024, *first), date(2024, *last))


def test_ten_queries_at_the_most_however_much_was_done(people, held):
    for ask in (
        lambda: activity.of_quarter(people.territory.pk, TODAY.year, QUARTER),
        lambda: activity.of_year(people.territory.pk, TODAY.year),
    ):
        with CaptureQueriesContext(connection) as asked:
            ask()
        assert len(asked) <= 10, [query["sql"][:90] for query in asked]


def test_what_lies_ahead_is_not_late_yet(people, settled):
    Action.objects.filter(result="").update(due_on=TODAY + timedelta(days=1))
    found = activity.of_quarter(people.territory.pk, TODAY.year, QUARTER)
    assert found.decisions_late == 0
    assert timezone.now()
