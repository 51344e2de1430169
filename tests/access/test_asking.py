"""« Demander l’accès »: one answer whether or not there is such a file; answered by whoever answers for it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.access.asking import actions, reads
from casework.access.asking.models import AccessRequest
from casework.access.exclusions import Ground
from casework.access.exclusions import actions as exclusions
from casework.casefile import work
from casework.casefile.models import OutboxMail
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.access_room import target_of
from casework.minors.followups.models import FollowUp
from tests.followups.saisine_setting import refer
from tests.people import People, client_for, viewer_of

pytestmark = [pytest.mark.rule("ACL-05", "CLV-26"), pytest.mark.django_db(databases="__all__")]


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def row(people: People, now: datetime) -> FollowUp:
    return refer(people, by="mds_lead", now=now - timedelta(days=2))


def ask(people: People, reference: str, now: datetime, who: str = "outreach") -> None:
    """Ask for one file."""
    actions.ask(by=viewer_of(people.mandates[who], now=now), reference=reference, reason="knows", now=now)


def only(people: People) -> AccessRequest:
    """Return the one request."""
    return AccessRequest.objects.get()


@pytest.mark.attack("T-19")
def test_the_answer_is_the_same_whether_or_not_the_file_exists(people: People, row: FollowUp, now: datetime) -> None:
    expired = refer(people, by="mds_lead", now=now, last_name="Autre")
    FollowUp.objects.filter(pk=expired.pk).update(state="expired")
    shut = refer(people, by="mds_lead", now=now, last_name="Encore")
    exclusions.shut_out(
        by=viewer_of(people.dpo, now=now), target=target_of(shut), agent_id=people.outreach.agent_id,
        ground=Ground.KIN, now=now,
    )  # fmt: skip
    pages = []
    for reference in (row.reference, "MIR-2026-XXXX", expired.reference, shut.reference):
        AccessRequest.objects.all().delete()
        client = client_for(people.outreach)
        sent = client.post(reverse("asking:index"), {"reference": reference, "reason": "knows"})
        page = client.get(reverse("asking:index")).content.decode()
        pages.append((sent.status_code, sent["Location"], re.sub(r"\b\w{64}\b", "", page).replace(reference, "R")))
    assert pages[0] == pages[1] == pages[2] == pages[3]


def test_the_owner_lets_the_service_in(people: People, row: FollowUp, now: datetime) -> None:
    ask(people, row.reference.lower().replace("-", " "), now)
    assert list(OutboxMail.objects.values_list("to", flat=True)) == [people.coordinator.agent.email]
    coordinator = viewer_of(people.coordinator, now=now)
    assert [line.reference for line in work.for_viewer(coordinator, now) if "Accès demandé" in line.label]
    actions.grant(by=coordinator, request_id=only(people).pk, now=now)
    asker = viewer_of(people.outreach, now=now)
    assert facts.visible_to(asker, now).filter(pk=row.pk).exists()
    assert [line.granted for line in reads.mine(asker, now)] == [True]
    assert not facts.visible_to(viewer_of(people.outreach_colleague, now=now), now).exists()
    with pytest.raises(AccessRefused):
        actions.grant(by=coordinator, request_id=only(people).pk, now=now)


def test_declined_is_never_said(people: People, row: FollowUp, now: datetime) -> None:
    ask(people, row.reference, now)
    actions.decline(by=viewer_of(people.coordinator, now=now), request_id=only(people).pk, now=now)
    assert [line.granted for line in reads.mine(viewer_of(people.outreach, now=now), now)] == [False]
    assert not facts.visible_to(viewer_of(people.outreach, now=now), now).exists()
    assert OutboxMail.objects.count() == 1


@pytest.mark.parametrize("who", ["mds_lead", "pjj", "dpo", "mayor", "sysadmin", "outreach", "stranger"])
def test_nobody_else_answers(people: People, row: FollowUp, now: datetime, who: str) -> None:
    ask(people, row.reference, now)
    viewer = viewer_of(people.mandates[who], now=now)
    assert reads.waiting(viewer, now) == []
    with pytest.raises(AccessRefused):
        actions.grant(by=viewer, request_id=only(people).pk, now=now)


def test_whoever_is_shut_out_is_not_let_in_nor_answers(people: People, row: FollowUp, now: datetime) -> None:
    ask(people, row.reference, now)
    dpo, coordinator = viewer_of(people.dpo, now=now), viewer_of(people.coordinator, now=now)
    exclusions.shut_out(
        by=dpo, target=target_of(row), organisation_id=people.outreach.organisation_id, ground=Ground.ORDER, now=now
    )
    with pytest.raises(GuardRefused):
        actions.grant(by=coordinator, request_id=only(people).pk, now=now)
    exclusions.shut_out(by=dpo, target=target_of(row), agent_id=people.coordinator.agent_id, ground=Ground.KIN, now=now)
    assert reads.waiting(coordinator, now) == []
    with pytest.raises(AccessRefused):
        actions.decline(by=coordinator, request_id=only(people).pk, now=now)


def test_a_name_typed_in_the_field_is_not_kept(people: People, now: datetime) -> None:
    for typed in ("Yanis Belkacem", "belkacem", "MIR-2026-K7QFX"):
        ask(people, typed, now)
    assert set(AccessRequest.objects.values_list("reference", flat=True)) == {""}
    with pytest.raises(InputRefused):
        actions.ask(by=viewer_of(people.outreach, now=now), reference="x", reason="prose", now=now)


def test_ten_a_day_then_silence(people: People, row: FollowUp, now: datetime) -> None:
    for _ in range(12):
        ask(people, row.reference, now)
    assert AccessRequest.objects.count() == actions.A_DAY


@pytest.mark.attack("T-36")
def test_a_request_written_by_sql_is_not_answered(people: People, row: FollowUp, now: datetime) -> None:
    ask(people, "MIR-2026-XXXX", now)
    AccessRequest.objects.update(target_id=row.pk, target_subject=row.subject_id, module="followups")
    coordinator: Any = viewer_of(people.coordinator, now=now)
    assert reads.waiting(coordinator, now) == []
    with pytest.raises(AccessRefused):
        actions.grant(by=coordinator, request_id=only(people).pk, now=now)
