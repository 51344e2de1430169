"""What was done, counted in acts: one function for the quarter and the year, few queries, none that tells of one."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.timezone import localdate

from casework.exclusions.models import EndedSupport
from casework.indicators.evaluation import figures
from casework.indicators.releases import activity
from casework.minors.followups.actions import steps
from casework.minors.followups.codes import ActionResult, ActionType
from casework.minors.followups.models import Action
from casework.minors.sessions.actions import room
from casework.placements.hosts.codes import BookingState, Half
from casework.placements.hosts.models import Booking
from casework.placements.returns.models import EndedMeasure
from tests.hosts.setting import build as build_posts
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


def test_schemes_too_rare_to_be_counted_are_named_in_a_sentence_and_not_in_a_grid_of_holes(people, held):
    """A table in which every line says « non affiché » is read by nobody."""
    done = activity.of_quarter(people.territory.pk, TODAY.year, QUARTER)
    blocks, _ = figures._cellule(done)
    assert "Trop rarement pour être compté\u202f: Mission locale." in blocks[1].sentence
    assert blocks[1].rows == ()


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


@pytest.mark.attack("T-54")
@pytest.mark.parametrize(
    ("quarters", "said"),
    [
        ((12, 13, 14, 9), 48), ((12, 13, 14, 0), 39), ((0, 0, 0, 0), 0),
        ((12, 13, 14, 1), None), ((12, 13, 14, 4), None), ((0, 0, 0, 3), None),
        ((12, 13, 4, 1), 30), ((12, 13, 2, 2), None), ((12, 13, 4, 4), None), ((3, 2, 2, 2), 9), ((1, 1, 1, 1), None),
    ],
)  # fmt: skip
def test_a_year_is_said_where_each_quarter_that_is_not_may_still_be_any_small_number(quarters, said):
    assert activity._added(quarters) == said


@pytest.mark.attack("T-54")
def test_the_evaluation_gives_back_no_decision_that_a_dashboard_hides(people, held):
    """Five decisions in each quarter, one in the last: the year less the three would be that one."""
    year = TODAY.year - 1
    Action.objects.all().delete()
    for month in [1] * 5 + [4] * 5 + [8] * 5 + [11]:
        row = steps.decide(
            by=held.by, follow_up=held.followed[0], kind=ActionType.FAMILY_MEETING, owner=people.pjj_service,
            due_on=TODAY, now=held.now,
        )  # fmt: skip
        day = date(year, month, 12)
        Action.objects.filter(pk=row.pk).update(decided_on=day, result=ActionResult.DONE, closed_on=day)
    quarters = [activity.of_quarter(people.territory.pk, year, n) for n in (1, 2, 3, 4)]
    assert [each.decisions for each in quarters] == [each.decisions_done for each in quarters] == [5, 5, 5, None]
    whole = activity.of_year(people.territory.pk, year)
    assert (whole.decisions, whole.decisions_done) == (None, None)


@pytest.mark.attack("T-54")
def test_the_hours_of_a_quarter_of_few_measures_are_not_the_rest_of_the_year(people):
    measures(people, 11, 35)
    EndedMeasure.objects.update(month=date(TODAY.year - 1, 10, 1))
    measures(people, 1, 280)
    assert activity.of_year(people.territory.pk, TODAY.year - 1).tig_hours is None
    measures(people, 10, 35)
    assert activity.of_year(people.territory.pk, TODAY.year - 1).tig_hours == 380 + 630


@pytest.mark.attack("T-54")
def test_the_half_days_of_a_quarter_of_few_people_are_not_the_rest_of_the_year(people):
    year = TODAY.year - 1
    post = build_posts(people).listed(places=9)

    def taken(holder: UUID, day: date) -> None:
        Booking(
            territory_id=post.territory_id, subject_id=post.subject_id, post=post, day=day, half=Half.AM,
            slot=Booking.objects.filter(day=day).count(), state=BookingState.USED, holder=holder, service=people.probation,
        ).save(force_insert=True)  # fmt: skip

    crowd = [uuid4() for _ in range(5)]
    for holder in crowd:
        taken(holder, date(year, 2, 1))
    one = uuid4()
    for day in range(1, 8):
        taken(one, date(year, 11, day))
    assert activity.of_quarter(people.territory.pk, year, 1).half_days_used == 5
    assert activity.of_quarter(people.territory.pk, year, 4).half_days_used is None
    assert activity.of_year(people.territory.pk, year).half_days_used is None
    for holder in crowd[:4]:
        taken(holder, date(year, 8, 1))
    assert activity.of_year(people.territory.pk, year).half_days_used == 16, "five people are behind what is not said"


@pytest.mark.rule("EXC-19")
def test_half_days_of_pupils_are_those_of_the_school_year_that_ends_in_the_year(people):
    pupils(people.territory, TODAY.year - 2, 4)
    assert activity.of_year(people.territory.pk, TODAY.year - 1).pupil_half_days is None
    pupils(people.territory, TODAY.year - 2, 1)
    assert activity.of_year(people.territory.pk, TODAY.year - 1).pupil_half_days == 30
    EndedSupport.objects.filter(pk=EndedSupport.objects.first().pk).update(half_days=10)
    assert activity.of_year(people.territory.pk, TODAY.year - 1).pupil_half_days == 30, "to the ten"
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
