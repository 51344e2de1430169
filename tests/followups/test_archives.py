"""An archived record opens with a reason, for half an hour, to the coordinator alone (RET-02)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from casework import audit
from casework.errors import AccessRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import archives, stages
from casework.minors.followups.models import FollowUp
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
