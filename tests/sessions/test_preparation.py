"""« Ma préparation »: written by its service, hidden from all others; « Question sans nom »; deadlines; work."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils.timezone import localdate

from casework import audit
from casework.casefile import work
from casework.casefile.retention import months_after
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups.models import AnonymousCount, FollowedPerson, FollowUp
from casework.minors.sessions import deadlines
from casework.minors.sessions.actions import meeting, preparation, questions
from casework.minors.sessions.actions.preparation import PreparationData
from casework.minors.sessions.actions.questions import QuestionData
from casework.minors.sessions.models import AgendaLine, AnonymousQuestion, GroupSession, Preparation
from casework.minors.sessions.reads import agenda as agenda_reads
from casework.minors.sessions.reads import preparation as reads
from casework.minors.sessions.reads import questions as question_reads
from tests.people import client_for
from tests.sessions.agenda_setting import Month, month

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def this(people) -> Month:
    return month(people)


@pytest.fixture
def line(this) -> AgendaLine:
    """Return a line of the PJJ's circle, on an agenda sent."""
    row = this.followed("Zzcanari", review_in=1)
    this.decision(row)
    this.build()
    this.convened()
    return this.session.lines.get()


def save(this: Month, line: AgendaLine, who: str = "pjj_lead", **codes) -> None:
    preparation.save(by=this.viewer(who), session=this.fresh(), lines={line.pk: PreparationData(**codes)}, now=this.now)


@pytest.mark.parametrize("state", ["nothing_new", "will_speak", "last_decisions", "proposes", "nothing_to_say"])
def test_each_of_the_five_states_counts_as_done(this, line, state):
    save(this, line, state=state)
    page = reads.page(this.viewer("pjj_lead"), this.fresh(), now=this.now)
    assert (page.lines[0].state, page.done) == (state, 1)
    assert agenda_reads.page(this.by, this.session, now=this.now).prepared == 1


def test_own_decisions_and_a_proposal_are_kept_and_taken_back(this, line):
    own = reads.page(this.viewer("pjj_lead"), this.fresh(), now=this.now).lines[0].decisions[0]
    save(this, line, decisions={own.id: "not_done"})
    found = reads.page(this.viewer("pjj_lead"), this.fresh(), now=this.now).lines[0]
    assert (found.state, found.decisions[0].answer) == ("last_decisions", "not_done")
    save(this, line, state="proposes", proposes="school_return")
    assert reads.page(this.viewer("pjj_lead"), this.fresh(), now=this.now).lines[0].proposes == "school_return"
    save(this, line)
    assert not Preparation.objects.exists()


@pytest.mark.parametrize(
    "codes",
    [
        {"state": "<script>"},
        {"state": "é" * 300},
        {"state": "proposes", "proposes": "🧨"},
        {"decisions": {uuid.uuid4(): "done"}},
        {"state": "will_speak", "fact_kind": "met_family"},
    ],
)
def test_what_is_not_a_code_is_refused(this, line, codes):
    with pytest.raises(InputRefused):
        save(this, line, **codes)
    assert not Preparation.objects.exists()


def test_a_dated_fact_needs_the_switch_of_the_service(this, line):
    today = localdate(this.now)
    codes = {"state": "will_speak", "fact_kind": "met_family", "fact_on": today}
    with pytest.raises(InputRefused):
        save(this, line, **codes)
    seat = this.people.memberships["pjj_service"]
    seat.dated_facts_enabled = True
    seat.save()
    save(this, line, **codes)
    for day in (today + timedelta(days=1), today - timedelta(days=4000)):
        with pytest.raises(InputRefused):
            save(this, line, **(codes | {"fact_on": day}))


@pytest.mark.parametrize("who", ["aemo_lead", "coordinator", "mayor", "sah", "dpo", "stranger", "ended", "unsigned"])
def test_only_the_circle_and_the_services_asked_prepare(this, line, who):
    with pytest.raises(AccessRefused):
        save(this, line, who, state="nothing_new")


