"""What is decided in the room: typed as people write, made once, settled in one act, brought back at the next meeting."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils.timezone import localdate

from casework import audit
from casework.errors import ConflictRefused, InputRefused
from casework.minors.followups.codes import ActionResult, ActionType, Outcome, Stage
from casework.minors.followups.models import Action, CircleMembership, FollowUp
from casework.minors.sessions.actions import meeting
from casework.minors.sessions.actions import room as acts
from casework.minors.sessions.codes import LineState
from casework.minors.sessions.forms.room import find_code, parse_day
from casework.minors.sessions.models import AgendaLine, AnonymousQuestion, GroupSession, Review
from casework.minors.sessions.reads import services
from tests.people import People, client_for
from tests.sessions.room_setting import Setting, bring, build, steps_of, token, url

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def room(people: People) -> Setting:
    return build(people)


@pytest.fixture
def client(room: Setting) -> Client:
    return client_for(room.people.coordinator)


# Decisions ----------------------------------------------------------------------------------------------------------


def decision(**changes: str) -> dict[str, str]:
    return token() | {"d-who": "a", "d-what": "famille", "d-precision": "", "d-due": "+2s"} | changes


@pytest.mark.rule("WL-15")
def test_one_line_makes_an_action_on_its_owner_s_side(room: Setting, client: Client) -> None:
    bring(room)
    answer = client.post(url(room, "room_decide", room.lines[0].pk), decision(**{"d-precision": "avant midi"}))
    assert answer.status_code == 302
    action = Action.objects.get(decided_in=room.session.pk)
    assert (action.kind, action.owner) == (ActionType.FAMILY_MEETING, room.people.aemo_service)
    assert action.due_on == localdate() + timedelta(weeks=2)
    circle = CircleMembership.objects.filter(follow_up=room.followed[0], organisation=room.people.aemo_service)
    assert circle.get().reason == "decision"
    followed = client_for(room.people.aemo_lead).get(url(room, "follow")).content.decode()
    assert "avant midi" in followed


@pytest.mark.attack("R-07")
def test_a_double_click_or_two_tabs_make_one_decision(room: Setting, client: Client) -> None:
    bring(room)
    form = decision()
    first = client.post(url(room, "room_decide", room.lines[0].pk), form)
    second = client.post(url(room, "room_decide", room.lines[0].pk), form)
    assert first.headers["Location"] == second.headers["Location"]
    assert Action.objects.filter(decided_in=room.session.pk).count() == 1


def test_what_cannot_be_read_comes_back_as_typed(room: Setting, client: Client) -> None:
    bring(room)
    answer = client.post(
        url(room, "room_decide", room.lines[0].pk), decision(**{"d-due": "avant les vacances", "d-precision": "au calme"})
    )  # fmt: skip
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Date non comprise" in page
    assert 'value="avant les vacances"' in page
    assert 'value="au calme"' in page
    assert not Action.objects.filter(decided_in=room.session.pk).exists()


@pytest.mark.rule("SIT-06")
def test_a_precision_is_warned_about_once_then_kept(room: Setting, client: Client) -> None:
    bring(room)
    typed = decision(**{"d-precision": "voir Mme Durand au 06 12 34 56 78"})
    warned = client.post(url(room, "room_decide", room.lines[0].pk), typed)
    assert warned.status_code == 422
    assert "À relire avant de garder" in warned.content.decode()
    assert not Action.objects.filter(decided_in=room.session.pk).exists()
    client.post(url(room, "room_decide", room.lines[0].pk), typed | {"d-confirm_text": "1"})
    assert Action.objects.filter(decided_in=room.session.pk).count() == 1


def test_a_decision_just_typed_is_taken_back(room: Setting, client: Client) -> None:
    bring(room)
    client.post(url(room, "room_decide", room.lines[0].pk), decision())
    action = Action.objects.get(decided_in=room.session.pk)
    client.post(url(room, "room_undo", room.lines[0].pk, action.pk), token())
    assert not Action.objects.filter(pk=action.pk).exists()
    old = Action.objects.filter(follow_up=room.followed[0]).get()
    assert client.post(url(room, "room_undo", room.lines[0].pk, old.pk), token()).status_code == 404
    assert Action.objects.filter(pk=old.pk).exists()


def test_last_time_s_decision_is_settled_in_one_click(room: Setting, client: Client) -> None:
    bring(room)
    action = Action.objects.filter(follow_up=room.followed[0]).get()
    where = url(room, "room_settle", room.lines[0].pk, action.pk)
    client.post(where, token() | {"result": "done", "revision": str(action.revision)})
    action.refresh_from_db()
    assert action.result == ActionResult.DONE
    again = client.post(where, token() | {"result": "failed", "revision": "1"})
    assert again.status_code == 409
    action.refresh_from_db()
    assert action.result == ActionResult.DONE


# Settling -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("CLV-23")
def test_the_three_steps_are_stored_as_codes(room: Setting, client: Client) -> None:
    line = bring(room)
    sent = token() | {
        "revision": str(line.revision), "r-step1": "reactivated", "r-step2": "chained", "r-step3": "adapted",
        "r-outcome": "continue", "r-review_on": "+1m",
    }  # fmt: skip
    answer = client.post(url(room, "room_review", line.pk), sent)
    assert answer.status_code == 302
    review = Review.objects.get(line=line)
    assert steps_of(room, review) == {
        "step1": "reactivated", "step2": "chained", "step3": "adapted", "outcome": "continue",
    }  # fmt: skip
    assert FollowUp.objects.get(pk=room.followed[0].pk).next_review_on == review.review_on
    assert room.line.state == LineState.DONE


@pytest.mark.rule("CLV-23")
def test_keep_settles_and_goes_on_in_one_act(room: Setting, client: Client) -> None:
    line = bring(room)
    answer = client.post(url(room, "room_keep", line.pk), token() | {"revision": str(line.revision)})
    assert answer.headers["Location"].endswith(str(room.lines[1].pk))
    assert room.line.state == LineState.DONE
    assert AgendaLine.objects.get(pk=room.lines[1].pk).state == LineState.OPENED
    assert GroupSession.objects.get(pk=room.session.pk).current_line == room.lines[1].pk
    assert steps_of(room, Review.objects.get(line=line))["step2"] == "kept"
    second = AgendaLine.objects.get(pk=room.lines[1].pk)
    client.post(url(room, "room_keep", second.pk), token() | {"revision": str(second.revision)})
    # A new referral waits for somebody to open it: the anonymous card first.
    assert AgendaLine.objects.get(pk=room.lines[2].pk).state == LineState.WAITING


def next_meeting(room: Setting, days: int) -> date:
    """Plan the group's next meeting; return its day."""
    starts_at = room.now + timedelta(days=days)
    meeting.prepare(
        by=room.by, now=room.now,
        data=meeting.MeetingData(
            starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), place="Mairie",
            organisation_ids=(room.people.pjj_service.pk,),
        ),
    )  # fmt: skip
    return localdate(starts_at)


