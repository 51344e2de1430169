"""A measure from the order to the decision, and what each rule refuses on the way (domain.md §6.1, §10.4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from casework import audit
from casework.casefile import work
from casework.casefile.endings import holds
from casework.errors import AccessRefused, GuardRefused, InputRefused, MoveRefused, Shredded, Unaudited
from casework.sealing import keys
from casework.vif.offenders import facts, law
from casework.vif.offenders.actions import ending, erasing, follow, opening, team
from casework.vif.offenders.codes import ENDED, State
from casework.vif.offenders.data import NATIONAL
from casework.vif.offenders.models import Measure, MeasureGrant, ObligationType, Proof
from casework.vif.offenders.reads import page as reads
from casework.vif.offenders.states import LIFECYCLE
from tests.casefile.lifecycles import assert_every_pair
from tests.instants import noon
from tests.vif.offenders.setting import OFFICER, Setting, fresh

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.rule("10.4", "CJ-33", "CJ-35", "CJ-36", "CJ-38")
def test_every_pair_of_the_table_is_a_move_or_refused(side: Setting) -> None:
    assert_every_pair(LIFECYCLE)
    made = {str(state): side.at(state).pk for state in State}
    for origin in State:
        row = fresh(Measure(pk=made[origin]))
        assert row.state == origin, "each state is reached by acts alone"
        for to in State:
            if to in LIFECYCLE.exits(origin):
                continue
            with pytest.raises(MoveRefused), audit.writing(side.viewer(), now=side.now) as w:
                LIFECYCLE.apply(row, to, w=w, by=side.viewer(), now=side.now, closed_on=side.today)
            assert fresh(row).state == origin
    assert {state for state in State if not LIFECYCLE.exits(state)} == ENDED


@pytest.mark.rule(
    "CJ-05", "CJ-06", "CJ-09", "CJ-10", "CJ-14", "CJ-17", "CJ-18", "CJ-30", "CJ-31", "CJ-32", "CJ-38", "CJ-41"
)
def test_an_obligation_is_quoted_by_the_article_of_its_day(side: Setting) -> None:
    """The renumbering of 2029 is data: the same code, another article."""

    def ref(frame: str, code: str, on: date) -> str:
        return ObligationType.objects.filter(frame=frame, code=code).valid_on(on).get().legal_ref

    before, after = date(2028, 12, 31), date(2029, 1, 1)
    assert ref("supervision", "care", before) == "CPP, art. 138, 10°"
    assert ref("supervision", "care", after) == "CPP, art. L. 3621-4, 8°"
    assert ref("supervision", "summons", after) == "CPP, art. L. 3621-4, 3°"
    assert ref("probation", "home", before) == ref("probation", "home", after) == "code pénal, art. 132-45, 18°"
    for item, code in (
        ("5°", "reporting"),
        ("6°", "summons"),
        ("9°", "contact"),
        ("14°", "weapons"),
        ("17°", "home"),
        ("18°", "course"),
    ):
        assert ref("supervision", code, before) == f"CPP, art. 138, {item}"
    for frame, code in {(each.frame, each.code) for each in NATIONAL}:
        assert ref(frame, code, before)
        assert ref(frame, code, after), "nothing is left without an article on the day of the renumbering"
    row = side.received()
    page = reads.page(side.viewer(), row.pk, side.now)
    assert {line.legal_ref for line in page.obligations} == {f"CPP, art. 138, {n}°" for n in (9, 10, 17)}


@pytest.mark.rule("CJ-33", "CJ-40", "CJ-41", "BAR-03")
@pytest.mark.parametrize(
    ("frame", "change", "field"),
    [
        ("supervision", {"authority": "prosecutor"}, "authority"),
        ("supervision", {"term_on": -70}, "term_on"),
        ("supervision", {"hearing_on": -61}, "hearing_on"),
        ("supervision", {"ordered_on": 1}, "ordered_on"),
        ("supervision", {"obligations": ()}, "obligations"),
        ("supervision", {"obligations": ("places",)}, "obligations"),
        ("supervision", {"bracelet_until": 50}, "bracelet_until"),
        ("alternative", {"term_on": 150}, "term_on"),
        ("composition", {"term_on": 150}, "term_on"),
        ("course", {"term_on": 150}, "term_on"),
        ("supervision", {"last_name": " "}, "last_name"),
    ],
)
def test_an_order_that_the_law_does_not_know_is_refused_at_its_field(
    side: Setting, frame: str, change: dict[str, Any], field: str
) -> None:
    values = {key: side.day(value) if isinstance(value, int) else value for key, value in change.items()}
    with pytest.raises(InputRefused) as refusal:
        side.received(frame, **values)
    assert refusal.value.field == field


@pytest.mark.rule("ACL-01", "CJ-33")
@pytest.mark.parametrize(
    "who", ["apers_victim", "coordinator", "mayor", "spip", "prosecutor", "dpo", "sysadmin", "pjj"]
)
def test_nobody_else_opens_a_measure(side: Setting, who: str) -> None:
    with pytest.raises(AccessRefused):
        side.received(who=who)


@pytest.mark.rule("10.4", "CJ-33")
def test_the_first_interview_held_explains_the_obligations(side: Setting) -> None:
    row = side.received()
    with pytest.raises(InputRefused):
        side.meet(row, "follow_up")
    side.meet(row, "first", "absent", days=-55)
    assert fresh(row).state == State.MANDATED
    side.meet(row, "first")
    held = fresh(row)
    assert (held.state, held.notified_on, held.contact_on) == (State.NOTIFIED, side.day(-50), side.day(-50))


@pytest.mark.rule("BL-04", "CJ-10", "CJ-05")
def test_a_proof_is_seen_or_not_and_nothing_else_is_kept_of_it(side: Setting) -> None:
    row = side.active()
    care = next(line for line in reads.page(side.viewer(), row.pk, side.now).obligations if line.code == "care")
    for seen in ("seen", "not_seen"):
        follow.note_proof(
            by=side.viewer(), measure=fresh(row), seen=seen, day=side.today, now=side.now, obligation_id=care.id
        )
    with pytest.raises(InputRefused):
        follow.note_proof(by=side.viewer(), measure=row, seen="depressed", day=side.today, now=side.now)
    columns = {field.name for field in Proof._meta.get_fields()} - {"history"}
    assert columns == {
        "id", "subject_id", "territory", "revision", "recorded_by", "measure", "obligation", "day", "seen",
    }  # fmt: skip
    with pytest.raises(Unaudited):
        str(Proof.objects.first().seen)
    other = side.active()
    with pytest.raises(AccessRefused):
        follow.note_proof(
            by=side.viewer(), measure=other, seen="seen", day=side.today, now=side.now, obligation_id=care.id
        )


@pytest.mark.rule("CJ-40", "DL-19", "CJ-18")
def test_a_course_lasts_a_month_agreed_by_the_prosecutor_within_six_months(side: Setting) -> None:
    row = side.active("course")

    def plan(days: int, length: int, agreed: bool = True) -> Any:
        return follow.plan_course(
            by=side.viewer(), measure=fresh(row), kind="responsibility", starts_on=side.day(days),
            ends_on=side.day(days + length), agreed=agreed, now=side.now,
        )  # fmt: skip

    for days, length, agreed, field in ((1, 40, True, "ends_on"), (1, 2, False, "agreed"), (119, 20, True, "ends_on")):
        with pytest.raises(InputRefused) as refusal:
            plan(days, length, agreed)
        assert refusal.value.field == field
    course = plan(-3, 2)
    course.measure = fresh(row)
    follow.end_course(by=side.viewer(), course=course, state="done", now=side.now, expected=None)
    assert law.course_due_on(frame="course", ordered_on=date(2026, 8, 31)) == date(2027, 2, 28)


def test_a_lodging_is_asked_for_then_obtained_or_refused_with_its_dates(side: Setting) -> None:
    row = side.active()
    lodging = follow.ask_lodging(by=side.viewer(), measure=row, asked_of="SIAO", asked_on=side.day(-5), now=side.now)
    lodging.measure = fresh(row)
    with pytest.raises(InputRefused):
        follow.answer_lodging(
            by=side.viewer(), lodging=lodging, answer="obtained", answered_on=side.day(-6), now=side.now, expected=None
        )
    follow.answer_lodging(
        by=side.viewer(), lodging=lodging, answer="refused", answered_on=side.today, now=side.now, expected=None
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        type(lodging).objects.filter(pk=lodging.pk).update(answered_on=None)


@pytest.mark.rule("CJ-35", "10.4")
@pytest.mark.parametrize(
    ("answer", "state"), [("continue", "active"), ("modified", "modified"), ("revoked", "revoked")]
)
def test_the_magistrate_says_what_follows_an_incident(side: Setting, answer: str, state: str) -> None:
    report = side.incident(side.active())
    assert report.measure.state == State.BREACH_REPORTED
    row = side.answered(report, answer)
    assert row.state == state
    assert (row.closed_on == side.today) is (state == "revoked")
    if state == "modified":
        kept = row.obligations.count()
        opening.change_obligations(
            by=side.viewer(), measure=row, obligations=["contact", "weapons"], on=side.today, now=side.now
        )
        assert row.obligations.filter(ended_on__isnull=True).count() == 2
        assert row.obligations.count() == kept + 1, "what stays keeps its proofs, what leaves keeps its end"
        row = fresh(row)
        opening.notify_again(by=side.viewer(), measure=row, on=side.today, now=side.now, expected=row.revision)
        assert fresh(row).state == State.ACTIVE


@pytest.mark.rule("CJ-38", "10.4")
def test_the_spip_reads_after_a_conviction_alone_and_writes_nothing(side: Setting) -> None:
    spip = side.people.spip.pk
    row = side.reported()
    with pytest.raises(AccessRefused):
        facts.find(side.viewer("spip"), row.pk, side.now)
    with pytest.raises(InputRefused) as refusal:
        ending.judge(
            by=side.viewer(), measure=row, outcome="acquitted", closed_on=side.today, now=side.now,
            expected=row.revision, spip=spip,
        )  # fmt: skip
    assert refusal.value.field == "spip"
    judged = side.judged(spip=spip)
    page = reads.page(side.viewer("spip"), judged.pk, side.now)
    assert not page.may_change
    told = [item.reference for item in work.for_viewer(side.viewer("spip"), side.now)]
    assert told == [judged.reference]
    with pytest.raises(AccessRefused):
        opening.correct(by=side.viewer("spip"), measure=judged, data=side.order().person, now=side.now, expected=None)
    # A grant given by mistake to the other side opens nothing: its column is empty (rows 19 to 21, VIC-07).
    grant = MeasureGrant.objects.filter(mandate_id=spip)
    assert grant.count() == 1


@pytest.mark.rule("VIC-07")
def test_a_grant_to_the_other_side_opens_nothing(side: Setting) -> None:
    row = side.active()
    with audit.writing(side.viewer(), now=side.now) as w:
        team.put_in_charge(w, by=side.viewer(), measure=row, mandate=side.people.apers_victim, now=side.now)
    with pytest.raises(AccessRefused):
        facts.find(side.viewer("apers_victim"), row.pk, side.now)
    assert not facts.visible_to(side.viewer("apers_victim"), side.now).exists()
    offered = team.colleagues(side.viewer(), row.subject_id, side.now)
    assert {each.role for each in offered} == {"apers_offender"}, "the other side is never offered"
    with pytest.raises(InputRefused):
        team.hand_over(by=side.viewer(), measure=row, to=side.people.apers_victim.pk, now=side.now)


def test_a_colleague_takes_over_and_the_one_who_leaves_reads_no_more(side: Setting) -> None:
    row = side.active()
    team.hand_over(by=side.viewer(), measure=row, to=side.people.mandates["measure_colleague"].pk, now=side.now)
    later = side.now + timedelta(seconds=1)
    with pytest.raises(AccessRefused):
        facts.find(side.viewer(OFFICER, later), row.pk, later)
    assert facts.find(side.viewer("measure_colleague", later), row.pk, later)


@pytest.mark.rule("RET-07", "CJ-38")
def test_the_file_is_gone_six_months_after_its_end_and_destroyed_that_night(side: Setting) -> None:
    kept, row = side.judged(), side.judged()
    holds.impose(by=side.viewer("dpo"), subject_id=kept.subject_id, reason="court", now=side.now)
    assert law.gone_on(date(2026, 8, 31)) == date(2027, 2, 28)
    gone_on = law.gone_on(side.today)
    assert erasing.erase_closed(noon(gone_on - timedelta(days=1))) == 0
    then = noon(gone_on)
    with pytest.raises(AccessRefused):
        facts.find(side.viewer(OFFICER, then), row.pk, then)
    erasing.erase_closed(then)
    assert [each.pk for each in Measure.objects.all()] == [kept.pk], "a legal hold keeps its file"
    assert not MeasureGrant.objects.filter(content_object_id=row.pk).exists()
    assert not row.history.exists()
    with pytest.raises(Shredded):
        keys.ensure(row.subject_id)


@pytest.mark.rule("BAR-03", "CJ-17b")
def test_of_a_bracelet_only_that_it_is_ordered_and_until_when(side: Setting) -> None:
    row = side.received(bracelet=True, bracelet_until=side.day(90))
    page = reads.page(side.viewer(), row.pk, side.now)
    assert (page.bracelet, page.bracelet_until) == (True, side.day(90))
    with reads.gate(side.viewer(), row, facts.ALL):
        assert set(Measure.objects.get(pk=row.pk).bracelet) == {"ordered", "until"}


def test_an_ended_file_takes_no_further_act(side: Setting) -> None:
    row = side.judged()
    for act in (
        lambda: follow.plan(
            by=side.viewer(), measure=row, kind="follow_up", day=side.day(3), at=None, now=side.now  # type: ignore[arg-type]  # refused before
        ),
        lambda: opening.correct(by=side.viewer(), measure=row, data=side.order().person, now=side.now, expected=None),
        lambda: ending.stop(
            by=side.viewer(), measure=row, outcome="lifted", closed_on=side.today, now=side.now, expected=None
        ),
    ):  # fmt: skip
        with pytest.raises((AccessRefused, GuardRefused, MoveRefused)):
            act()
