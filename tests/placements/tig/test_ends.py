"""How a placement ends, and the table of its states (10.2)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from casework.errors import AccessRefused, GuardRefused, InputRefused, MoveRefused
from casework.placements.hosts.models import Booking
from casework.placements.tig.actions import demands, ends
from casework.placements.tig.codes import (
    State,
)
from casework.placements.tig.models import TigGrant
from casework.placements.tig.reads import hours
from casework.placements.tig.states import ACTIVE, LIFECYCLE
from tests.casefile.lifecycles import assert_every_pair
from tests.placements.tig.setting import asked, assigned, demand, fresh, sentence, work

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.rule("10.2")
def test_every_pair_of_the_table_is_a_move_or_refused():
    assert_every_pair(LIFECYCLE)


@pytest.mark.rule("10.2")
def test_every_state_that_is_not_an_end_has_a_way_out_and_may_become_void():
    for state in ACTIVE:
        assert LIFECYCLE.exits(state) - {state}
        assert {State.VOID, State.TRANSFERRED} <= LIFECYCLE.exits(state)


@pytest.mark.rule("ASG-02")
def test_a_change_of_post_keeps_the_hours_done(place, later):
    placement = work(place, assigned(place), later, n=3)
    ends.change_post(by=place.viewer("spip", later), placement=placement, now=later)
    placement = fresh(placement)
    assert (placement.state, placement.post) == (State.MATCHING, None)
    assert hours.done(placement) == 3 * 210
    assert not TigGrant.objects.live(later + timedelta(seconds=1)).filter(mandate=place.people.host).exists()


@pytest.mark.rule("ASG-10", "ASG-11", "TIGM-11")
@pytest.mark.parametrize(
    "outcome", [State.CONVERTED, State.FALLBACK_EXECUTED, State.PROSECUTED, State.MATCHING, State.IN_PROGRESS]
)
def test_after_a_report_the_magistrate_decides(place, outcome):
    placement = assigned(place)
    now = timezone.now()
    ends.report_breach(by=place.viewer("spip", now), placement=placement, now=now)
    ends.magistrate_decided(by=place.viewer("spip", now), placement=fresh(placement), outcome=outcome, now=now)
    assert fresh(placement).state == outcome


@pytest.mark.rule("ASG-11", "TIGM-11")
def test_day_fines_are_never_for_a_minor_nor_under_a_text_without_them(place):
    young = assigned(place, "pjj")
    now = timezone.now()
    ends.report_breach(by=place.viewer("pjj", now), placement=young, now=now)
    with pytest.raises(GuardRefused, match="mineurs"):
        ends.magistrate_decided(by=place.viewer("pjj", now), placement=fresh(young), outcome=State.CONVERTED, now=now)
    grown = demand(place)
    now = timezone.now()
    demands.record_sentence(
        by=place.viewer("spip", now), placement=grown, data=sentence(basis="probation", has_fallback=False), now=now
    )
    ends.report_breach(by=place.viewer("spip", now), placement=fresh(grown), now=now)
    with pytest.raises(GuardRefused, match="733-1"):
        ends.magistrate_decided(by=place.viewer("spip", now), placement=fresh(grown), outcome=State.CONVERTED, now=now)


@pytest.mark.rule("10.2", "TIGM-09")
def test_any_active_placement_is_transferred_or_void_with_a_reason(place):
    first, second = asked(place), assigned(place)
    now = timezone.now()
    with pytest.raises(InputRefused):
        ends.void(by=place.viewer("spip", now), placement=fresh(first), reason="because", now=now)
    ends.void(by=place.viewer("spip", now), placement=fresh(first), reason="amnesty", now=now)
    ends.transfer(by=place.viewer("spip", now), placement=second, now=now)
    assert {fresh(first).state, fresh(second).state} == {State.VOID, State.TRANSFERRED}
    assert not Booking.objects.filter(holder__in=[first.pk, second.pk], day__gt=localdate(now)).exists()
    with pytest.raises((AccessRefused, MoveRefused)):
        ends.transfer(by=place.viewer("spip", now), placement=fresh(first), now=now)


@pytest.mark.rule("ASG-10", "ASG-11")
@pytest.mark.parametrize("outcome", [State.CONVERTED, State.FALLBACK_EXECUTED])
def test_a_composition_penale_is_neither_converted_nor_replaced(place, outcome):
    placement = assigned(place, measure="tnr", last_useful_on=localdate() + timedelta(days=150))
    now = timezone.now()
    ends.report_breach(by=place.viewer("spip", now), placement=placement, now=now)
    with pytest.raises(GuardRefused, match="composition pénale"):
        ends.magistrate_decided(by=place.viewer("spip", now), placement=fresh(placement), outcome=outcome, now=now)