@pytest.mark.rule("CLV-23")
@pytest.mark.parametrize("late", [0, 139])
def test_on_garde_brings_the_situation_back_at_the_next_meeting(room: Setting, late: int) -> None:
    today = localdate(room.now)
    FollowUp.objects.filter(pk=room.followed[0].pk).update(next_review_on=today - timedelta(days=late))
    line, day = bring(room), next_meeting(room, 30)
    review = acts.keep(by=room.by, session=room.session, line_id=line.pk, now=room.now)
    assert review.review_on == day
    assert FollowUp.objects.get(pk=room.followed[0].pk).next_review_on == day


@pytest.mark.rule("CLV-23")
def test_on_garde_without_a_meeting_planned_looks_a_month_ahead(room: Setting) -> None:
    today = localdate(room.now)
    review = acts.keep(by=room.by, session=room.session, line_id=bring(room).pk, now=room.now)
    assert review.review_on is not None
    assert timedelta(days=14) < review.review_on - today < timedelta(days=64)


@pytest.mark.rule("CLV-23")
def test_on_garde_leaves_a_review_planned_further_ahead(room: Setting) -> None:
    planned = localdate(room.now) + timedelta(days=84)
    FollowUp.objects.filter(pk=room.followed[0].pk).update(next_review_on=planned)
    acts.keep(by=room.by, session=room.session, line_id=bring(room).pk, now=room.now)
    assert FollowUp.objects.get(pk=room.followed[0].pk).next_review_on == planned