def test_a_service_asked_prepares_without_the_review(this, line):
    asked = [this.people.pjj_service.pk, this.people.mds_service.pk]
    meeting.set_line(by=this.by, session=this.fresh(), line_id=line.pk, minutes=8, asked=asked, now=this.now)
    save(this, line, "mds_lead", state="will_speak")
    found = reads.page(this.viewer("mds_lead"), this.fresh(), now=this.now).lines[0]
    assert found.name == "Yanis Zzcanari"
    assert found.decisions == ()


@pytest.mark.attack("T-38")
def test_nobody_else_reads_a_preparation_before_the_line_opens(this, line):
    """Canaries: a code that only the preparation holds is on no page of anybody else, and no state at all."""
    asked = [this.people.pjj_service.pk, this.people.mds_service.pk]
    meeting.set_line(by=this.by, session=this.fresh(), line_id=line.pk, minutes=8, asked=asked, now=this.now)
    save(this, line, state="proposes", proposes="leisure_or_sport")
    found = reads.page(this.viewer("mds_lead"), this.fresh(), now=this.now).lines[0]
    assert (found.state, found.proposes, found.saved_at) == ("", "", None)
    for who in ("coordinator", "mds_lead", "aemo_lead"):
        client = client_for(this.people.mandates[who])
        for page in ("", "ordre-du-jour/"):
            text = client.get(f"/reunions/{this.session.pk}/{page}").content.decode()
            assert "loisirs ou sport" not in text
            assert "leisure_or_sport" not in text
    text = client_for(this.people.coordinator).get(f"/reunions/{this.session.pk}/ordre-du-jour/").content.decode()
    assert "Préparé par 1 service" in text


def test_an_opened_line_is_no_longer_prepared(this, line):
    AgendaLine.objects.filter(pk=line.pk).update(opened_at=this.now)
    with pytest.raises(GuardRefused):
        save(this, line, state="nothing_new")


def test_the_row_holds_no_clear_code(this, line):
    save(this, line, state="proposes", proposes="leisure_or_sport")
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM group_sessions_preparation")
        raw = bytes(cursor.fetchone()[0])
    assert raw
    assert b"leisure" not in raw


def test_twelve_situations_are_one_read_and_one_write(this, django_assert_max_num_queries):
    for n in range(12):
        this.followed(f"Zz{n}", review_in=1)
    this.build()
    this.convened()
    lines = {row.pk: PreparationData(state="nothing_new") for row in this.session.lines.all()}
    preparation.save(by=this.viewer("pjj_lead"), session=this.fresh(), lines=lines, now=this.now)
    assert Preparation.objects.count() == 12
    with django_assert_max_num_queries(25):
        assert reads.page(this.viewer("pjj_lead"), this.fresh(), now=this.now).done == 12


def test_work_says_how_many_and_that_it_is_optional(this, line):
    def mine() -> list[str]:
        return [item.label for item in work.for_viewer(this.viewer("pjj_lead"), this.now)]

    assert any(label.endswith(": 1 situation à préparer (facultatif)") for label in mine())
    save(this, line, state="nothing_new")
    assert not any("préparer" in label for label in mine())
    assert not any("préparer" in item.label for item in work.for_viewer(this.viewer("aemo_lead"), this.now))


# -------------------------------------------------------------------------------------------- question sans nom


def ask(this: Month, who: str = "outreach", **codes) -> AnonymousQuestion:
    wanted = {"topic": "contact", "age_band": "13-15", "sector": "Centre"} | codes
    return questions.ask(by=this.viewer(who), data=QuestionData(**wanted), now=this.now)


@pytest.mark.rule("SEC-09")
def test_a_question_makes_no_person_and_is_sealed_under_the_meeting(this):
    question = ask(this)
    assert not FollowedPerson.objects.exists()
    assert not FollowUp.objects.exists()
    assert question.subject_id == this.session.pk
    line = this.session.lines.get()
    assert (line.kind, line.subject_id, line.follow_up_id) == ("question", this.session.pk, None)
    assert question_reads.mine(this.viewer("outreach"), now=this.now)[0].sector == "Centre"
    assert question_reads.mine(this.viewer("outreach_colleague"), now=this.now) == ()


