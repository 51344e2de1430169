"""The room: projected without a name, one act a click, nothing twice, nothing lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from casework import audit
from casework.audit.models import AuditEvent
from casework.errors import AccessRefused, GuardRefused
from casework.minors.followups.codes import ActionResult, ActionType, Outcome, Stage
from casework.minors.followups.models import Action, FollowUp, SchemeStatus
from casework.minors.sessions.actions import room as acts
from casework.minors.sessions.codes import LineState, SessionState
from casework.minors.sessions.models import GroupSession, Review
from casework.minors.sessions.reads import room as reads
from tests.people import People, client_for, viewer_of
from tests.sessions.room_setting import CANARIES, Setting, bring, build, prepared, token, url

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def room(people: People) -> Setting:
    return build(people)


@pytest.fixture
def client(room: Setting) -> Client:
    return client_for(room.people.coordinator)


def no_name(body: str) -> None:
    for first, last in CANARIES:
        assert last not in body
        assert f">{first}" not in body
        assert f"{first} " not in body


# Nobody's name on a projected page (T-40) ---------------------------------------------------------------------------


@pytest.mark.attack("T-40")
@pytest.mark.rule("CLV-26")
def test_no_page_of_the_room_holds_a_name(room: Setting, client: Client) -> None:
    for n in range(4):
        target = f"{url(room, 'room')}?ligne={room.lines[n].pk}"
        closed = client.get(target)
        assert closed.status_code == 200
        no_name(closed.content.decode())
        bring(room, n)
        opened = client.get(target).content.decode()
        no_name(opened)
        assert "4" in opened
        for mandate in ("coordinator", "pjj_lead", "aemo_lead", "mds_lead", "outreach_lead"):
            followed = client_for(room.people.mandates[mandate]).get(url(room, "follow"))
            assert followed.status_code == 200
            no_name(followed.content.decode())
    no_name(client.get(url(room, "from_sheet")).content.decode())


@pytest.mark.rule("CLV-26")
def test_a_new_referral_shows_its_card_only_before_its_first_opening(room: Setting, client: Client) -> None:
    page = client.get(f"{url(room, 'room')}?ligne={room.lines[2].pk}").content.decode()
    assert "N.Z." in page.replace(" ", "").replace("\u202f", "")
    assert "Ouvrir la situation" in page
    assert "Aujourd’hui</h2>" not in page
    assert "data-reveal" not in page


def test_only_the_circle_follows_the_decisions(room: Setting) -> None:
    bring(room)
    mine = client_for(room.people.pjj_lead).get(url(room, "follow")).content.decode()
    theirs = client_for(room.people.aemo_lead).get(url(room, "follow")).content.decode()
    assert "rencontre avec la famille" in mine
    assert "rencontre avec la famille" not in theirs
    assert "Y. Z." in theirs  # the anonymous card of whoever is invited


@pytest.mark.rule("ACL-02")
def test_the_room_is_the_coordinator_s(room: Setting) -> None:
    for mandate in ("pjj_lead", "mayor", "education", "stranger", "ended", "unsigned"):
        client = client_for(room.people.mandates[mandate])
        assert client.get(url(room, "room")).status_code in (302, 404)
        assert client.post(url(room, "room_keep", room.lines[0].pk), token() | {"revision": "1"}).status_code in (
            302, 404,
        )  # fmt: skip
    assert client_for(room.people.stranger).get(url(room, "follow")).status_code == 404
    assert client_for(room.people.stranger).get(url(room, "pulse")).status_code == 404


# The held key -------------------------------------------------------------------------------------------------------


def reveals() -> int:
    return AuditEvent.objects.filter(act=audit.Act.REVEAL.value).count()


def test_a_held_key_shows_the_name_and_the_preparations_and_is_told_each_time(room: Setting, client: Client) -> None:
    bring(room)
    prepared(room, room.lines[0], "pjj_lead", {"state": "will_speak"})
    page = client.get(url(room, "room")).content.decode()
    assert "préparé par 1 service" in page
    assert "J’en parlerai" not in page
    shown = client.post(url(room, "room_reveal", room.lines[0].pk)).content.decode()
    assert "Yanis Zzbelkacem" in shown
    assert "J’en parlerai en réunion" in shown
    assert reveals() == 1
    client.post(url(room, "room_reveal", room.lines[0].pk))
    assert reveals() == 2


def test_reveal_needs_the_right_and_an_opened_line(room: Setting, client: Client) -> None:
    assert client.post(url(room, "room_reveal", room.lines[0].pk)).status_code == 409  # not opened yet
    bring(room)
    invited = client_for(room.people.mds_lead)
    assert invited.post(url(room, "room_reveal", room.lines[0].pk)).status_code == 404
    assert reveals() == 0
    own = client_for(room.people.pjj_lead).post(url(room, "room_reveal", room.lines[0].pk))
    assert "Zzbelkacem" in own.content.decode()


def test_a_guest_without_function_blocks_the_name(room: Setting, client: Client) -> None:
    bring(room)
    answer = client.post(url(room, "room_guest"), token() | {"organisation": str(room.people.school.pk)})
    assert answer.status_code == 302
    refused = client.post(url(room, "room_reveal", room.lines[0].pk))
    assert refused.status_code == 409
    assert "invité sans fonction" in refused.content.decode()
    no_name(refused.content.decode())
    assert reveals() == 0
    guest = room.session.members.get(is_guest=True)
    client.post(url(room, "room_guest"), token() | {"part": str(guest.pk)})
    assert client.post(url(room, "room_reveal", room.lines[0].pk)).status_code == 200


# The pulse ----------------------------------------------------------------------------------------------------------


def test_the_pulse_is_a_number_without_event_nor_activity(room: Setting) -> None:
    client = client_for(room.people.pjj_lead)
    session = client.session
    session["seen_at"] = session["seen_at"] - 300
    session.save()
    seen, events = session["seen_at"], AuditEvent.objects.count()
    answer = client.get(url(room, "pulse"))
    first = json.loads(answer.content)
    assert list(first) == ["pouls"]
    bring(room)
    events += AuditEvent.objects.count() - events
    assert json.loads(client.get(url(room, "pulse")).content)["pouls"] > first["pouls"]
    assert AuditEvent.objects.count() == events
    assert client.session["seen_at"] == seen


# Opening and closing ------------------------------------------------------------------------------------------------


def test_the_meeting_opens_with_who_is_present_and_holds_the_lock_back(people: People) -> None:
    room = build(people, opened=False)
    client = client_for(people.coordinator)
    assert "Qui est là" in client.get(url(room, "room")).content.decode()
    members = list(room.session.members.all())
    GroupSession.objects.filter(pk=room.session.pk).update(minimum_presence=3)
    absent = token() | {f"p-{row.pk}": "absent" for row in members}
    refused = client.post(url(room, "room_begin"), absent)
    assert refused.status_code == 409
    assert "présence minimale" in refused.content.decode().lower()
    client.post(url(room, "room_begin"), token() | {f"p-{row.pk}": "present" for row in members})
    client.get(url(room, "room"))
    room.session.refresh_from_db()
    assert room.session.state == SessionState.OPEN
    assert client.session["meeting_until"] > room.now.timestamp()


@pytest.mark.rule("SIT-05")
def test_closing_counts_late_decisions_and_gives_the_lock_back(room: Setting, client: Client) -> None:
    line = bring(room)
    acts.keep(by=room.by, session=room.session, line_id=line.pk, now=room.now)
    client.get(url(room, "room"))
    stored = GroupSession.objects.get(pk=room.session.pk)
    answer = client.post(url(room, "room_close"), token() | {"revision": str(stored.revision)})
    assert answer.status_code == 302
    assert "meeting_until" not in client.session
    late = Action.objects.filter(follow_up__in=room.followed[:2])
    assert {row.waited_sessions for row in late} == {1}
    assert FollowUp.objects.get(pk=room.followed[1].pk).sessions_missed == 1
    assert FollowUp.objects.get(pk=room.followed[0].pk).sessions_missed == 0
    with pytest.raises(GuardRefused):
        acts.open_line(by=room.by, session=GroupSession.objects.get(pk=stored.pk), line_id=line.pk, now=room.now)


def test_nothing_closes_while_a_situation_is_open(room: Setting, client: Client) -> None:
    bring(room)
    stored = GroupSession.objects.get(pk=room.session.pk)
    answer = client.post(url(room, "room_close"), token() | {"revision": str(stored.revision)})
    assert answer.status_code == 409
    assert "encore ouverte" in answer.content.decode()


# Paper --------------------------------------------------------------------------------------------------------------


def test_the_sheet_prints_without_a_name(room: Setting, client: Client) -> None:
    from tests.casefile.pdf_text import text as text_of

    answer = client.get(url(room, "sheet"))
    assert answer["Content-Type"] == "application/pdf"
    printed = text_of(answer.content)
    assert "Zz" not in printed
    assert "Maille 2" in printed
    assert client_for(room.people.pjj_lead).get(url(room, "sheet")).status_code == 404


def test_one_situation_is_typed_from_the_sheet_all_or_nothing(room: Setting, client: Client) -> None:
    old = Action.objects.filter(follow_up=room.followed[0]).get()
    form = {
        "present": [str(room.people.pjj_service.pk)], f"a-{old.pk}": "done", "d0-who": "M", "d0-what": "3",
        "d0-precision": "", "d0-due": "+1m", "r-step1": "active", "r-step2": "chained", "r-step3": "unchanged",
        "r-outcome": "continue", "r-review_on": "+1m",
    }  # fmt: skip
    where = url(room, "from_sheet_line", room.lines[0].pk)
    wrong = client.post(where, token() | form | {"d1-who": "?", "d1-what": "famille", "d1-due": "8/12"})
    assert wrong.status_code == 422
    assert not Review.objects.exists()
    done = client.post(where, token() | form)
    assert done.status_code == 302
    old.refresh_from_db()
    assert old.result == ActionResult.DONE
    assert Action.objects.get(decided_in=room.session.pk).kind == ActionType.SCHOOL_RETURN
    assert [row.short_name for row in room.line.present.all()] == ["PJJ"]
    assert Review.objects.get().line_id == room.lines[0].pk


def test_an_outsider_cannot_act(room: Setting) -> None:
    with pytest.raises(AccessRefused):
        acts.open_line(
            by=viewer_of(room.people.pjj_lead), session=room.session, line_id=room.lines[0].pk, now=room.now
        )  # fmt: skip
    assert Outcome.CONTINUE in reads.outcomes_of(Stage.FOLLOWED)


def test_the_room_takes_a_constant_number_of_queries(
    room: Setting, client: Client, django_assert_max_num_queries: Any
) -> None:
    bring(room)
    client.get(url(room, "room"))
    with django_assert_max_num_queries(24):
        client.get(url(room, "room"))


def test_moving_between_lines_keeps_the_form_usable(room: Setting, client: Client) -> None:
    line = bring(room)
    bring(room, 1)
    bring(room, 0)
    answer = client.post(url(room, "room_keep", line.pk), token() | {"revision": str(line.revision)})
    assert answer.status_code == 302


def test_a_settled_line_reopened_by_mistake_stays_settled(room: Setting) -> None:
    line = bring(room)
    acts.keep(by=room.by, session=room.session, line_id=line.pk, now=room.now)
    bring(room)
    bring(room, 1)
    assert room.line.state == LineState.DONE


def test_a_scheme_is_set_in_one_click(room: Setting, client: Client) -> None:
    bring(room)
    status = SchemeStatus.objects.get(follow_up=room.followed[0])
    client.post(url(room, "room_scheme", room.lines[0].pk, status.item_id), token() | {"state": "requested"})
    status.refresh_from_db()
    assert status.state == "requested"
    other = SchemeStatus.objects.get(follow_up=room.followed[1])
    assert other.state == "not_tried"
