"""What comes of a réparation: difficulties, the report, the outcome, its end and its erasure (10.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casework import audit
from casework.casefile import erasers
from casework.casefile.ages import AgeBand
from casework.casefile.endings import holds
from casework.casefile.retention import months_after, years_after
from casework.errors import (
    AccessRefused,
    GuardRefused,
    InputRefused,
    MoveRefused,
    Shredded,
)
from casework.placements.hosts.models import Booking
from casework.placements.reparation import facts, law
from casework.placements.reparation.actions import erasing, follow, opening, team
from casework.placements.reparation.codes import CLOSES, ENDED, State
from casework.placements.reparation.models import (
    Reparation,
    ReparationGrant,
)
from casework.placements.reparation.reads import opened, page
from casework.placements.reparation.states import LIFECYCLE
from casework.placements.returns.models import WaitingEnd
from casework.sealing import keys
from tests.casefile.lifecycles import assert_every_pair
from tests.instants import noon
from tests.placements.reparation.setting import Setting, fresh

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.rule("10.3")
def test_every_pair_of_the_table_is_a_move_or_refused() -> None:
    assert_every_pair(LIFECYCLE)


@pytest.mark.rule("REP-15")
def test_a_difficulty_is_told_to_the_magistrate_who_says_what_follows(town: Setting) -> None:
    reparation = town.running("module")
    by = town.viewer("pjj")
    follow.tell_magistrate(
        by=by, reparation=reparation, kind="absences", told_on=town.today, precision="", now=town.now, expected=None
    )
    assert fresh(reparation).state == State.DIFFICULTY
    follow.record_answer(
        by=by, reparation=fresh(reparation), answer="continue", answered_on=town.today, now=town.now, expected=None
    )
    assert fresh(reparation).state == State.IN_PROGRESS
    follow.tell_magistrate(
        by=by, reparation=fresh(reparation), kind="refusal", told_on=town.today, precision="", now=town.now,
        expected=None,
    )  # fmt: skip
    follow.record_answer(
        by=by, reparation=fresh(reparation), answer="report", answered_on=town.today, now=town.now, expected=None
    )
    assert fresh(reparation).state == State.DIFFICULTY, "the report is what moves it"


@pytest.mark.rule("REP-10")
def test_the_report_says_of_each_expected_outcome_how_far_it_was_reached(town: Setting) -> None:
    reparation = town.running()
    with pytest.raises(GuardRefused, match="résultat attendu"):
        _report(town, reparation)
    town.rate(reparation, result="partly")
    _report(town, fresh(reparation))
    assert fresh(reparation).state == State.REPORTED
    assert {goal.result for goal in opened.goals(town.viewer("pjj"), reparation)} == {"en partie"}


def _report(town: Setting, reparation: Reparation) -> None:
    follow.report(
        by=town.viewer("pjj"), reparation=reparation, reported_on=town.today, conclusion="", now=town.now,
        expected=reparation.revision,
    )  # fmt: skip


def test_goals_change_before_the_report_and_keep_their_rating(town: Setting) -> None:
    reparation = town.running()
    town.rate(reparation, result="not")
    follow.set_goals(by=town.viewer("pjj"), reparation=reparation, goals=["activity", "harm"], now=town.now)
    assert [(goal.code, goal.result_code) for goal in opened.goals(town.viewer("pjj"), reparation)] == [
        ("activity", "not"), ("harm", ""),
    ]  # fmt: skip


@pytest.mark.rule("REP-10", "REP-16")
def test_with_the_report_the_host_reads_nothing_more_and_its_places_are_free(town: Setting) -> None:
    reparation = town.reported()
    then = town.now + timedelta(seconds=1)
    assert not facts.visible_to(town.viewer("host", then), then).exists()
    assert not Booking.objects.filter(holder=reparation.pk).exists()
    with pytest.raises(GuardRefused, match="rapport"):
        follow.set_goals(by=town.viewer("pjj"), reparation=reparation, goals=["harm"], now=town.now)


@pytest.mark.rule("10.3")
@pytest.mark.parametrize(("track", "outcome"), sorted(CLOSES))
def test_the_outcome_of_the_magistrate_closes_it(town: Setting, track: str, outcome: str) -> None:
    reparation = town.closed(track, outcome=outcome)
    assert reparation.state == CLOSES[track, outcome]
    with pytest.raises(AccessRefused):
        follow.set_goals(by=town.viewer("pjj"), reparation=reparation, goals=["harm"], now=town.now)


@pytest.mark.rule("10.3")
def test_an_outcome_of_the_other_track_does_not_close(town: Setting) -> None:
    reparation = town.reported()
    with pytest.raises(InputRefused):
        follow.close(
            by=town.viewer("pjj"), reparation=reparation, outcome="fulfilled", closed_on=town.today, now=town.now,
            expected=None,
        )  # fmt: skip


@pytest.mark.rule("REP-13", "DL-14")
def test_half_yearly_reports_of_the_measure_are_noted(town: Setting) -> None:
    start = town.today - timedelta(days=60)
    reparation = town.received("module", measure_from=start, measure_to=start + timedelta(days=700))
    by = town.viewer("pjj")
    first = page.page(by, reparation.pk, town.now).measure_report_due_on
    assert first == months_after(start, 6)
    follow.send_half_yearly(by=by, reparation=reparation, sent_on=town.today, now=town.now)
    assert page.page(by, reparation.pk, town.now).measure_report_due_on == months_after(start, 12)


@pytest.mark.rule("REP-08")
def test_the_magistrate_may_move_the_term_within_the_year(town: Setting) -> None:
    reparation = town.received("module")
    by, longest = town.viewer("pjj"), years_after(reparation.ordered_on, 1)
    opening.change_term(by=by, reparation=reparation, term_on=longest, now=town.now, expected=1)
    assert fresh(reparation).term_on == longest
    with pytest.raises(InputRefused):
        opening.change_term(
            by=by, reparation=fresh(reparation), term_on=longest + timedelta(days=1), now=town.now, expected=2
        )


def test_a_colleague_takes_over_and_the_one_who_leaves_reads_no_more(town: Setting) -> None:
    reparation = town.received()
    with pytest.raises(InputRefused):
        team.hand_over(by=town.viewer("pjj"), reparation=reparation, to=town.people.sah.pk, now=town.now)
    team.hand_over(by=town.viewer("pjj"), reparation=reparation, to=town.people.pjj_lead.pk, now=town.now)
    then = town.now + timedelta(seconds=1)
    assert facts.find(town.viewer("pjj_lead", then), reparation.pk, then)
    with pytest.raises(AccessRefused):
        facts.find(town.viewer("pjj", then), reparation.pk, then)


@pytest.mark.rule("RET-05")
def test_six_months_after_the_outcome_the_file_is_gone_for_everybody(town: Setting) -> None:
    reparation = town.closed()
    gone_on = law.gone_on(town.today)
    on = noon(gone_on - timedelta(days=1))
    assert facts.find(town.viewer("pjj", on), reparation.pk, on)
    after = noon(gone_on)
    with pytest.raises(AccessRefused):
        facts.find(town.viewer("pjj", after), reparation.pk, after)
    with pytest.raises(AccessRefused):
        facts.find(town.viewer("prosecutor", after), reparation.pk, after)


@pytest.mark.rule("REC-24", "SDC-09")
def test_a_reparation_leaves_the_band_of_the_age_at_its_end(town: Setting) -> None:
    town.closed()
    assert WaitingEnd.objects.get().age_band == AgeBand.TO_17


@pytest.mark.rule("RET-05", "RET-07")
def test_the_file_and_its_victim_are_destroyed_that_night_unless_a_hold_keeps_them(town: Setting) -> None:
    gone, victim = town.waiting()
    follow.stop(
        by=town.viewer("pjj"),
        reparation=gone,
        outcome="withdrawn",
        closed_on=town.today,
        now=town.now,
        expected=gone.revision,
    )
    kept, running = town.closed(), town.running()
    holds.impose(by=town.viewer("dpo"), subject_id=kept.subject_id, reason="court", now=town.now)
    gone_on = law.gone_on(town.today)
    term = noon(gone_on)
    assert erasing.erase_closed(noon(gone_on - timedelta(days=1))) == 0
    assert erasing.erase_closed(term) == 1
    assert set(Reparation.objects.values_list("pk", flat=True)) == {kept.pk, running.pk}  # no end, no term
    assert not Reparation.history.filter(subject_id=gone.subject_id).exists()
    for subject in (gone.subject_id, victim.subject_id):
        with pytest.raises(Shredded):
            keys.ensure(subject)
    assert erasing.erase_closed(term) == 0


@pytest.mark.attack("T-32")
def test_erasing_the_young_person_takes_rows_history_documents_places_and_the_victim(town: Setting) -> None:
    reparation, victim = town.waiting()
    placed = town.assigned()
    target = erasers.find(town.people.territory.pk, reparation.reference)
    assert target is not None
    assert victim.subject_id in erasers.everybody(reparation.subject_id)
    for row in (reparation, placed):
        subjects = erasers.everybody(row.subject_id)
        with audit.writing(audit.system_actor(town.people.territory.pk), now=town.now) as w:
            erasers.delete_rows(subjects, w, "erased", town.now)
        erasers.delete_history(subjects)
        assert erasers.standing(subjects) == {}
    assert not Booking.objects.exists()
    assert not ReparationGrant.objects.exists()


def test_an_ended_file_takes_no_further_act(town: Setting) -> None:
    assert {State.REFUSED, State.CLOSED_SUCCESS, State.CLOSED_FAILURE, State.TRANSFERRED, State.VOID} == ENDED
    reparation = town.closed()
    with pytest.raises((AccessRefused, MoveRefused, GuardRefused)):
        follow.tell_magistrate(
            by=town.viewer("pjj"), reparation=reparation, kind="time", told_on=town.today, precision="", now=town.now,
            expected=None,
        )  # fmt: skip