@pytest.mark.parametrize("codes", [{"topic": "Yanis"}, {"age_band": "15"}, {"sector": "Yanis habite bât. C " * 20}])
def test_a_question_has_no_room_for_a_name(this, codes):
    with pytest.raises(InputRefused):
        ask(this, **codes)


@pytest.mark.parametrize("who", ["education", "national_police", "mayor", "sah", "dpo", "ended", "unsigned"])
def test_only_members_of_the_group_ask(this, who):
    with pytest.raises(AccessRefused):
        ask(this, who)


def test_without_a_meeting_ahead_there_is_no_question(this):
    GroupSession.objects.update(state="cancelled")
    with pytest.raises(GuardRefused):
        ask(this)


@pytest.mark.rule("SEC-09")
def test_questions_are_deleted_at_approval_and_a_count_stays(this):
    ask(this)
    ask(this, topic="school", age_band="", sector="")
    with audit.writing(this.by, now=this.now) as w:
        assert questions.delete_questions(w, this.session, this.now) == 2
    assert not AnonymousQuestion.objects.exists()
    assert AnonymousCount.objects.get(kind="question").total == 2
    with audit.writing(this.by, now=this.now) as w:
        assert questions.delete_questions(w, this.session, this.now) == 0
    assert AnonymousCount.objects.get(kind="question").total == 2


def test_only_its_author_takes_it_back(this):
    question = ask(this)
    for who in ("outreach_colleague", "coordinator"):
        with pytest.raises(AccessRefused):
            questions.withdraw(by=this.viewer(who), question_id=question.pk, now=this.now)
    questions.withdraw(by=this.viewer("outreach"), question_id=question.pk, now=this.now)
    assert not this.session.lines.exists()
    assert not AnonymousCount.objects.exists()


@pytest.mark.rule("SEC-09")
def test_street_outreach_brings_by_name_only_with_agreement(this):
    from casework.minors.followups.actions import referrals
    from casework.minors.followups.data import PersonData, ReferralData

    person = PersonData(last_name="Zz", first_name="Yanis", birth_date=date(this.now.year - 15, 1, 1))
    for gateway, allowed in (("csi_l132_5", False), ("person_agreement", True)):
        wanted = ReferralData(person=person, origin="street_outreach", gateway=gateway, reasons=("runaway",))
        if allowed:
            assert referrals.refer(by=this.viewer("outreach"), data=wanted, now=this.now)
        else:
            with pytest.raises(InputRefused):
                referrals.refer(by=this.viewer("outreach"), data=wanted, now=this.now)


# -------------------------------------------------------------------------------------------- deadlines


@pytest.mark.rule("DL-05")
def test_a_month_without_meeting_is_a_deadline(this):
    starts = this.now - timedelta(days=40)
    held = GroupSession.objects.get()
    GroupSession.objects.update(state="closed", starts_at=starts, ends_at=starts + timedelta(hours=2))
    found = [row for row in deadlines.for_coordinator(this.by, this.now) if row.rule == "DL-05"]
    assert [(row.object_id, row.state) for row in found] == [(held.pk, "late")]
    assert found[0].due == months_after(localdate(starts), 1)
    assert deadlines.for_coordinator(this.viewer("pjj_lead"), this.now) == []
    month(this.people, now=this.now)
    assert not [row for row in deadlines.for_coordinator(this.by, this.now) if row.rule == "DL-05"]


@pytest.mark.rule("DL-05")
def test_three_meetings_alert_and_twelve_months_ask_for_an_end(this):
    today = localdate(this.now)
    fresh = this.followed("Zzfresh", sessions_missed=2)
    stale = this.followed("Zzstale", sessions_missed=3)
    old = this.followed("Zzold", sessions_missed=12, last_reviewed_on=today - timedelta(days=380))
    found = {row.object_id: row for row in deadlines.for_coordinator(this.by, this.now) if row.rule == "DL-05"}
    assert fresh.pk not in found
    assert "3 réunions" in found[stale.pk].label
    assert "douze mois" in found[old.pk].label
    assert found[old.pk].state == "late"
    assert "Zz" not in "".join(row.label for row in found.values())
