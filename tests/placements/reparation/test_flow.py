"""From the order to the outcome, and what each rule refuses on the way (domain.md §5, §10.3)."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.timezone import localdate

from casework import audit
from casework.casefile import erasers
from casework.casefile.attached import Upload
from casework.casefile.endings import holds
from casework.casefile.files import Kind
from casework.casefile.models import AttachedFile, FileContent, OutboxMail
from casework.casefile.retention import years_after
from casework.errors import (
    AccessRefused,
    ConflictRefused,
    GuardRefused,
    InputRefused,
    MoveRefused,
    Shredded,
    Unaudited,
)
from casework.placements.hosts.actions import posts
from casework.placements.hosts.models import Booking
from casework.placements.reparation import facts, law
from casework.placements.reparation.actions import activity, agreements, erasing, files, follow, opening, team
from casework.placements.reparation.codes import CLOSES, ENDED, State
from casework.placements.reparation.models import (
    Agreement,
    Reparation,
    ReparationGrant,
    Victim,
)
from casework.placements.reparation.reads import opened, page
from casework.placements.reparation.states import LIFECYCLE
from casework.sealing import keys
from tests.casefile.lifecycles import assert_every_pair
from tests.people import client_for
from tests.placements.reparation.setting import Setting, fresh, paper

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("at_noon")]

OFFICERS = [("pjj", "alternative"), ("pjj", "module"), ("sah", "alternative"), ("sah", "module")]


@pytest.mark.rule("10.3")
def test_every_pair_of_the_table_is_a_move_or_refused() -> None:
    assert_every_pair(LIFECYCLE)


# The order


@pytest.mark.rule("REP-01", "REP-02", "REP-09")
@pytest.mark.parametrize(("who", "track"), OFFICERS)
def test_the_pjj_and_the_accredited_association_receive_both_tracks(town: Setting, who: str, track: str) -> None:
    reparation = town.received(track, who)
    assert reparation.state == (State.PROPOSED if track == "alternative" else State.ORDERED)
    assert reparation.reference.startswith("REP-")
    assert reparation.organisation_id == town.viewer(who).organisation_id


@pytest.mark.parametrize("who", ["coordinator", "host", "mayor", "prosecutor", "spip", "aemo", "outreach", "dpo"])
def test_nobody_else_opens_one(town: Setting, who: str) -> None:
    with pytest.raises(AccessRefused):
        town.received(who=who)


@pytest.mark.rule("REP-02")
@pytest.mark.parametrize(
    ("track", "authority"), [("alternative", "children_judge"), ("module", "prosecutor"), ("alternative", "nobody")]
)
def test_each_track_has_its_own_magistrates(town: Setting, track: str, authority: str) -> None:
    with pytest.raises(InputRefused) as refusal:
        town.received(track, authority=authority)
    assert refusal.value.field == "authority"


@pytest.mark.rule("MIN-01", "MIN-02", "MIN-05", "MIN-06", "REP-08", "REP-13")
@pytest.mark.parametrize(
    ("track", "change", "field"),
    [
        ("alternative", {"born": 12}, "discernment_seen"),
        ("alternative", {"born": 19}, "facts_on"),
        ("module", {"term": 400}, "term_on"),
        ("alternative", {"measure_from": 0, "measure_to": 300}, "measure_from"),
        ("module", {"measure_from": 0, "measure_to": 100}, "measure_to"),
        ("module", {"guilt_on": -20, "sanction_on": 60}, "sanction_on"),
        ("alternative", {"ordered_on": 1}, "ordered_on"),
        ("alternative", {"facts_on": 0}, "facts_on"),
        ("alternative", {"last_name": " "}, "last_name"),
        ("alternative", {"goals": ("good boy",)}, "goals"),
    ],
)
def test_an_order_that_the_law_does_not_know_is_refused_at_its_field(
    town: Setting, track: str, change: dict[str, Any], field: str
) -> None:
    given = dict(change)
    values: dict[str, Any] = {}
    if "born" in given:
        values["born_on"] = years_after(town.today, -given.pop("born"))
    if "term" in given:
        values["term_on"] = town.today + timedelta(days=given.pop("term"))
    values |= {k: town.today + timedelta(days=v) if isinstance(v, int) else v for k, v in given.items()}
    with pytest.raises(InputRefused) as refusal:
        town.received(track, **values)
    assert refusal.value.field == field
    assert not Reparation.objects.exists()


@pytest.mark.rule("MIN-05")
def test_the_age_at_the_facts_is_stored_and_stays(town: Setting) -> None:
    reparation = town.received(born_on=years_after(town.today, -15))
    later = town.now + timedelta(days=120)
    shown = page.page(town.viewer("pjj", later), reparation.pk, later)
    assert shown.age_at_facts == 14


@pytest.mark.rule("MIN-02")
def test_discernment_that_appears_from_the_file_is_recorded(town: Setting) -> None:
    reparation = town.received(born_on=years_after(town.today, -12), discernment_seen=True)
    assert page.page(town.viewer("pjj"), reparation.pk, town.now).discernment_seen


@pytest.mark.rule("MIN-03", "MIN-04")
def test_nothing_here_counts_a_relapse_nor_keeps_a_criminal_record(town: Setting) -> None:
    """An educational measure is no first term of recidivism, and stands on bulletin n° 1 only: no column for either.

    Nor does a second réparation of the same name know of the first: each has a person and a key of its own.
    """
    names = {field.name for model in apps.get_app_config("reparation").get_models() for field in model._meta.fields}
    assert len(names) > 40
    assert not {
        name for name in names for word in ("recid", "relapse", "bulletin", "score", "previous") if word in name
    }
    first, second = town.received(), town.received()
    assert first.subject_id != second.subject_id
    body = client_for(town.people.pjj, now=town.now).get(reverse("reparation:page", args=[second.pk])).content.decode()
    assert first.reference not in body
    assert str(first.subject_id) not in body


# Agreements


@pytest.mark.rule("REP-04", "REP-05", "REP-06")
def test_an_alternative_is_agreed_once_both_signed_and_the_papers_are_joined(town: Setting) -> None:
    reparation = town.received()
    agreements.record(
        by=town.viewer("pjj"), reparation=reparation, party="minor", answer="agreed", said_on=town.today, now=town.now,
        upload=paper(),
    )  # fmt: skip
    assert fresh(reparation).state == State.PROPOSED
    with pytest.raises(InputRefused, match="convoqués"):
        agreements.record(
            by=town.viewer("pjj"), reparation=reparation, party="parents", answer="agreed", said_on=town.today,
            now=town.now, upload=paper(),
        )  # fmt: skip
    agreements.record(
        by=town.viewer("pjj"), reparation=reparation, party="parents", answer="agreed", said_on=town.today,
        summoned_on=town.today, now=town.now,
    )  # fmt: skip
    assert fresh(reparation).state == State.PROPOSED, "the paper of the parents is missing"
    agreements.record(
        by=town.viewer("pjj"), reparation=reparation, party="parents", answer="agreed", said_on=town.today,
        summoned_on=town.today, now=town.now, upload=paper(),
    )  # fmt: skip
    assert fresh(reparation).state == State.AGREED
    assert Agreement.objects.filter(party="parents").count() == 2, "what was said before stays, as replaced"


@pytest.mark.rule("REP-04", "REP-05")
@pytest.mark.parametrize("party", ["minor", "parents"])
def test_a_refusal_goes_back_to_the_prosecutor(town: Setting, party: str) -> None:
    reparation = town.received()
    with pytest.raises(GuardRefused, match="Aucun refus"):
        agreements.give_back(
            by=town.viewer("pjj"), reparation=reparation, closed_on=town.today, now=town.now, expected=None
        )
    reparation = town.say(reparation, refused=party)
    assert reparation.state == State.PROPOSED
    agreements.give_back(
        by=town.viewer("pjj"), reparation=reparation, closed_on=town.today, now=town.now, expected=reparation.revision
    )
    assert (fresh(reparation).state, fresh(reparation).closed_on) == (State.REFUSED, town.today)


@pytest.mark.rule("REP-04", "REP-05", "REP-06")
def test_a_module_asks_no_agreement_but_hears_them_and_joins_the_decision(town: Setting) -> None:
    reparation = town.received("module")
    with pytest.raises(InputRefused, match="n’existe pas"):
        agreements.record(
            by=town.viewer("pjj"), reparation=reparation, party="minor", answer="refused", said_on=town.today,
            now=town.now,
        )  # fmt: skip
    for message, step in (
        ("observations du jeune", lambda: _hear(town, reparation, "minor", "heard")),
        ("parents ont pu", lambda: _hear(town, reparation, "parents", "not_possible")),
        ("décision n’est pas", lambda: files.join(
            by=town.viewer("pjj"), reparation=reparation, kind="decision", upload=paper(), now=town.now
        )),
    ):  # fmt: skip
        with pytest.raises(GuardRefused, match=message):
            town.place(fresh(reparation))
        step()
    assert town.place(fresh(reparation)).state == State.ASSIGNED


def _hear(town: Setting, reparation: Reparation, party: str, answer: str) -> None:
    agreements.record(
        by=town.viewer("pjj"), reparation=reparation, party=party, answer=answer, said_on=town.today, now=town.now
    )


@pytest.mark.rule("REP-06")
def test_a_document_is_cleaned_sealed_and_each_download_is_told(town: Setting) -> None:
    reparation = town.agreed()
    file = AttachedFile.objects.filter(record_id=reparation.pk).first()
    assert file is not None
    with pytest.raises(Unaudited):
        bytes(FileContent.objects.get(file=file).content)
    found = files.download(by=town.viewer("pjj"), file_id=file.pk, now=town.now)
    assert (found.media_type, found.name.startswith("piece-")) == (Kind.PNG.media_type, True)
    with pytest.raises(InputRefused):
        files.join(
            by=town.viewer("pjj"), reparation=reparation, kind="decision", now=town.now,
            upload=Upload("x.pdf", b"MZ not a paper"),
        )  # fmt: skip


# The activity


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


# Sessions


@pytest.mark.rule("REP-16")
def test_the_first_half_day_at_the_host_begins_the_reparation(town: Setting) -> None:
    reparation = town.assigned()
    session = reparation.sessions.first()
    then = town.now + timedelta(days=12)
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
    by, then = town.viewer("pjj"), town.now + timedelta(days=12)
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
    then = town.now + timedelta(days=12)
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


# What comes of it


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
    assert first == law.months_after(start, 6)
    follow.send_half_yearly(by=by, reparation=reparation, sent_on=town.today, now=town.now)
    assert page.page(by, reparation.pk, town.now).measure_report_due_on == law.months_after(start, 12)


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


# Its end


@pytest.mark.rule("RET-05")
def test_six_months_after_the_outcome_the_file_is_gone_for_everybody(town: Setting) -> None:
    reparation = town.closed()
    last_day = law.gone_on(town.today) - timedelta(days=1)
    on = town.now + (last_day - localdate(town.now))
    assert facts.find(town.viewer("pjj", on), reparation.pk, on)
    after = on + timedelta(days=1)
    with pytest.raises(AccessRefused):
        facts.find(town.viewer("pjj", after), reparation.pk, after)
    with pytest.raises(AccessRefused):
        facts.find(town.viewer("prosecutor", after), reparation.pk, after)


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
    term = town.now + (law.gone_on(town.today) - town.today)
    assert erasing.erase_closed(term - timedelta(days=1)) == 0
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
