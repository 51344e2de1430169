"""« Qui connaît ? » : four fields, four equal answers, closed by themselves (CLV-29)."""

from __future__ import annotations

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
from casework.partners.models import GroupRules
from tests.followups.circle import NAME, informed, post, situation, sort
from tests.people import client_for, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")


def allow(people) -> None:
    GroupRules.objects.filter(pk=people.rules.pk).update(who_knows_enabled=True)


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


@pytest.mark.rule("CLV-29")
def test_answers_wait_for_the_review_and_propose_the_circle(people):
    allow(people)
    follow_up = informed(people)
    (question,) = ask(people, follow_up)
    now = timezone.now()
    who_knows.answer(by=viewer_of(people.pjj_lead), question_id=question.pk, answer="intervenes", now=now)

    def seen(mandate):
        viewer = viewer_of(mandate)
        follow_up.refresh_from_db()
        return reads.answers(viewer, follow_up, facts.relation(viewer, follow_up, now), now)

    assert seen(people.coordinator).lines[0].proposes_entry
    assert seen(people.mds_lead) is None, "a service of the circle, before the review"
    type(follow_up).objects.filter(pk=follow_up.pk).update(last_reviewed_on=timezone.localdate())
    assert seen(people.mds_lead).lines[0].label == "Mon service intervient"
    post(
        client_for(people.coordinator), reverse("followups:circle", args=[follow_up.pk]), do="enter", reason="knows",
        organisation=people.pjj_service.pk,
    )  # fmt: skip
    assert CircleMembership.objects.filter(follow_up=follow_up, organisation=people.pjj_service, ends_at=None).exists()
    assert not seen(people.coordinator).lines[0].proposes_entry


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
