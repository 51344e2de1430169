"""An archived record opens with a reason, for half an hour, to the coordinator alone (RET-02)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from casework import audit
from casework.access.approvals import Approval, approve
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import archives, stages
from casework.minors.followups.models import FollowUp, WaitingFollowUp
from tests.people import client_for, viewer_of
from tests.sessions.room_setting import build

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def archived(people) -> FollowUp:
    """Return a followed situation ended a moment ago."""
    this = build(people, opened=False)
    stages.end(by=this.by, follow_up=this.followed[0], reason="goal_reached", now=this.now)
    return FollowUp.objects.get(pk=this.followed[0].pk)


@pytest.mark.rule("RET-02")
def test_closed_to_all_then_open_half_an_hour_to_the_coordinator(people, archived):
    at = now()
    for key in ("coordinator", "pjj_lead"):
        assert not facts.visible_to(viewer_of(people.mandates[key], now=at), at).filter(pk=archived.pk).exists()
    said = archived.reference.lower().replace("-", " ")
    archives.open_archive(by=viewer_of(people.coordinator, now=at), reference=said, reason="rights_request", now=at)
    for minutes, seen in ((1, True), (29, True), (30, False)):
        later = at + timedelta(minutes=minutes)
        viewer = viewer_of(people.coordinator, now=later)
        assert facts.visible_to(viewer, later).filter(pk=archived.pk).exists() is seen, minutes
    later = at + timedelta(minutes=1)
    assert not facts.visible_to(viewer_of(people.pjj_lead, now=later), later).filter(pk=archived.pk).exists()
    assert any(opening.act == "grant" for opening in audit.who_opened(archived.subject_id))


@pytest.mark.parametrize(("reference", "reason"), [("MIR-2026-CCCC", "correction"), ("", "correction"), ("own", "x")])
def test_no_reason_or_no_such_archive_opens_nothing(people, archived, reference, reason):
    wanted = archived.reference if reference == "own" else reference
    with pytest.raises(InputRefused):
        archives.open_archive(by=viewer_of(people.coordinator), reference=wanted, reason=reason, now=now())


@pytest.fixture
def back(people, archived) -> FollowUp:
    """Return that record opened with its reason, a new referral received."""
    archived.referrals.update(received_at=now() + timedelta(seconds=1))
    archives.open_archive(
        by=viewer_of(people.coordinator), reference=archived.reference, reason="new_referral", now=now()
    )
    return FollowUp.objects.get(pk=archived.pk)


def ask_to_reopen(people, record: FollowUp) -> Approval:
    return stages.ask_to_reopen(by=viewer_of(people.coordinator), follow_up=record, reason="change", now=now())


def reopen(people, record: FollowUp) -> FollowUp:
    return stages.reopen(by=viewer_of(people.coordinator), follow_up=record, next_review_on=None, now=now())


@pytest.mark.rule("RET-02", "REC-24")
@pytest.mark.attack("T-43")
def test_reopening_is_asked_agreed_to_and_done_once(people, back):
    with pytest.raises(GuardRefused, match="seconde personne"):
        reopen(people, back)
    asked = ask_to_reopen(people, back)
    with pytest.raises(AccessRefused):
        approve(by=viewer_of(people.coordinator), approval_id=asked.pk, now=now())
    with pytest.raises(GuardRefused, match="seconde personne"):
        reopen(people, back)
    approve(by=viewer_of(people.dpo), approval_id=asked.pk, now=now())
    assert reopen(people, back).state == "followed"
    # Ended again: the agreement of that day does not hold for this end.
    stages.end(by=viewer_of(people.coordinator), follow_up=back, reason="moved", now=now())
    assert sorted(WaitingFollowUp.objects.values_list("reason", "is_first")) == [("goal", True), ("stopped", False)]
    back.referrals.update(received_at=now() + timedelta(seconds=1))
    archives.open_archive(by=viewer_of(people.coordinator), reference=back.reference, reason="new_referral", now=now())
    with pytest.raises(GuardRefused, match="seconde personne"):
        reopen(people, FollowUp.objects.get(pk=back.pk))


def test_what_the_table_asks_for_is_said_before_anybody_is_disturbed(people, archived):
    archived.referrals.update(received_at=now() - timedelta(days=90))
    archives.open_archive(
        by=viewer_of(people.coordinator), reference=archived.reference, reason="correction", now=now()
    )
    with pytest.raises(GuardRefused, match="nouvelle saisine"):
        ask_to_reopen(people, archived)
    assert not Approval.objects.exists()


def test_the_pages_of_a_reopening(people, back):
    client = client_for(people.coordinator)
    where = reverse("followups:move", args=[back.pk, "ask_reopen"])
    assert where in client.get(reverse("followups:page", args=[back.pk])).content.decode()
    token = "66666666-6666-4666-8666-666666666666"
    sent = {"once": token, "reason": "change", "words": "", "revision": back.revision}
    assert client.post(where, sent).url == reverse("approvals:list")
    asked = Approval.objects.get()
    assert client.get(where).url == reverse("approvals:page", args=[asked.pk])
    approve(by=viewer_of(people.dpo), approval_id=asked.pk, now=now())
    then = client.get(where).url
    assert then == reverse("followups:move", args=[back.pk, "reopen"])
    client.post(then, {"once": token, "revision": back.revision, "next_review_on": ""})
    assert FollowUp.objects.get(pk=back.pk).state == "followed"


def test_an_open_record_is_not_an_archive(people, archived):
    other = FollowUp.objects.exclude(pk=archived.pk).first()
    with pytest.raises(InputRefused):
        archives.open_archive(
            by=viewer_of(people.coordinator), reference=other.reference, reason="correction", now=now()
        )


def test_nobody_else_opens_an_archive(people, archived):
    with pytest.raises(AccessRefused):
        archives.open_archive(
            by=viewer_of(people.pjj_lead), reference=archived.reference, reason="correction", now=now()
        )
    assert client_for(people.pjj_lead).get(reverse("followups:archives")).status_code == 404


def test_the_page_leads_to_the_record(people, archived):
    client = client_for(people.coordinator)
    url = reverse("followups:archives")
    once = client.get(url).content.decode().split('name="once" value="')[1].split('"')[0]
    answer = client.post(url, {"once": once, "reference": archived.reference, "reason": "new_referral"})
    assert answer.url == reverse("followups:page", args=[archived.pk])
    assert "Zzbelkacem" in client.get(answer.url).content.decode()
