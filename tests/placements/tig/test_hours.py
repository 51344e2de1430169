"""Hours from the first half-day to the certificate, corrections, adjustments, the plan of what is left."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.hosts.codes import BookingState
from casework.placements.hosts.models import Booking
from casework.placements.tig.actions import attendance, ends, plans
from casework.placements.tig.actions.attendance import Entry
from casework.placements.tig.codes import (
    Mode,
    Outcome,
    State,
)
from casework.placements.tig.models import TigPlacement
from casework.placements.tig.reads import hours
from tests.placements.tig.setting import assigned, enter, fresh, one, work

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.rule("HOST-09", "TIG-08", "HOST-12", "HOST-13")
def test_the_whole_way_to_the_certificate(place, later):
    placement = assigned(place)
    placement = work(place, placement, later)
    assert placement.state == State.IN_PROGRESS
    assert hours.done(placement) == 21 * 60
    with pytest.raises(GuardRefused, match="attestation"):
        ends.complete(by=place.viewer("spip", later), placement=placement, now=later)
    ends.certify(by=place.viewer("host", later), placement=placement, now=later)
    ends.complete(by=place.viewer("spip", later), placement=fresh(placement), now=later)
    placement = fresh(placement)
    assert (placement.state, placement.ended_on) == (State.COMPLETED, localdate(later))


@pytest.mark.rule("HOST-12")
def test_no_certificate_before_the_last_minute(place, later):
    placement = work(place, assigned(place), later, n=5)
    with pytest.raises(GuardRefused, match="Toutes les heures"):
        ends.certify(by=place.viewer("host", later), placement=placement, now=later)


@pytest.mark.rule("HOST-09")
def test_no_first_hour_without_a_named_tutor(place, later):
    placement = assigned(place)
    row = TigPlacement.objects.get(pk=placement.pk)
    row.supervisor = None
    row.save()
    with pytest.raises(GuardRefused, match="tuteur"):
        work(place, fresh(placement), later)


@pytest.mark.rule("ASG-08", "ASG-02", "TIGM-10")
@pytest.mark.parametrize(
    ("who", "changes", "said"),
    [
        ("spip", {"ends_at": time(8, 0)}, "suivre"),
        ("spip", {"starts_at": None}, "arrivée"),
        ("spip", {"starts_at": time(6), "ends_at": time(19)}, "pause"),
        ("pjj", {"starts_at": time(8), "ends_at": time(13)}, "pause"),
        ("pjj", {"starts_at": time(5, 30), "ends_at": time(9)}, "22 h et 6 h"),
    ],
)
def test_a_refused_hour_shows_the_rule_beside_its_line(place, later, who, changes, said):
    row = one(assigned(place, who))
    with pytest.raises(InputRefused, match=said) as refusal:
        enter(place, row, later, **changes)
    assert refusal.value.field == str(row.pk)
    row.refresh_from_db()
    assert row.outcome == ""


@pytest.mark.rule("ASG-02")
def test_never_beyond_the_hours_assigned_to_this_host(place, later):
    placement = work(place, assigned(place), later, n=5)
    last = placement.half_days.get(outcome="")
    with pytest.raises(InputRefused, match="3 h 30"):
        enter(place, last, later, ends_at=time(12, 1) if last.half == "am" else time(17, 1))


@pytest.mark.rule("TIGM-10")
def test_from_the_eighteenth_birthday_the_limits_are_those_of_adults(place, later):
    birthday = localdate() + timedelta(days=1)
    row = one(assigned(place, "pjj", adult_on=birthday))
    enter(place, row, later, starts_at=time(8), ends_at=time(13))
    row.refresh_from_db()
    assert row.minutes == 300


def test_a_day_to_come_takes_only_an_excused_absence(place):
    row = one(assigned(place))
    with pytest.raises(InputRefused, match="pas encore passé"):
        enter(place, row, timezone.now())
    enter(place, row, timezone.now(), outcome=Outcome.ABSENT_EXCUSED)


@pytest.mark.rule("HOST-13")
def test_a_correction_keeps_what_it_was(place, later):
    row = one(assigned(place))
    enter(place, row, later)
    enter(place, row, later, outcome=Outcome.ABSENT)
    row.refresh_from_db()
    assert (row.minutes, row.outcome) == (0, Outcome.ABSENT)
    assert [each.minutes for each in row.history.order_by("history_date", "history_id")] == [0, 210, 0]


def test_all_the_lines_of_a_sheet_or_none(place, later):
    placement = assigned(place)
    good, bad = placement.half_days.order_by("day", "half")[:2]
    entries = [
        Entry(half_day_id=good.pk, outcome=Outcome.WORKED, starts_at=good.starts_at, ends_at=good.ends_at),
        Entry(half_day_id=bad.pk, outcome=Outcome.WORKED, starts_at=time(12), ends_at=time(8)),
    ]
    with pytest.raises(InputRefused):
        attendance.record(
            by=place.viewer("host", later), entries=entries, mode=Mode.PAPER, signed_by_both=True, now=later
        )
    good.refresh_from_db()
    assert good.outcome == ""


def test_an_adjustment_never_passes_the_total(place, later):
    placement = work(place, assigned(place), later, n=5)
    common = {
        "by": place.viewer("spip", later),
        "placement": placement,
        "reason": "course",
        "on": localdate(later),
        "now": later,
    }
    with pytest.raises(InputRefused):
        attendance.adjust(minutes=211, **common)
    attendance.adjust(minutes=210, **common)
    assert hours.done(placement) == placement.minutes_here
    with pytest.raises(AccessRefused):
        attendance.adjust(minutes=-30, **common | {"by": place.viewer("host", later)})


@pytest.mark.rule("ASG-02")
def test_one_click_plans_all_that_is_left(place):
    placement = assigned(place)
    now = timezone.now()
    before = set(placement.half_days.values_list("day", "half"))
    found = plans.replan(by=place.viewer("spip", now), placement=placement, weekly=4, start=localdate(now), now=now)
    assert found.unplaced == 0
    assert hours.of([placement.pk])[placement.pk].planned == 21 * 60
    assert set(placement.half_days.values_list("day", "half")) != before
    assert Booking.objects.filter(holder=placement.pk, state=BookingState.USED).count() == placement.half_days.count()


def test_a_half_day_is_moved_by_hand_within_the_limits(place):
    placement = assigned(place)
    now = timezone.now()
    row = placement.half_days.order_by("-day").first()
    with pytest.raises(InputRefused, match="dépassent"):
        plans.add_half_day(
            by=place.viewer("spip", now), placement=placement, day=row.day + timedelta(days=7), half=row.half, now=now
        )
    plans.remove_half_day(by=place.viewer("host", now), half_day_id=row.pk, now=now)
    day = row.day + timedelta(days=7)
    added = plans.add_half_day(by=place.viewer("spip", now), placement=placement, day=day, half=row.half, now=now)
    assert added.planned_minutes == 210
    assert Booking.objects.filter(holder=placement.pk).count() == placement.half_days.count() == 6
