"""The relevé de décisions: assembled, approved, fixed, cut for each reader (SIT-05)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Basis
from casework.casefile import calendar
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups.actions import circle
from casework.minors.followups.codes import ActionType, Outcome
from casework.minors.followups.models import FollowUpGrant
from casework.minors.sessions.actions import minutes, room
from casework.minors.sessions.codes import Approval, MinutesState, SessionState
from casework.minors.sessions.models import AnonymousQuestion, GroupSession, Minutes, MinutesItem
from casework.minors.sessions.reads import minutes as reads
from tests.casefile import pdf_text
from tests.people import client_for, viewer_of
from tests.sessions.room_setting import CANARIES, Setting, build

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def held(people) -> Setting:
    """Return a meeting held and closed: one decision, one kept, one new situation put off."""
    this = build(people)
    common = {"by": this.by, "session": this.session, "now": this.now}
    first, second, third, _question = this.lines
    room.open_line(line_id=first.pk, **common)
    room.decide(
        line_id=first.pk,
        data=room.DecisionData(
            kind=ActionType.SCHOOL_RETURN, owner_id=people.pjj_service.pk, precision="avant les vacances",
            due_on=localdate(this.now) + timedelta(days=20),
        ),
        **common,
    )  # fmt: skip
    room.review(line_id=first.pk, data=room.ReviewData(step1="active", step2="chained", step3="added"), **common)
    room.open_line(line_id=second.pk, **common)
    room.keep(line_id=second.pk, **common)
    room.open_line(line_id=third.pk, **common)
    room.review(line_id=third.pk, data=room.ReviewData(outcome=Outcome.POSTPONE), **common)
    room.close_session(**common)
    this.session = fresh(this)
    return this


def fresh(this: Setting) -> GroupSession:
    """Return the meeting as stored."""
    return GroupSession.objects.select_related("group", "territory").get(pk=this.session.pk)


def submitted(this: Setting) -> Minutes:
    """Return the minutes, submitted."""
    minutes.submit(by=this.by, session=fresh(this), now=this.now)
    return Minutes.objects.select_related("session__group", "session__territory").get(session=this.session)


def payloads(this: Setting) -> list[dict]:
    """Return what the minutes keep, opened as the coordinator."""
    rows = list(MinutesItem.objects.filter(minutes__session=this.session).order_by("position"))
    with audit.reading(
        this.by, subjects=[row.subject_id for row in rows], classes=["session_minutes"], purpose=audit.Purpose.SESSION
    ):
        return [row.payload for row in rows]


@pytest.mark.rule("SIT-05", "SIT-06")
def test_the_minutes_keep_coded_findings_actions_owners_dates_and_nothing_else(held):
    submitted(held)
    kept = payloads(held)
    assert set().union(*kept) <= {
        "day_number", "state", "present", "kind", "reference", "initials", "birth_year", "sector", "lead", "steps",
        "review_on", "schemes", "decisions", "settled", "salt", "question", "advice",
    }  # fmt: skip
    assert kept[0]["decisions"] == [
        {"kind": "school_return", "owner": str(held.people.pjj_service), "precision": "avant les vacances",
         "due_on": (localdate(held.now) + timedelta(days=20)).isoformat()}
    ]  # fmt: skip
    assert kept[0]["steps"]["step3"] == "added"
    said = repr(kept)
    assert not any(name in said for pair in CANARIES for name in pair)


@pytest.mark.rule("SIT-05")
def test_minutes_of_a_meeting_not_closed_are_refused(people):
    this = build(people)
    with pytest.raises(GuardRefused):
        minutes.submit(by=this.by, session=fresh(this), now=this.now)


def test_all_who_were_invited_approving_fixes_the_minutes_and_closes_the_doors(held):
    row = submitted(held)
    assert FollowUpGrant.objects.filter(basis=Basis.INVITED).live(held.now).exists()
    for key in ("coordinator", "pjj_lead", "aemo_lead", "mds_lead", "outreach_lead"):
        assert row.state == MinutesState.SUBMITTED
        minutes.answer(by=viewer_of(held.people.mandates[key]), minutes=row, approval=Approval.APPROVED, now=held.now)
        row.refresh_from_db()
    assert row.state == MinutesState.APPROVED
    assert fresh(held).state == SessionState.APPROVED
    assert row.digest == minutes.digest(list(row.items.order_by("position").values_list("item_hash", flat=True)))
    later = held.now + timedelta(seconds=1)
    window = FollowUpGrant.objects.filter(basis__in=[Basis.INVITED, Basis.SESSION_WINDOW])
    assert not window.live(later).exists()
    assert not AnonymousQuestion.objects.filter(lines__session=held.session).exists()


def test_silence_approves_after_five_working_days_and_not_before(held):
    row = submitted(held)
    last = calendar.add_working_days(localdate(held.now), 5, held.people.territory.holiday_set)
    assert row.silence_on == last
    assert minutes.approve_silent(calendar.end_instant(last) - timedelta(seconds=1)) == 0
    assert minutes.approve_silent(calendar.end_instant(last)) == 1
    assert minutes.approve_silent(calendar.end_instant(last)) == 0
    row.refresh_from_db()
    assert row.state == MinutesState.APPROVED


def test_an_objection_stops_silence(held):
    row = submitted(held)
    minutes.answer(
        by=viewer_of(held.people.pjj_lead), minutes=row, approval=Approval.OBJECTED, objection="date", day_number=1,
        now=held.now,
    )  # fmt: skip
    assert minutes.approve_silent(held.now + timedelta(days=30)) == 0


@pytest.mark.parametrize(("objection", "day_number"), [("", 1), ("date", None), ("date", 99), ("nonsense", 1)])
def test_an_objection_says_on_what(held, objection, day_number):
    with pytest.raises(InputRefused):
        minutes.answer(
            by=viewer_of(held.people.pjj_lead), minutes=submitted(held), approval=Approval.OBJECTED,
            objection=objection, day_number=day_number, now=held.now,
        )  # fmt: skip


def test_a_service_that_was_not_invited_does_not_answer(held):
    with pytest.raises(AccessRefused):
        minutes.answer(
            by=viewer_of(held.people.spip), minutes=submitted(held), approval=Approval.APPROVED, now=held.now
        )


@pytest.mark.rule("SIT-05")
def test_approved_minutes_change_by_addendum_only(held):
    row = submitted(held)
    before = list(row.items.order_by("position").values_list("item_hash", flat=True))
    item = row.items.order_by("position").first()
    common = {"objection": "date", "correction": "lire : le 12 janvier", "now": held.now}
    with pytest.raises(AccessRefused):  # not approved yet: the records are corrected and the minutes made again
        minutes.add_addendum(by=held.by, item_id=item.pk, **common)
    minutes.approve_silent(held.now + timedelta(days=30))
    row.refresh_from_db()
    with pytest.raises(AccessRefused):  # nothing is written on an approved meeting any more
        minutes.resubmit(by=held.by, minutes=row, now=held.now)
    with pytest.raises(AccessRefused):  # a member asks, the coordinator writes
        minutes.add_addendum(by=viewer_of(held.people.pjj_lead), item_id=item.pk, **common)
    minutes.add_addendum(by=held.by, item_id=item.pk, **common)
    assert list(row.items.order_by("position").values_list("item_hash", flat=True)) == before
    page = reads.page(held.by, fresh(held), held.now)
    assert page.items[0].addenda[0].text == "lire : le 12 janvier"


def test_corrected_before_approval_the_minutes_are_made_again_and_answers_start_over(held):
    row = submitted(held)
    minutes.answer(by=viewer_of(held.people.pjj_lead), minutes=row, approval=Approval.APPROVED, now=held.now)
    again = minutes.resubmit(by=held.by, minutes=row, now=held.now)
    assert again.pk != row.pk
    assert not again.answers.exists()


@pytest.mark.attack("T-40")
@pytest.mark.rule("CLV-26")
def test_each_partner_reads_only_its_own_situations(held):
    submitted(held)
    mine = reads.page(viewer_of(held.people.pjj_lead), fresh(held), held.now)
    assert [item.day_number for item in mine.items if not item.is_question] == [1, 2, 3]
    others = reads.page(viewer_of(held.people.mds_lead), fresh(held), held.now)
    assert [item.day_number for item in others.items if not item.is_question] == []
    circle.enter(
        by=held.by, follow_up=held.followed[1], organisation=held.people.mds_service, reason="knows", now=held.now
    )
    now = held.now + timedelta(seconds=1)
    page = reads.page(viewer_of(held.people.mds_lead, now=now), fresh(held), now)
    assert [item.day_number for item in page.items if not item.is_question] == [2]


@pytest.mark.attack("T-40")
@pytest.mark.rule("ACL-08", "LOG-01")
def test_the_pdf_carries_numbers_initials_and_years_and_leaves_an_event(held):
    submitted(held)
    url = reverse("meetings:minutes_pdf", args=[held.session.pk])
    before = len(audit.who_opened(held.followed[0].subject_id))
    answer = client_for(held.people.pjj_lead).get(url)
    assert answer["Content-Type"] == "application/pdf"
    said = pdf_text.text(answer.content)
    assert "Y. Z." in said
    assert str(held.now.year - 15) in said
    assert "avant les vacances" in said
    assert not any(name in said for pair in CANARIES for name in pair)
    opened = audit.who_opened(held.followed[0].subject_id)
    assert len(opened) == before + 1
    assert (opened[0].act, opened[0].role) == ("print", "pjj")
    other = pdf_text.text(client_for(held.people.mds_lead).get(url).content)
    assert "Y. Z." not in other
    assert "avant les vacances" not in other


@pytest.mark.parametrize("key", ["spip", "mayor", "host", "sysadmin", "education", "stranger", "ended"])
def test_nobody_outside_the_group_opens_the_minutes(held, key):
    submitted(held)
    for name in ("minutes", "minutes_pdf"):
        assert (
            client_for(held.people.mandates[key]).get(reverse(f"meetings:{name}", args=[held.session.pk])).status_code
            == 404
        )


def test_the_page_leads_from_the_closed_meeting_to_the_approval(held):
    client = client_for(held.people.coordinator)
    url = reverse("meetings:minutes", args=[held.session.pk])
    page = client.get(url).content.decode()
    assert "Faire le relevé" in page
    token = page.split('name="once" value="')[1].split('"')[0]
    post = reverse("meetings:minutes_submit", args=[held.session.pk])
    assert client.post(post, {"once": token}).status_code == 302
    assert client.post(post, {"once": token}).status_code == 302  # double click: one result
    assert Minutes.objects.filter(session=held.session).count() == 1
    member = client_for(held.people.pjj_lead)
    page = member.get(url).content.decode()
    token = page.split('name="once" value="')[1].split('"')[0]
    answer = member.post(
        reverse("meetings:minutes_answer", args=[held.session.pk]), {"once": token, "approval": "objected"}
    )
    assert answer.status_code == 422
    assert "Indiquez sur quoi porte la rectification" in answer.content.decode()