@pytest.mark.rule("CLV-23")
@pytest.mark.parametrize("back", [0, 1])
def test_a_review_never_leaves_its_own_day_behind(room: Setting, back: int) -> None:
    line = bring(room)
    data = acts.ReviewData(outcome=Outcome.CONTINUE, review_on=localdate(room.now) - timedelta(days=back))
    with pytest.raises(InputRefused):
        acts.review(by=room.by, session=room.session, line_id=line.pk, data=data, now=room.now)
    assert not Review.objects.filter(line=line).exists()


def test_a_day_left_empty_is_the_next_meeting(room: Setting, client: Client) -> None:
    line, day = bring(room), next_meeting(room, 30)
    assert 'placeholder="prochaine réunion"' in client.get(url(room, "room") + f"?ligne={line.pk}").content.decode()
    sent = token() | {
        "revision": str(line.revision), "r-step1": "reactivated", "r-step2": "chained", "r-step3": "adapted",
        "r-outcome": "continue", "r-review_on": "",
    }  # fmt: skip
    assert client.post(url(room, "room_review", line.pk), sent).status_code == 302
    assert FollowUp.objects.get(pk=room.followed[0].pk).next_review_on == day


@pytest.mark.attack("R-06")
def test_two_screens_never_settle_one_line_twice(room: Setting, client: Client) -> None:
    line = bring(room)
    other = client_for(room.people.coordinator)
    form = {"r-step1": "active", "r-step2": "kept", "r-step3": "unchanged", "r-outcome": "suspend",
            "r-suspend_reason": "absent", "r-review_on": "", "revision": str(line.revision)}  # fmt: skip
    assert client.post(url(room, "room_keep", line.pk), token() | {"revision": str(line.revision)}).status_code == 302
    bring(room, 0)  # reopened on the first screen, while the second still shows the line as it was
    late = other.post(url(room, "room_review", line.pk), token() | form)
    assert late.status_code == 409
    assert "autre écran" in late.content.decode()
    assert FollowUp.objects.get(pk=room.followed[0].pk).state == Stage.FOLLOWED
    assert 'value="absent" selected' in late.content.decode()  # what was typed is kept
    with pytest.raises(ConflictRefused):
        acts.keep(by=room.by, session=room.session, line_id=line.pk, now=room.now, expected=line.revision)


@pytest.mark.rule("WL-14")
def test_entering_into_follow_up_asks_for_lead_programme_and_motive(room: Setting, client: Client) -> None:
    line = bring(room, 2)
    form = {"revision": str(line.revision), "r-step1": "absent", "r-step2": "chained", "r-step3": "added",
            "r-outcome": "follow", "r-review_on": "+1m"}  # fmt: skip
    bare = client.post(url(room, "room_review", line.pk), token() | form)
    assert bare.status_code == 422
    assert "Désignez le référent de parcours" in bare.content.decode()
    full = form | {"r-lead": str(room.people.mds_service.pk), "r-programme": str(room.programme.pk)}
    silent = client.post(url(room, "room_review", line.pk), token() | full)
    assert silent.status_code == 409
    assert "La famille n’est pas informée" in silent.content.decode()
    done = client.post(url(room, "room_review", line.pk), token() | full | {"r-put_off": "unreachable"})
    assert done.status_code == 302
    assert FollowUp.objects.get(pk=room.followed[2].pk).state == Stage.FOLLOWED


