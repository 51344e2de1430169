"""Duty agents: named by the lead, for dates; they look, with a reason; an address asks for a fresh second factor."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.access.duty import actions, reads
from casework.access.duty.models import DutyReason, Standing, StandingKind
from casework.access.exclusions import Ground
from casework.access.exclusions import actions as exclusions
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.audit.models import AuditEvent
from casework.errors import AccessRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.access_room import target_of
from casework.minors.followups.models import FollowUp, FollowUpGrant
from tests.followups.saisine_setting import refer
from tests.people import People, client_for, viewer_of

pytestmark = [pytest.mark.rule("CLV-24", "CLV-26"), pytest.mark.django_db(databases="__all__")]

ADDRESS = "12 rue des Ormes"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def row(people: People, now: datetime) -> FollowUp:
    """A situation in whose circle the street educators' lead sits, not their colleague."""
    return refer(people, by="outreach_lead", now=now - timedelta(days=2), address=ADDRESS)


def name(people: People, now: datetime, *, by: str = "outreach_lead", who: str = "outreach") -> Standing:
    """Put somebody on duty today."""
    return actions.name(
        by=viewer_of(people.mandates[by], now=now), mandate_id=people.mandates[who].pk, kind=StandingKind.DUTY,
        from_day=now.date() - timedelta(days=1), to_day=now.date() + timedelta(days=1), now=now,
    )  # fmt: skip


def open_it(people: People, row: FollowUp, now: datetime, who: str = "outreach", reason: str = DutyReason.CALL) -> None:
    """Open the situation as the agent on duty."""
    actions.open_one(by=viewer_of(people.mandates[who], now=now), object_id=row.pk, reason=reason, now=now)


def test_on_duty_one_looks_with_a_reason_until_the_end(people: People, row: FollowUp, now: datetime) -> None:
    viewer = viewer_of(people.outreach, now=now)
    with pytest.raises(AccessRefused):
        open_it(people, row, now)
    standing = name(people, now)
    assert [case.reference for case in reads.cases(viewer, now)] == [row.reference]
    assert not facts.visible_to(viewer, now).exists()
    with pytest.raises(InputRefused):
        open_it(people, row, now, reason="prose")
    open_it(people, row, now)
    assert FollowUpGrant.objects.get(mandate=people.outreach, basis="duty").reason == "duty_call"
    assert AuditEvent.objects.filter(act="grant", why="duty_call").count() == 1
    link = facts.relation(viewer, row, now)
    assert DataClass.YOUTH_IDENTITY in link.classes(viewer, now)
    assert not link.classes(viewer, now, Action.CHANGE)
    assert DataClass.YOUTH_REVIEW not in link.classes(viewer, now, Action.CREATE)
    end = standing.ends_at
    assert not facts.visible_to(viewer_of(people.outreach, now=end), end).exists()


def test_stopping_closes_the_same_second(people: People, row: FollowUp, now: datetime) -> None:
    standing = name(people, now)
    open_it(people, row, now)
    later = now + timedelta(minutes=5)
    actions.stop(by=viewer_of(people.outreach_lead, now=later), standing_id=standing.pk, now=later)
    assert not facts.visible_to(viewer_of(people.outreach, now=later), later).exists()


@pytest.mark.parametrize(
    ("by", "who"),
    [
        ("outreach", "outreach_colleague"), ("pjj_lead", "outreach"), ("coordinator", "outreach"), ("dpo", "outreach"),
        ("outreach_lead", "pjj"),
    ],
)  # fmt: skip
def test_only_the_lead_names_inside_its_own_service(people: People, now: datetime, by: str, who: str) -> None:
    with pytest.raises(AccessRefused):
        name(people, now, by=by, who=who)
    with pytest.raises(InputRefused):
        name(people, now, who="outreach_lead")


def test_only_the_services_own_situations(people: People, row: FollowUp, now: datetime) -> None:
    name(people, now)
    other = refer(people, by="mds_lead", now=now, last_name="Autre")
    with pytest.raises(AccessRefused):
        open_it(people, other, now)
    exclusions.shut_out(
        by=viewer_of(people.dpo, now=now), target=target_of(row), agent_id=people.outreach.agent_id,
        ground=Ground.KIN, now=now,
    )  # fmt: skip
    assert reads.cases(viewer_of(people.outreach, now=now), now) == []
    with pytest.raises(AccessRefused):
        open_it(people, row, now)


def test_never_an_address_without_a_fresh_second_factor(people: People, row: FollowUp, now: datetime) -> None:
    name(people, now)
    open_it(people, row, now)
    page = reverse("followups:page", args=[row.pk]) + "?onglet=famille"
    where = reverse("followups:whereabouts", args=[row.pk])
    old = client_for(people.outreach, now=now - timedelta(minutes=6))
    text = old.get(page).content.decode()
    assert ADDRESS not in text
    assert where in text
    assert ADDRESS not in old.get(where).content.decode()
    assert not AuditEvent.objects.filter(act="reveal").exists()
    assert ADDRESS in client_for(people.outreach).get(where).content.decode()
    assert AuditEvent.objects.filter(act="reveal").count() == 1
    assert client_for(people.outreach_lead).get(where).status_code == 404


@pytest.mark.attack("T-36")
def test_a_day_on_duty_written_by_sql_opens_nothing(people: People, row: FollowUp, now: datetime) -> None:
    standing = name(people, now)
    Standing.objects.filter(pk=standing.pk).update(ends_at=now + timedelta(days=900))
    assert reads.until(viewer_of(people.outreach, now=now), now) is None
    with pytest.raises(AccessRefused):
        open_it(people, row, now)


def test_the_pages_of_the_lead_and_of_the_agent(people: People, row: FollowUp, now: datetime) -> None:
    url = reverse("duty:index")
    assert client_for(people.outreach).get(url).status_code == 404
    lead = client_for(people.outreach_lead)
    today = timezone.localdate(now).isoformat()
    sent = {"mandate": str(people.outreach.pk), "from_day": today, "to_day": today}
    assert lead.post(url, sent).status_code == 302
    agent = client_for(people.outreach)
    assert row.reference in agent.get(url).content.decode()
    opened = agent.post(reverse("duty:open", args=[row.pk]), {"reason": "call"})
    assert agent.get(opened["Location"]).status_code == 200
    assert client_for(people.pjj).post(reverse("duty:open", args=[row.pk]), {"reason": "call"}).status_code == 404
    assert client_for(people.pjj).post(reverse("duty:stop", args=[uuid.uuid4()])).status_code == 404
