"""« Qui connaît ? » : four fields, four equal answers, closed by themselves (CLV-29)."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from casework.audit.models import AuditEvent
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups import facts, work
from casework.minors.followups.actions import who_knows
from casework.minors.followups.codes import WhoKnowsAnswer
from casework.minors.followups.models import CircleMembership, WhoKnows
from casework.minors.followups.reads import who_knows as reads
from casework.minors.sessions.actions import meeting, room
from casework.minors.sessions.models import GroupSession
from tests.followups.circle import NAME, informed, post, rules_say, situation, sort
from tests.people import client_for, viewer_of
from tests.sessions import room_setting

pytestmark = pytest.mark.django_db(databases="__all__")


def allow(people) -> None:
    rules_say(people, who_knows_enabled=True)


def ask(people, follow_up, *services: str):
    return who_knows.ask(
        by=viewer_of(people.coordinator), follow_up_ids=[follow_up.pk],
        organisation_ids=[people.organisations[key].pk for key in services or ("pjj_service",)],
        answer_by=timezone.localdate() + timedelta(days=7), now=timezone.now(),
    )  # fmt: skip


def asked(people, mandate):
    return reads.questions(viewer_of(mandate), timezone.now())


@pytest.mark.rule("CLV-29")
def test_it_is_off_by_default(people):
    with pytest.raises(GuardRefused, match="règlement"):
        ask(people, informed(people))
    assert not WhoKnows.objects.exists()


@pytest.mark.rule("CLV-29", "SIT-07")
def test_the_family_is_told_first(people):
    allow(people)
    follow_up = situation(people)
    sort(people, follow_up, timezone.now())
    with pytest.raises(GuardRefused, match="informez"):
        ask(people, follow_up)


@pytest.mark.rule("CLV-29", "CLV-26")
def test_the_asked_seat_lists_four_fields_and_opens_nothing(people):
    allow(people)
    follow_up = informed(people)
    ask(people, follow_up)
    before = AuditEvent.objects.filter(act="list").count()
    (row,) = asked(people, people.pjj_lead)
    assert (row.last_name, row.first_name, row.sector) == (NAME, "Yanis", "Maille 2")
    assert AuditEvent.objects.filter(act="list").count() == before + 1
    assert asked(people, people.pjj) == ()  # a colleague without the seat
    assert asked(people, people.aemo_lead) == ()
    assert asked(people, people.stranger) == ()
    viewer = viewer_of(people.pjj_lead)
    assert not facts.visible_to(viewer, timezone.now()).exists()
    client = client_for(people.pjj_lead)
    assert client.get(reverse("followups:page", args=[follow_up.pk])).status_code == 404
    page = client.get(reverse("followups:who_knows")).content.decode()
    assert NAME in page
    for hidden in (follow_up.reference, "Ormes", "fugue", "Samia", "mesure éducative"):
        assert hidden not in page


@pytest.mark.rule("CLV-29")
@pytest.mark.parametrize("answer", WhoKnowsAnswer.values)
def test_four_equal_answers_two_close_the_fields_at_once(people, answer):
    allow(people)
    (question,) = ask(people, informed(people))
    client = client_for(people.pjj_lead)
    form = {"once": str(uuid.uuid4()), "question": question.pk, "answer": answer}
    url = reverse("followups:who_knows_answer")
    assert client.post(url, form).status_code == client.post(url, form).status_code == 302  # double click
    question.refresh_from_db()
    closed = answer in ("unknown", "no_statement")
    assert (question.fields_closed_at is not None) is closed
    assert (NAME in client.get(reverse("followups:who_knows")).content.decode()) is not closed
    events = AuditEvent.objects.filter(why="answered")
    assert events.count() == 1
    again = post(client, url, question=question.pk, answer="known")
    assert again.status_code == (404 if closed else 302)


@pytest.mark.rule("CLV-29")
def test_silence_counts_as_no_statement_and_closes(people):
    allow(people)
    follow_up = informed(people)
    ask(people, follow_up)
    later = timezone.now() + timedelta(days=9)
    with time_machine.travel(later, tick=False):
        assert reads.questions(viewer_of(people.pjj_lead), timezone.now()) == ()
        viewer = viewer_of(people.coordinator)
        relation = facts.relation(viewer, follow_up, timezone.now())
        (line,) = reads.answers(viewer, follow_up, relation, timezone.now()).lines
        assert line.label == "Ne se prononce pas"


def meet(people, starts_at, session=None):
    """Plan a meeting of the group, or move one."""
    by, now = viewer_of(people.coordinator), timezone.now()
    data = meeting.MeetingData(
        starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), place="Salle du conseil",
        organisation_ids=(people.pjj_service.pk, people.mds_service.pk),
    )  # fmt: skip
    if session is None:
        return meeting.prepare(by=by, data=data, now=now)
    session.refresh_from_db()
    meeting.change(by=by, session=session, data=data, now=now, expected=session.revision)
    return session


def open_at(people, moment) -> bool:
    """Say whether the asked seat still lists the name at an instant."""
    with time_machine.travel(moment, tick=False):
        return bool(reads.questions(viewer_of(people.pjj_lead), timezone.now()))


@pytest.mark.rule("CLV-29", "CLV-21")
def test_the_question_closes_when_the_meeting_begins_wherever_it_is_moved(people):
    allow(people)
    follow_up = informed(people)
    starts_at = timezone.now() + timedelta(days=12)
    session = meet(people, starts_at)
    who_knows.ask(  # no day to choose: the meeting says it
        by=viewer_of(people.coordinator), follow_up_ids=[follow_up.pk], organisation_ids=[people.pjj_service.pk],
        now=timezone.now(),
    )  # fmt: skip
    minute = timedelta(minutes=1)
    assert open_at(people, starts_at - minute)
    assert not open_at(people, starts_at)
    with time_machine.travel(starts_at, tick=False):
        viewer = viewer_of(people.coordinator)
        (line,) = reads.answers(viewer, follow_up, facts.relation(viewer, follow_up, timezone.now()), starts_at).lines
        assert (line.label, line.waits_until) == ("Ne se prononce pas", None)
        with pytest.raises(AccessRefused):
            who_knows.answer(
                by=viewer_of(people.pjj_lead), question_id=WhoKnows.objects.get().pk, answer="known", now=starts_at
            )
    for days in (20, 5):
        moved = timezone.now() + timedelta(days=days)
        session = meet(people, moved, session)
        assert open_at(people, moved - minute)
        assert not open_at(people, moved)
    session.refresh_from_db()
    meeting.cancel(by=viewer_of(people.coordinator), session=session, now=timezone.now(), expected=session.revision)
    assert open_at(people, starts_at - minute), "no meeting any more: the hour first told"
    assert not open_at(people, starts_at)


@pytest.mark.rule("CLV-29")
def test_a_day_is_asked_only_where_no_meeting_is_planned_and_a_meeting_comes_first(people):
    allow(people)
    follow_up = informed(people)
    client = client_for(people.coordinator)
    form = {"follow_ups": follow_up.pk, "organisations": people.pjj_service.pk}
    assert 'name="answer_by"' in client.get(reverse("followups:who_knows")).content.decode()
    assert post(client, reverse("followups:who_knows_ask"), **form).status_code == 422
    assert not WhoKnows.objects.exists()
    ask(people, follow_up)  # within seven days
    soon = timezone.now() + timedelta(days=3)
    meet(people, soon)
    assert 'name="answer_by"' not in client.get(reverse("followups:who_knows")).content.decode()
    assert open_at(people, soon - timedelta(minutes=1))
    assert not open_at(people, soon)
    far = timezone.now() + timedelta(days=25)
    WhoKnows.objects.all().delete()
    meet(people, far, GroupSession.objects.get())
    post(client, reverse("followups:who_knows_ask"), **form)
    assert WhoKnows.objects.get().closes_at == far


@pytest.mark.rule("CLV-29", "CLV-05")
def test_answers_wait_for_the_room_and_propose_the_circle(people):
    allow(people)
    this = room_setting.build(people, opened=False)
    line = this.lines[0]
    follow_up = this.followed[0]
    (question,) = ask(people, follow_up, "mds_service")
    now = timezone.now()
    who_knows.answer(by=viewer_of(people.mds_lead), question_id=question.pk, answer="intervenes", now=now)

    def seen(mandate):
        viewer = viewer_of(mandate)
        follow_up.refresh_from_db()
        return reads.answers(viewer, follow_up, facts.relation(viewer, follow_up, now), now)

    assert seen(people.coordinator).lines[0].proposes_entry
    assert seen(people.pjj_lead) is None, "a service of the circle, before the room"
    type(follow_up).objects.filter(pk=follow_up.pk).update(last_reviewed_on=timezone.localdate())
    room.start(
        by=this.by, session=this.session, now=now,
        presences={row.pk: "present" for row in this.session.members.filter(is_guest=False)},
    )  # fmt: skip
    assert seen(people.pjj_lead) is None, "the meeting is open, this situation is not"
    room.open_line(by=this.by, session=this.session, line_id=line.pk, now=timezone.now())
    assert seen(people.pjj_lead).lines[0].label == "Mon service intervient"
    assert not seen(people.pjj_lead).may_manage
    post(
        client_for(people.coordinator), reverse("followups:circle", args=[follow_up.pk]), do="enter", reason="knows",
        organisation=people.mds_service.pk,
    )  # fmt: skip
    assert CircleMembership.objects.filter(follow_up=follow_up, organisation=people.mds_service, ends_at=None).exists()
    assert not seen(people.coordinator).lines[0].proposes_entry


@pytest.mark.rule("CLV-29")
def test_an_answer_given_after_the_room_waits_for_the_next_one(people):
    allow(people)
    this = room_setting.build(people)
    room.open_line(by=this.by, session=this.session, line_id=this.lines[0].pk, now=timezone.now())
    follow_up = this.followed[0]
    ask(people, follow_up, "mds_service")
    viewer = viewer_of(people.pjj_lead)
    now = timezone.now()
    assert reads.answers(viewer, follow_up, facts.relation(viewer, follow_up, now), now) is None


@pytest.mark.rule("CLV-29", "CLV-05")
def test_only_the_coordinator_asks_and_only_services_of_the_group(people):
    allow(people)
    follow_up = informed(people)
    with pytest.raises(GuardRefused, match="siègent"):
        ask(people, follow_up, "probation")
    with pytest.raises(AccessRefused):
        who_knows.ask(
            by=viewer_of(people.mds_lead), follow_up_ids=[follow_up.pk], organisation_ids=[people.pjj_service.pk],
            answer_by=timezone.localdate() + timedelta(days=3), now=timezone.now(),
        )  # fmt: skip
    for days in (-1, 0, 32, 400000):
        with pytest.raises(InputRefused):
            who_knows.ask(
                by=viewer_of(people.coordinator), follow_up_ids=[follow_up.pk],
                organisation_ids=[people.pjj_service.pk], answer_by=timezone.localdate() + timedelta(days=days),
                now=timezone.now(),
            )  # fmt: skip
    (question,) = ask(people, follow_up)
    with pytest.raises(InputRefused):
        who_knows.answer(by=viewer_of(people.pjj_lead), question_id=question.pk, answer="MJIE", now=timezone.now())
    assert client_for(people.coordinator).get(reverse("followups:who_knows")).status_code == 200
    for who in ("mayor", "spip", "education"):
        assert client_for(people.mandates[who]).get(reverse("followups:who_knows")).status_code == 404
    assert [line.rule for line in work.questions(viewer_of(people.pjj_lead), timezone.now())] == ["CLV-29"]


def test_the_names_to_choose_among_hide_with_the_others(people):
    allow(people)
    informed(people)
    html = client_for(people.coordinator).get(reverse("followups:who_knows")).content.decode()
    assert re.search(r'<span class="cw-name" data-short="Y\. B\. · [^"]+">Yanis ' + NAME + "</span>", html)
    assert NAME not in re.sub(r'<span class="cw-name".*?</span>', "", html)