@pytest.mark.rule("SEC-09")
def test_a_question_gets_one_coded_advice(room: Setting, client: Client) -> None:
    line = bring(room, 3)
    page = client.get(f"{url(room, 'room')}?ligne={line.pk}").content.decode()
    assert "13-15 ans" in page
    client.post(url(room, "room_advise", line.pk), token() | {"advice": "keep_contact"})
    assert AgendaLine.objects.get(pk=line.pk).state == LineState.DONE
    question = AnonymousQuestion.objects.get()
    with audit.reading(
        room.by, subjects=[question.subject_id], classes=["youth_card"], purpose=audit.Purpose.SESSION
    ):  # fmt: skip
        assert question.advice == "keep_contact"


def test_attendance_is_carried_over_and_changed_by_one_letter(room: Setting, client: Client) -> None:
    line = bring(room)
    present = [str(row.pk) for row in line.present.all()]
    assert len(present) == 5
    mds = str(room.people.mds_service.pk)
    client.post(url(room, "room_attendance", line.pk), token() | {"present": present, "bascule": mds})
    assert not line.present.filter(pk=mds).exists()
    acts.keep(by=room.by, session=room.session, line_id=line.pk, now=room.now)
    assert not bring(room, 1).present.filter(pk=mds).exists()


def test_by_circle_the_room_stops_and_says_who_stays(people: People) -> None:
    room = build(people, formation="by_circle")
    room.lines[1].asked.set([people.aemo_service, people.mds_service])
    line = bring(room)
    client = client_for(people.coordinator)
    answer = client.post(url(room, "room_keep", line.pk), token() | {"revision": str(line.revision)}, follow=True)
    page = answer.content.decode()
    assert "À partir d’ici : AEMO, MDS" in page
    assert "Merci aux autres services de quitter la salle (PJJ" in page
    assert AgendaLine.objects.get(pk=room.lines[1].pk).state == LineState.WAITING
    bring(room, 1)
    assert {row.short_name for row in room.lines[1].present.all()} == {"AEMO", "MDS", "Mairie"}


# What is typed ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("+1m", date(2026, 12, 22)), ("+2s", date(2026, 12, 6)), ("+10j", date(2026, 12, 2)),
        ("8/12", date(2026, 12, 8)), ("8/1", date(2027, 1, 8)), ("08/12/26", date(2026, 12, 8)),
        ("1er décembre", date(2026, 12, 1)), ("8 déc.", date(2026, 12, 8)), ("2026-12-08", date(2026, 12, 8)),
        ("29/2", date(2028, 2, 29)),
    ],
)  # fmt: skip
def test_days_as_people_write_them(typed: str, meant: date) -> None:
    assert parse_day(typed, date(2026, 11, 22)) == meant


def test_the_end_of_a_month_is_not_skipped() -> None:
    assert parse_day("+1m", date(2027, 1, 31)) == date(2027, 2, 28)
    for typed in ("12/03/0026", "0026-03-12", "12/03/2206"):
        with pytest.raises(ValueError, match="plus de deux ans"):
            parse_day(typed, date(2026, 11, 22))


@pytest.mark.parametrize("typed", ["avant les vacances", "31/2", "bientôt", "8/13", "+999m", "8 mai juin"])
def test_days_that_are_not(typed: str) -> None:
    with pytest.raises(ValueError, match=r"[a-zé]"):
        parse_day(typed, date(2026, 11, 22))


def test_a_few_letters_are_enough_when_they_say_one_thing() -> None:
    assert find_code("éco", ActionType.choices) == ["school_return"]
    assert find_code("famille", ActionType.choices) == ["family_meeting"]
    assert len(find_code("contact", ActionType.choices)) == 2
    assert find_code("contact avec", ActionType.choices) == ["social_service_contact"]
    assert find_code("xyz", ActionType.choices) == []


def test_every_service_has_one_letter_of_its_own(people: People) -> None:
    rows = list(people.organisations.values())
    given = services.letters([(row, True) for row in rows])
    assert len({service.letter for service in given}) == len(rows)
    assert not {"G", "N", "S"} & {service.letter for service in given}
