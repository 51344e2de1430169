"""The activity at a host or towards the victim, its sessions, who came (REP-03, REP-07, REP-11, REP-16)."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from casework.casefile.models import OutboxMail
from casework.errors import (
    AccessRefused,
    ConflictRefused,
    GuardRefused,
    InputRefused,
)
from casework.placements.hosts.actions import posts
from casework.placements.hosts.models import Booking
from casework.placements.reparation.actions import activity, agreements, follow
from casework.placements.reparation.codes import State
from casework.placements.reparation.models import (
    Reparation,
    Victim,
)
from tests.instants import noon
from tests.placements.reparation.setting import Setting, fresh, paper

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.rule("REP-11", "TIGM-06")
def test_the_activity_takes_places_at_a_host_open_to_minors(town: Setting) -> None:
    reparation = town.assigned()
    assert (reparation.state, reparation.post_id) == (State.ASSIGNED, town.post.pk)
    assert [row.state for row in Booking.objects.filter(holder=reparation.pk)] == ["used", "used"]
    assert reparation.sessions.count() == 2
    adults = town.catalogue.listed(town.post.host, audience="adults")
    with pytest.raises((GuardRefused, AccessRefused)):
        town.place(town.agreed(), post=adults)


@pytest.mark.attack("R-06")
@pytest.mark.rule("REP-11")
def test_two_educators_cannot_take_the_last_place(town: Setting) -> None:
    last = town.catalogue.listed(town.post.host, audience="minors")
    town.assigned(post=last)
    other = town.agreed(who="sah")
    with pytest.raises(GuardRefused, match="prises"):
        town.place(other, "sah", post=last)
    assert fresh(other).state == State.AGREED
    assert not other.sessions.exists()


def test_a_suspended_post_takes_nobody(town: Setting) -> None:
    posts.suspend(by=town.viewer("pjj_lead"), post=town.post, reason="works", now=town.now)
    with pytest.raises(GuardRefused, match="pas ouvert"):
        town.assigned()


@pytest.mark.rule("REP-03")
def test_mediation_is_a_form_of_the_module_alone(town: Setting) -> None:
    reparation = town.agreed()
    with pytest.raises(InputRefused, match="cadre"):
        activity.assign_towards_victim(
            by=town.viewer("pjj"), reparation=reparation, form="mediation", mediator="Passerelles", accredited=True,
            now=town.now, expected=None,
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Reparation._base_manager.filter(pk=reparation.pk).update(form="mediation")


@pytest.mark.rule("REP-09")
@pytest.mark.parametrize(
    ("mediator", "accredited", "field"), [("", True, "mediator"), ("Passerelles", False, "accredited")]
)
def test_a_mediation_names_a_structure_accredited_for_it(
    town: Setting, mediator: str, accredited: bool, field: str
) -> None:
    reparation = town.agreed("module")
    with pytest.raises(InputRefused) as refusal:
        activity.assign_towards_victim(
            by=town.viewer("pjj"), reparation=reparation, form="mediation", mediator=mediator, accredited=accredited,
            now=town.now, expected=None,
        )  # fmt: skip
    assert refusal.value.field == field


@pytest.mark.rule("REP-07")
def test_nothing_begins_towards_a_victim_without_a_yes(town: Setting) -> None:
    reparation, victim = town.waiting()
    assert reparation.state == State.VICTIM_PENDING
    with pytest.raises(GuardRefused, match="victime"):
        follow.start(by=town.viewer("pjj"), reparation=reparation, now=town.now, expected=None)
    with pytest.raises(InputRefused, match="Aucune rencontre"):
        activity.plan(
            by=town.viewer("pjj"), reparation=reparation, kind="mediation", day=town.today, starts_at=time(10),
            ends_at=time(11), now=town.now,
        )  # fmt: skip
    with pytest.raises(InputRefused, match="signé"):
        _answer(town, victim, "agreed", upload=None)
    _answer(town, victim, "requested")
    follow.start(by=town.viewer("pjj"), reparation=fresh(reparation), now=town.now, expected=None)
    assert fresh(reparation).state == State.IN_PROGRESS


def _answer(town: Setting, victim: Victim, answer: str, who: str = "pjj", **changes: Any) -> None:
    values: dict[str, Any] = {"answered_on": town.today, "expected": None, "upload": paper()} | changes
    agreements.answer_of_victim(by=town.viewer(who), victim=victim, answer=answer, now=town.now, **values)


@pytest.mark.rule("REP-07")
@pytest.mark.parametrize("answer", ["refused", "unreachable"])
def test_the_refusal_of_the_victim_turns_the_activity_to_the_community(town: Setting, answer: str) -> None:
    reparation, victim = town.waiting(form="victim")
    _answer(town, victim, answer, upload=None)
    reparation = fresh(reparation)
    assert (reparation.state, reparation.form) == (State.ASSIGNED, "community")
    with pytest.raises(GuardRefused, match="lieu d’accueil"):
        follow.start(by=town.viewer("pjj"), reparation=reparation, now=town.now, expected=None)
    reparation = town.place(reparation)
    follow.start(by=town.viewer("pjj"), reparation=reparation, now=town.now, expected=None)
    assert fresh(reparation).state == State.IN_PROGRESS


@pytest.mark.rule("REP-07")
def test_only_a_mediation_is_at_the_request_of_the_victim(town: Setting) -> None:
    _, victim = town.waiting(form="victim")
    with pytest.raises(InputRefused, match="demande"):
        _answer(town, victim, "requested")


@pytest.mark.rule("REP-16")
def test_the_first_half_day_at_the_host_begins_the_reparation(town: Setting) -> None:
    reparation = town.assigned()
    session = reparation.sessions.first()
    then = noon(town.today + timedelta(days=12))
    found = follow.find_session(town.viewer("host", then), session.pk, then)
    follow.record_presence(by=town.viewer("host", then), session=found, presence="present", now=then, expected=1)
    assert (fresh(reparation).state, fresh(reparation).started_on) == (State.IN_PROGRESS, session.day)


def test_a_session_to_come_takes_only_an_excuse(town: Setting) -> None:
    reparation = town.assigned()
    session = reparation.sessions.last()
    by = town.viewer("pjj")
    with pytest.raises(InputRefused, match="pas encore"):
        follow.record_presence(
            by=by, session=follow.find_session(by, session.pk, town.now), presence="absent", now=town.now, expected=1
        )
    follow.record_presence(
        by=by, session=follow.find_session(by, session.pk, town.now), presence="excused", now=town.now, expected=1
    )


def test_the_educator_says_the_part_of_the_parents_and_a_correction_keeps_what_was(town: Setting) -> None:
    reparation = town.running()
    by, then = town.viewer("pjj"), noon(town.today + timedelta(days=12))
    by = town.viewer("pjj", then)
    session = reparation.sessions.first()
    for presence, parents in (("present", "associated"), ("late", "absent")):
        row = follow.find_session(by, session.pk, then)
        follow.record_presence(by=by, session=row, presence=presence, parents=parents, now=then, expected=row.revision)
    assert list(session.history.order_by("history_id").values_list("presence", "parents")) == [
        ("", ""), ("present", "associated"), ("late", "absent"),
    ]  # fmt: skip
    with pytest.raises(ConflictRefused):
        follow.record_presence(
            by=by, session=follow.find_session(by, session.pk, then), presence="present", now=then, expected=1
        )


def test_an_absence_noted_by_the_host_reaches_the_educator_without_a_name(town: Setting) -> None:
    reparation = town.running()
    then = noon(town.today + timedelta(days=12))
    OutboxMail.objects.all().delete()
    session = follow.find_session(town.viewer("host", then), reparation.sessions.first().pk, then)
    follow.record_presence(by=town.viewer("host", then), session=session, presence="absent", now=then, expected=1)
    (mail,) = OutboxMail.objects.all()
    assert mail.to == town.people.pjj.agent.email
    assert "Zzcanari" not in mail.subject


def test_a_session_cancelled_gives_its_place_back_and_keeps_the_others(town: Setting) -> None:
    reparation = town.assigned()
    first, second = reparation.sessions.all()
    by = town.viewer("pjj")
    activity.cancel(by=by, session=follow.find_session(by, first.pk, town.now), now=town.now)
    assert list(Booking.objects.filter(holder=reparation.pk).values_list("day", "state")) == [(second.day, "used")]
    assert list(reparation.sessions.all()) == [second]


def test_another_host_in_the_course_of_it_frees_what_was_to_come(town: Setting) -> None:
    reparation = town.running()
    other = town.catalogue.listed(town.post.host, audience="minors")
    reparation = town.place(reparation, post=other, slots=town.slots(1, first=5))
    assert (reparation.state, reparation.post_id) == (State.IN_PROGRESS, other.pk)
    assert set(Booking.objects.filter(holder=reparation.pk).values_list("post_id", flat=True)) == {other.pk}


def test_more_half_days_at_the_same_host(town: Setting) -> None:
    reparation = town.running()
    activity.add_half_days(by=town.viewer("pjj"), reparation=reparation, slots=town.slots(1, first=6), now=town.now)
    assert (reparation.sessions.count(), Booking.objects.filter(holder=reparation.pk).count()) == (3, 3)
