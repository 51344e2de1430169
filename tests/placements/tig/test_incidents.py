"""Incidents, accidents, work that stops, the legal clock that stands still."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from casework.casefile.calendar import add_working_days
from casework.casefile.models import OutboxMail
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.hosts.models import Booking
from casework.placements.tig.actions import incidents, plans
from casework.placements.tig.actions.incidents import AccidentSheet
from casework.placements.tig.codes import (
    ClockReason,
    IncidentAnswer,
    IncidentKind,
    State,
    WorkSuspensionReason,
)
from tests.instants import noon
from tests.placements.tig.setting import assigned, enter, fresh, one, work

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.rule("HOST-10")
def test_an_incident_reaches_the_officer_in_the_same_transaction_with_a_date(place):
    placement = assigned(place)
    OutboxMail.objects.all().delete()
    now = timezone.now()
    row = incidents.report(
        by=place.viewer("host", now), placement=placement, kind=IncidentKind.LATENESS, occurred_on=localdate(now),
        precision="", stop_work=False, now=now,
    )  # fmt: skip
    assert row.answer_by == add_working_days(localdate(now), 2)
    assert [mail.to for mail in OutboxMail.objects.all()] == [place.people.spip.agent.email]


@pytest.mark.rule("HOST-11", "HOST-08")
def test_in_danger_the_host_stops_the_work_and_only_the_officer_lets_it_go_on(place, later):
    placement = work(place, assigned(place), later, n=2)
    incidents.report(
        by=place.viewer("host", later), placement=placement, kind=IncidentKind.VIOLENCE,
        occurred_on=localdate(later), precision="", stop_work=True, now=later,
    )  # fmt: skip
    placement = fresh(placement)
    assert placement.state == State.WORK_SUSPENDED
    assert not Booking.objects.filter(holder=placement.pk, day__gt=localdate(later)).exists()
    with pytest.raises(AccessRefused):
        incidents.resume(by=place.viewer("host", later), placement=placement, now=later)
    incidents.resume(by=place.viewer("spip", later), placement=placement, now=later)
    assert fresh(placement).state == State.IN_PROGRESS


@pytest.mark.rule("HOST-11")
def test_the_officer_is_told_at_once_that_the_host_stopped_the_work(place, later):
    placement = work(place, assigned(place), later, n=2)
    OutboxMail.objects.all().delete()
    incidents.stop_work(
        by=place.viewer("host", later), placement=placement, reason=WorkSuspensionReason.DANGER, now=later
    )
    assert [mail.to for mail in OutboxMail.objects.all()] == [place.people.spip.agent.email]


@pytest.mark.rule("HOST-11")
def test_nothing_counts_on_a_day_of_suspension(place):
    placement = assigned(place)
    days = sorted(set(placement.half_days.values_list("day", flat=True)))
    first_day = noon(days[0])
    work(place, placement, first_day)
    incidents.stop_work(
        by=place.viewer("host", first_day),
        placement=fresh(placement),
        reason=WorkSuspensionReason.DANGER,
        now=first_day,
    )
    assert not placement.half_days.filter(day__gt=days[0]).exists()


@pytest.mark.rule("HOST-10")
def test_an_accident_has_its_sheet_of_facts_and_no_diagnosis(place):
    placement = assigned(place)
    now = timezone.now()
    common = {
        "by": place.viewer("host", now), "placement": placement,
        "kind": IncidentKind.ACCIDENT, "occurred_on": localdate(now), "precision": "", "stop_work": False, "now": now,
    }  # fmt: skip
    with pytest.raises(InputRefused):
        incidents.report(**common)
    row = incidents.report(
        sheet=AccidentSheet(at="10:15", where="Berge nord", task="Débroussaillage", emergency=True, witness=True),
        **common,
    )
    assert row.is_accident
    assert row.answer_by == add_working_days(localdate(now), 1)
    incidents.declare_accident(by=place.viewer("spip", now), incident=row, now=now)
    row.refresh_from_db()
    assert row.declared_at == now


@pytest.mark.rule("HOST-10", "ASG-09")
def test_the_officer_answers_once_and_a_report_goes_to_the_magistrate(place):
    placement = assigned(place)
    now = timezone.now()
    row = incidents.report(
        by=place.viewer("host", now), placement=placement, kind=IncidentKind.ABSENCE, occurred_on=localdate(now),
        precision="", stop_work=False, now=now,
    )  # fmt: skip
    with pytest.raises(AccessRefused):
        incidents.answer(by=place.viewer("host", now), incident=row, decision=IncidentAnswer.CONTINUE, now=now)
    incidents.answer(by=place.viewer("spip", now), incident=row, decision=IncidentAnswer.REPORT, now=now)
    assert fresh(placement).state == State.BREACH_REPORTED
    with pytest.raises(GuardRefused):
        incidents.answer(by=place.viewer("spip", now), incident=row, decision=IncidentAnswer.CONTINUE, now=now)


@pytest.mark.rule("TIG-09", "TIG-10")
def test_the_clock_stops_by_decision_or_by_law_and_starts_again(place):
    placement = assigned(place)
    now = timezone.now()
    today = localdate(now)
    common = {"by": place.viewer("spip", now), "placement": placement, "starts_on": today, "now": now}
    with pytest.raises(InputRefused, match="juge"):
        incidents.stop_clock(reason=ClockReason.MEDICAL, decided_on=None, **common)
    incidents.stop_clock(reason=ClockReason.CUSTODY, decided_on=None, **common)
    placement = fresh(placement)
    assert placement.state == State.CLOCK_SUSPENDED
    assert not placement.half_days.exists()
    then = noon(today + timedelta(days=30))
    assert plans.due_of(placement, localdate(then)) == placement.last_useful_on + timedelta(days=31)
    incidents.restart_clock(by=place.viewer("spip", then), placement=placement, on=localdate(then), now=then)
    placement = fresh(placement)
    assert placement.state == State.IN_PROGRESS
    assert plans.due_of(placement, localdate(then)) == placement.last_useful_on + timedelta(days=30)


@pytest.mark.rule("TIG-10")
@pytest.mark.parametrize("reason", [ClockReason.HOME_ARREST, ClockReason.CUSTODY])
def test_the_clock_stops_and_the_work_goes_on_where_the_officer_says_so(place, reason):
    placement = assigned(place)
    now = timezone.now()
    common = {
        "by": place.viewer("spip", now), "placement": placement, "starts_on": localdate(now), "now": now,
    }  # fmt: skip
    with pytest.raises(InputRefused, match="aménagée"):
        incidents.stop_clock(reason=ClockReason.PRETRIAL, decided_on=None, work_goes_on=True, **common)
    incidents.stop_clock(reason=reason, decided_on=None, work_goes_on=True, **common)
    placement = fresh(placement)
    assert placement.state == State.ASSIGNED
    first = one(placement)
    there = noon(first.day)
    enter(place, first, there)


@pytest.mark.rule("TIG-09", "TIG-10")
@pytest.mark.parametrize("reason", list(ClockReason))
def test_the_state_tells_nothing_of_why_the_clock_stands_still(place, reason):
    placement = assigned(place)
    now = timezone.now()
    incidents.stop_clock(
        by=place.viewer("spip", now), placement=placement, reason=reason, starts_on=localdate(now),
        decided_on=localdate(now), now=now,
    )  # fmt: skip
    row = placement.clock_suspensions.values("work_goes_on", "ends_on").get()
    assert (fresh(placement).state, row) == (State.CLOCK_SUSPENDED, {"work_goes_on": False, "ends_on": None})


@pytest.mark.rule("HOST-10")
@pytest.mark.parametrize("kind", [each for each in IncidentKind if each is not IncidentKind.ACCIDENT])
def test_the_date_to_answer_by_tells_nothing_of_the_kind(place, kind):
    placement = assigned(place)
    now = timezone.now()
    row = incidents.report(
        by=place.viewer("host", now), placement=placement, kind=kind, occurred_on=localdate(now), precision="",
        stop_work=False, now=now,
    )  # fmt: skip
    assert row.answer_by == add_working_days(localdate(now), 2)
