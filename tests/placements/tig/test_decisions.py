"""The host asked, its answer by the date, the decision that names the person (ASG-01 to ASG-06)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from casework.casefile.calendar import add_working_days
from casework.casefile.models import OutboxMail
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.hosts.actions import requests
from casework.placements.hosts.codes import BookingState
from casework.placements.hosts.models import Accreditation, Booking, Post
from casework.placements.tig.actions import decisions, proposals
from casework.placements.tig.codes import (
    DecisionAuthor,
    State,
)
from casework.placements.tig.models import Fitness, TigGrant
from tests.instants import noon
from tests.placements.tig import setting as stage
from tests.placements.tig.setting import accepted, asked, assigned, demand, exam, fresh

pytestmark = pytest.mark.django_db(databases="__all__")


def test_asking_holds_the_places_and_tells_the_managers_without_a_name(place):
    placement = fresh(asked(place))
    bookings = Booking.objects.filter(holder=placement.pk)
    assert placement.state == State.PROPOSED
    assert bookings.count() == placement.half_days.count() == 6  # 21 hours by three and a half
    assert set(bookings.values_list("state", flat=True)) == {BookingState.RESERVED}
    assert OutboxMail.objects.filter(to=place.people.host.agent.email).exists()


def test_a_second_officer_finds_the_place_taken(place):
    first = asked(place)
    other = demand(place)
    stage.ask(place, other)
    taken = set(first.half_days.values_list("day", "half"))
    assert not taken & set(fresh(other).half_days.values_list("day", "half"))


@pytest.mark.rule("ASG-05", "TNR-04")
def test_a_minor_passes_the_exam_before_any_host_is_asked(place):
    placement = demand(place, "pjj")
    with pytest.raises(GuardRefused, match="visite médicale"):
        stage.ask(place, placement, "pjj")
    proposals.ask_exam(by=place.viewer("pjj"), placement=placement, now=timezone.now())
    exam(place, placement)
    stage.ask(place, placement, "pjj")
    assert fresh(placement).state == State.PROPOSED


@pytest.mark.rule("ASG-05", "ASG-06")
def test_special_risks_ask_for_the_exam_and_unfit_is_no_pass(people):
    place = stage.build(people, risks=["chemicals"])
    placement = demand(place)
    with pytest.raises(GuardRefused, match="risques particuliers"):
        stage.ask(place, placement)
    now = timezone.now()
    common = {"by": place.viewer("spip"), "placement": placement, "seen_on": localdate(now), "now": now}
    with pytest.raises(InputRefused):
        proposals.record_exam(result="fit_with_limits", certificate_seen=True, working_limits=[], **common)
    proposals.record_exam(result="unfit", certificate_seen=True, working_limits=[], **common)
    with pytest.raises(GuardRefused):
        stage.ask(place, placement)
    proposals.record_exam(
        result="fit_with_limits", certificate_seen=True, working_limits=["heavy_loads"],
        **common | {"now": now + timedelta(minutes=1)},
    )  # fmt: skip
    stage.ask(place, placement)


@pytest.mark.rule("10.2")
def test_no_answer_by_the_date_releases_the_place_and_is_never_a_yes(place):
    placement = asked(place)
    proposal = placement.proposals.get()
    day_after = noon(proposal.answer_by + timedelta(days=1))
    assert requests.release_unanswered(timezone.now()) == 0
    assert requests.release_unanswered(day_after) == 1
    assert requests.release_unanswered(day_after) == 0
    placement = fresh(placement)
    assert (placement.state, placement.post, placement.half_days.count()) == (State.MATCHING, None, 0)
    assert not Booking.objects.filter(holder=placement.pk).exists()
    assert placement.proposals.get().answer == "no_answer"
    with pytest.raises(AccessRefused):
        proposals.find_open(place.viewer("host", day_after), proposal.pk, day_after)


def test_a_late_yes_is_no_yes_even_before_the_job_has_run(place):
    placement = asked(place)
    proposal = placement.proposals.get()
    late = noon(proposal.answer_by + timedelta(days=1))
    found = proposals.find_open(place.viewer("host", late), proposal.pk, late)
    with pytest.raises(GuardRefused, match="libérée"):
        proposals.accept(by=place.viewer("host", late), proposal=found, supervisor_id=None, now=late)


def test_the_host_is_reminded_once_the_working_day_before(place):
    placement = asked(place)
    day = add_working_days(placement.proposals.get().answer_by, -1)
    assert requests.remind(timezone.now()) == 0
    assert requests.remind(noon(day)) == 1


def test_a_decline_frees_the_places_and_shuts_the_host_out(place):
    placement = asked(place)
    now = timezone.now()
    host = place.viewer("host", now)
    proposals.decline(
        by=host, proposal=proposals.find_open(host, placement.proposals.get().pk, now), reason="no_room", now=now
    )
    assert fresh(placement).state == State.MATCHING
    assert not Booking.objects.filter(holder=placement.pk).exists()
    assert not TigGrant.objects.live(timezone.now()).filter(mandate=place.people.host).exists()


def test_only_the_host_answers(place):
    placement = asked(place)
    now = timezone.now()
    proposal = proposals.find_open(place.viewer("spip", now), placement.proposals.get().pk, now)
    with pytest.raises(AccessRefused):
        proposals.accept(by=place.viewer("spip", now), proposal=proposal, supervisor_id=None, now=now)


@pytest.mark.rule("ASG-01", "ASG-02", "TIGM-07")
def test_the_decision_has_an_author_of_this_public(place):
    placement = accepted(place)
    with pytest.raises(InputRefused, match="autorité"):
        decisions.decide(
            by=place.viewer("spip"), placement=placement, author=DecisionAuthor.PJJ, decided_on=localdate(),
            last_name="Zz", first_name="Léo", phone="", now=timezone.now(), expected=None,
        )  # fmt: skip
    assert fresh(assigned(place)).state == State.ASSIGNED


@pytest.mark.rule("10.2")
def test_no_decision_before_the_host_has_agreed(place):
    placement = fresh(asked(place))
    with pytest.raises(GuardRefused, match="pas encore accepté"):
        decisions.decide(
            by=place.viewer("spip"), placement=placement, author=DecisionAuthor.JAP, decided_on=localdate(),
            last_name="Zz", first_name="Léo", phone="", now=timezone.now(), expected=None,
        )  # fmt: skip


@pytest.mark.rule("ASG-03")
@pytest.mark.parametrize("lost", ["list", "accreditation"])
def test_no_decision_on_a_post_off_the_list_or_a_host_without_accreditation(place, lost):
    placement = accepted(place)
    if lost == "list":
        row = Post.objects.get(pk=place.post.pk)
        row.state, row.suspended_by = "suspended", "spip"
        row.save()
    else:
        for row in Accreditation.objects.filter(host=place.host):
            row.expires_on = localdate() - timedelta(days=1)
            row.save()
    with pytest.raises(GuardRefused):
        decisions.decide(
            by=place.viewer("spip"), placement=fresh(placement), author=DecisionAuthor.JAP, decided_on=localdate(),
            last_name="Zz", first_name="Léo", phone="", now=timezone.now(), expected=None,
        )  # fmt: skip


@pytest.mark.rule("ASG-06")
def test_of_the_exam_only_result_date_and_certificate_have_a_column():
    kept = {field.attname for field in Fitness._meta.concrete_fields}
    assert kept - {"id", "subject_id", "revision", "territory_id", "placement_id", "recorded_at"} == {
        "result", "seen_on", "certificate_seen"
    }  # fmt: skip


@pytest.mark.rule("TNR-06")
@pytest.mark.parametrize("lost", ["list", "accreditation"])
def test_a_minor_needs_the_list_and_the_accreditation_of_the_pjj(place, lost):
    placement = accepted(place, "pjj")
    if lost == "list":
        row = Post.objects.get(pk=place.post.pk)
        row.listed_minors_on = None
        row.save()
    else:
        row = Accreditation.objects.get(host=place.host, audience="minors")
        row.expires_on = localdate() - timedelta(days=1)
        row.save()
    with pytest.raises(GuardRefused):
        decisions.decide(
            by=place.viewer("pjj"), placement=fresh(placement), author=DecisionAuthor.PJJ, decided_on=localdate(),
            last_name="Zz", first_name="Léo", phone="", now=timezone.now(), expected=None,
        )  # fmt: skip
