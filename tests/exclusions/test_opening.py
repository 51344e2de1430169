"""From a place held without a name to the agreement of the family (10.6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from casework import audit
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.exclusions import facts
from casework.exclusions.actions import holding, houses, notice
from casework.exclusions.codes import Kind, State
from casework.exclusions.models import ExclusionSupport, SupportHalfDay
from casework.exclusions.states import LIFECYCLE
from tests.exclusions.setting import EDUCATOR, HOST_LEAD, SCHOOL, Setting, convention, fresh

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.rule("10.6", "EXC-16")
def test_a_place_is_held_without_a_name_and_frees_itself_after_five_days_of_class(town: Setting) -> None:
    support = town.held()
    assert support.state == State.PLACE_HELD
    assert SupportHalfDay.objects.filter(support=support).count() == 4
    assert support.held_until is not None

    assert holding.free_unconfirmed(town.now) == 0
    assert holding.free_unconfirmed(town.now + timedelta(days=(support.held_until - town.today).days + 1)) == 1
    assert fresh(support).state == State.FREED
    assert not SupportHalfDay.objects.filter(support=support).exists()


@pytest.mark.rule("EXC-07", "EXC-16")
def test_the_way_from_the_notice_to_the_agreement(town: Setting) -> None:
    support = town.agreed()
    assert support.state == State.AGREED
    assert facts.find(town.viewer(HOST_LEAD), support.pk, town.now).pk == support.pk
    with pytest.raises(AccessRefused):  # of the same host, on nothing of this pupil
        facts.find(town.viewer("host_colleague"), support.pk, town.now)


@pytest.mark.rule("EXC-16")
def test_before_its_yes_a_host_holds_nothing_of_a_named_pupil(town: Setting) -> None:
    support = town.notified()
    for who in (HOST_LEAD, EDUCATOR, "other_host_lead", "outreach_lead"):
        with pytest.raises(AccessRefused):
            facts.find(town.viewer(who), support.pk, town.now)
    assert [row.pk for row in facts.asked_of(town.viewer(HOST_LEAD), town.now)] == [support.pk]
    assert not facts.asked_of(town.viewer("other_host_lead"), town.now)


def says(town: Setting, support: ExclusionSupport, party: str, **changes: Any) -> ExclusionSupport:
    values: dict[str, Any] = {"answer": "agreed", "said_on": town.today, "copy_given_on": None} | changes
    notice.record_family(by=town.viewer(SCHOOL), support=support, party=party, now=town.now, expected=None, **values)
    return fresh(support)


@pytest.mark.rule("EXC-07")
def test_nothing_begins_without_both_agreements(town: Setting) -> None:
    support = says(town, town.accepted(), "pupil")
    assert support.state == State.NOTIFIED
    with audit.writing(town.viewer(SCHOOL), now=town.now) as w, pytest.raises(GuardRefused):
        LIFECYCLE.apply(support, State.AGREED, w=w, by=town.viewer(SCHOOL), now=town.now)
    assert says(town, support, "parents").state == State.AGREED


@pytest.mark.rule("EXC-07")
def test_the_host_that_answers_last_makes_the_reception_agreed(town: Setting) -> None:
    support = says(town, town.notified(), "both")
    assert support.state == State.NOTIFIED
    assert town.accepted(support).state == State.AGREED


@pytest.mark.rule("EXC-07")
def test_an_adult_pupil_agrees_alone(town: Setting) -> None:
    support = town.accepted(town.notified(is_adult=True, parent="", phone=""))
    assert says(town, support, "pupil").state == State.AGREED


@pytest.mark.rule("EXC-07")
def test_a_responsibility_measure_waits_for_the_copy_that_is_handed_over(town: Setting) -> None:
    held = town.held(kind=Kind.RESPONSIBILITY)
    by = town.viewer(SCHOOL)
    notice.notify(by=by, support=held, data=town.notice_data(), now=town.now, expected=None)
    support = says(town, town.accepted(fresh(held)), "both")
    assert support.state == State.NOTIFIED
    assert says(town, support, "both", copy_given_on=town.today).state == State.AGREED


@pytest.mark.rule("10.6")
def test_a_refusal_of_the_family_closes_the_record_to_everybody(town: Setting) -> None:
    support = town.accepted()
    notice.record_family(
        by=town.viewer(SCHOOL), support=support, party="parents", answer="refused", said_on=town.today,
        copy_given_on=None, now=town.now, expected=None,
    )  # fmt: skip
    assert fresh(support).state == State.DECLINED
    for who in (SCHOOL, HOST_LEAD):
        with pytest.raises(AccessRefused):
            facts.find(town.viewer(who), support.pk, town.now)


@pytest.mark.rule("EXC-06", "EXC-16")
def test_no_reception_without_a_convention_that_provides_for_it(town: Setting) -> None:
    with pytest.raises(InputRefused):
        town.held("other_school_lead")  # another school's convention
    narrow = convention(town, host="other_host_lead", kinds=[Kind.EXCLUSION])
    with pytest.raises(GuardRefused):
        town.held(convention=narrow.pk, kind=Kind.RESPONSIBILITY)
    houses.end(by=town.viewer(HOST_LEAD), convention=town.convention, last_day=town.today, now=town.now, expected=None)
    with pytest.raises((GuardRefused, InputRefused)):
        town.held()


@pytest.mark.rule("EXC-05")
def test_a_responsibility_measure_lasts_twenty_hours_at_most(town: Setting) -> None:
    with pytest.raises(InputRefused) as refusal:
        town.held(kind=Kind.RESPONSIBILITY, half_days=town.half_days(7))  # 21 hours
    assert refusal.value.field == "half_days"
    assert town.held(kind=Kind.RESPONSIBILITY, half_days=town.half_days(6)).state == State.PLACE_HELD


@pytest.mark.rule("EXC-20")
def test_a_precautionary_measure_says_no_reason(town: Setting) -> None:
    support = town.held(kind=Kind.PRECAUTIONARY)
    with pytest.raises(InputRefused) as refusal:
        notice.notify(
            by=town.viewer(SCHOOL), support=support, data=town.notice_data(reason="insult"), now=town.now, expected=None
        )
    assert refusal.value.field == "reason"


def test_another_school_cannot_hold_or_read(town: Setting) -> None:
    support = town.notified()
    for who in ("other_school_lead", "school_colleague", "coordinator", "mayor", "pjj", "prosecutor"):
        with pytest.raises(AccessRefused):
            facts.find(town.viewer(who), support.pk, town.now)
    assert ExclusionSupport.objects.count() == 1


@pytest.mark.rule("EXC-19")
def test_the_same_pupil_announced_again_tells_of_the_earlier_reception(town: Setting) -> None:
    """B3: said by the school, for a pupil of its own of the same name; another school’s pupil is no candidate."""
    first = town.notified()
    data = town.notice_data(same_as=first.pk)
    hold = town.hold_data(half_days=town.half_days(8)[4:])
    second = town.named(hold, data)
    assert (fresh(first).since, fresh(second).is_again, fresh(first).is_again) == ("yes", True, False)

    someone = town.notice_data(last_name="Autre", same_as=first.pk)
    with pytest.raises(InputRefused) as refusal:
        town.named(town.hold_data(half_days=town.half_days(10)[8:]), someone)
    assert refusal.value.field == "same_as"


@pytest.mark.rule("EXC-16")
def test_the_last_place_is_refused_by_name(town: Setting) -> None:
    """Two places each half-day: the third school reads which half-days are gone, and holds none of them."""
    town.held()
    town.held()
    with pytest.raises(GuardRefused, match="viennent d’être prises"):
        town.held()
    assert SupportHalfDay.objects.count() == 8
