"""Two persons (T-43): who asks, who agrees, to what exactly, for how long, and what each of them sees."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from casework import audit
from casework.access import approvals
from casework.access.approvals import ApprovalAct, ApprovalReason, ApprovalState, reads
from casework.access.approvals.codes import TABLE
from casework.access.approvals.models import Approval
from casework.audit.models import AuditEvent
from casework.casefile import work
from casework.casefile.models import OutboxMail
from casework.errors import AccessRefused, GuardRefused, InputRefused, Unaudited
from casework.partners.codes import Role
from casework.partners.models import Agent, Mandate
from tests.people import People, client_for, viewer_of

pytestmark = [pytest.mark.attack("T-43"), pytest.mark.django_db(databases="__all__")]

TARGET = uuid.UUID(int=77)
CONTENT = {"person": TARGET, "until": None, "scope": ["followups"], "why": "médiation"}
REMOVAL = ApprovalAct.EXCLUSION_REMOVAL


def ask(people: People, now: datetime, who: str = "coordinator", **changes: Any) -> Approval:
    """Ask for the removal of an exclusion."""
    values: dict[str, Any] = {
        "act": REMOVAL, "target_id": TARGET, "content": CONTENT, "reason": ApprovalReason.ERROR,
        "words": "Saisie sur la mauvaise fiche.", "reference": "MIR-2026-K7QF",
    }  # fmt: skip
    return approvals.ask(by=viewer_of(people.mandates[who], now=now), now=now, **(values | changes))


def take(people: People, now: datetime, who: str = "coordinator", **changes: Any) -> Approval:
    """Carry the act out."""
    values: dict[str, Any] = {"act": REMOVAL, "target_id": TARGET, "content": CONTENT}
    with audit.writing(viewer_of(people.mandates[who], now=now), now=now) as w:
        return approvals.take(w=w, now=now, **(values | changes))


def agree(people: People, approval: Approval, now: datetime, who: str = "dpo") -> Approval:
    """Agree as the second."""
    return approvals.approve(by=viewer_of(people.mandates[who], now=now), approval_id=approval.pk, now=now)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def second_account(people: People, key: str, role: Role, now: datetime) -> Mandate:
    """Write a second account of the same person, with another function."""
    first = people.mandates[key].agent
    agent = Agent(email="autre@mireval.example", first_name=first.first_name.upper(), last_name=first.last_name)
    agent.set_unusable_password()
    agent.save()
    return Mandate.objects.create(
        agent=agent, organisation=people.municipality, territory=people.territory, role=role,
        starts_at=now - timedelta(days=1), charter_signed_at=now - timedelta(days=1), charter_version=1,
    )  # fmt: skip


def test_asked_agreed_to_and_carried_out_once(people: People, now: datetime) -> None:
    approval = ask(people, now)
    with pytest.raises(GuardRefused):
        take(people, now)
    agree(people, approval, now)
    done = take(people, now)
    assert (done.pk, done.state, done.used_at) == (approval.pk, ApprovalState.USED, now)
    with pytest.raises(GuardRefused):
        take(people, now)
    acts = list(AuditEvent.objects.filter(object_type="access.approval").order_by("idx").values_list("act", "why"))
    assert acts == [("create", REMOVAL.value), ("change", "approved"), ("change", "used")]


@pytest.mark.parametrize(
    "other",
    [
        {"content": CONTENT | {"why": "mediation"}},
        {"content": CONTENT | {"person": str(TARGET)}},
        {"content": CONTENT | {"scope": "followups"}},
        {"content": CONTENT | {"until": False}},
        {"content": {**CONTENT, "more": 1}},
        {"target_id": uuid.UUID(int=78)},
        {"act": ApprovalAct.SUBJECT_ERASE},
    ],
)
def test_the_agreement_holds_for_this_very_content(people: People, now: datetime, other: dict[str, Any]) -> None:
    agree(people, ask(people, now), now)
    with pytest.raises(GuardRefused):
        take(people, now, **other)
    assert take(people, now, content=dict(reversed(CONTENT.items()))).state == ApprovalState.USED


def test_what_has_no_single_writing_is_refused(people: People, now: datetime) -> None:
    for value in (1.5, object(), datetime(2026, 1, 1)):  # noqa: DTZ001
        with pytest.raises(TypeError):
            ask(people, now, content={"x": value})


def test_nobody_agrees_with_oneself(people: People, now: datetime) -> None:
    approval = ask(people, now, who="dpo")
    with pytest.raises(AccessRefused):
        agree(people, approval, now, who="dpo")
    both = Mandate.objects.create(
        agent=people.dpo.agent, organisation=people.municipality, territory=people.territory, role=Role.VALIDEUR,
        starts_at=now - timedelta(days=300), charter_signed_at=now - timedelta(days=1), charter_version=1,
    )  # fmt: skip
    with pytest.raises(AccessRefused):
        approvals.approve(by=viewer_of(both, now=now), approval_id=approval.pk, now=now)
    twin = second_account(people, "dpo", Role.COORDINATOR, now)
    with pytest.raises(AccessRefused):
        approvals.approve(by=viewer_of(twin, now=now), approval_id=approval.pk, now=now)
    assert agree(people, approval, now, who="coordinator").state == ApprovalState.APPROVED


def test_the_database_refuses_one_person_twice(people: People, now: datetime) -> None:
    approval = ask(people, now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(decided_by=approval.asked_by)
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(state=ApprovalState.APPROVED)


@pytest.mark.parametrize(
    "who", ["mayor", "sysadmin", "pjj_lead", "aemo", "prosecutor", "unsigned", "ended", "not_yet", "stranger"]
)
def test_only_the_seconds_of_the_table_answer(people: People, now: datetime, who: str) -> None:
    approval = ask(people, now)
    for act in (approvals.approve, approvals.refuse):
        with pytest.raises(AccessRefused):
            act(by=viewer_of(people.mandates[who], now=now), approval_id=approval.pk, now=now)
    with pytest.raises(AccessRefused):
        reads.detail(viewer_of(people.mandates[who], now=now), approval.pk, now)
    assert reads.waiting(viewer_of(people.mandates[who], now=now), now) == []


def test_no_delegation_for_the_leads_of_vif_services(people: People, now: datetime) -> None:
    approval = ask(people, now, act=ApprovalAct.VIF_LEAD)
    with pytest.raises(AccessRefused):
        agree(people, approval, now, who="valideur")
    assert agree(people, approval, now, who="prosecutor").state == ApprovalState.APPROVED


def test_a_second_whose_function_ended_does_not_count(people: People, now: datetime) -> None:
    stale = viewer_of(people.dpo, now=now)
    approval = ask(people, now)
    held = people.dpo
    held.ends_at = now
    held.save()
    with pytest.raises(AccessRefused):
        approvals.approve(by=stale, approval_id=approval.pk, now=now)
    held.ends_at = now + timedelta(hours=1)
    held.save()
    agree(people, approval, now)
    with pytest.raises(GuardRefused):
        take(people, now + timedelta(hours=2))


def test_answers_and_agreements_expire(people: People, now: datetime) -> None:
    approval = ask(people, now)
    with pytest.raises(GuardRefused):
        agree(people, approval, approval.expires_at)
    agree(people, approval, approval.expires_at - timedelta(seconds=1))
    approval.refresh_from_db()
    assert approval.expires_at < now + timedelta(days=38)
    with pytest.raises(GuardRefused):
        take(people, approval.expires_at)
    assert take(people, approval.expires_at - timedelta(seconds=1)).state == ApprovalState.USED


def test_refused_or_withdrawn_is_closed(people: People, now: datetime) -> None:
    approval = ask(people, now)
    approvals.refuse(by=viewer_of(people.valideur, now=now), approval_id=approval.pk, now=now)
    with pytest.raises(GuardRefused):
        agree(people, approval, now)
    again = ask(people, now)
    assert again.pk != approval.pk
    agree(people, again, now)
    with pytest.raises(AccessRefused):
        approvals.withdraw(by=viewer_of(people.dpo, now=now), approval_id=again.pk, now=now)
    approvals.withdraw(by=viewer_of(people.coordinator, now=now), approval_id=again.pk, now=now)
    with pytest.raises(GuardRefused):
        take(people, now)


def test_only_the_asker_or_a_command_carries_it_out(people: People, now: datetime) -> None:
    agree(people, ask(people, now), now)
    with pytest.raises(GuardRefused):
        take(people, now, who="dpo")
    with audit.writing(audit.system_actor(people.territory.pk), now=now) as w:
        assert approvals.take(w=w, act=REMOVAL, target_id=TARGET, content=CONTENT, now=now)


def test_a_second_by_delegation_sees_no_record_and_no_word(people: People, now: datetime) -> None:
    approval = ask(people, now, count=3)
    seen = reads.detail(viewer_of(people.valideur, now=now), approval.pk, now)
    assert (seen.count, seen.reference, seen.words, seen.shows_words) == (3, "MIR-2026-K7QF", "", False)
    assert len(seen.print_words.replace(" ", "")) == 16
    assert not AuditEvent.objects.filter(act="view", object_type="access.approval").exists()
    for who in ("dpo", "coordinator"):
        assert reads.detail(viewer_of(people.mandates[who], now=now), approval.pk, now).words.startswith("Saisie")
    assert AuditEvent.objects.filter(act="view", object_type="access.approval").count() == 2
    with pytest.raises(Unaudited):
        _ = Approval.objects.get(pk=approval.pk).words
    page = client_for(people.valideur).get(reverse("approvals:page", args=[approval.pk])).content.decode()
    assert "MIR-2026-K7QF" in page
    assert "mauvaise fiche" not in page


def test_a_deputy_is_asked_after_five_working_days(people: People, now: datetime) -> None:
    deputy = Mandate.objects.create(
        agent=people.idle, organisation=people.municipality, territory=people.territory, role=Role.VALIDEUR,
        starts_at=now - timedelta(days=1), charter_signed_at=now - timedelta(days=1), charter_version=1,
    )  # fmt: skip
    approval = ask(people, now)
    OutboxMail.objects.all().delete()
    assert timedelta(days=5) < approval.deputy_from - now < timedelta(days=13)
    before, after = approval.deputy_from - timedelta(seconds=1), approval.deputy_from
    assert approvals.remind_deputies(before) == 0
    with pytest.raises(AccessRefused):
        approvals.approve(by=viewer_of(deputy, now=before), approval_id=approval.pk, now=before)
    assert approvals.remind_deputies(after) == 1
    assert approvals.remind_deputies(after) == 0
    assert list(OutboxMail.objects.values_list("to", flat=True)) == [people.idle.email]
    approvals.approve(by=viewer_of(deputy, now=after), approval_id=approval.pk, now=after)


def test_somebody_can_always_agree_or_the_request_says_so(people: People, now: datetime) -> None:
    for key in ("dpo", "valideur"):
        held = people.mandates[key]
        held.ends_at = now
        held.save()
    with pytest.raises(GuardRefused):
        ask(people, now)
    with pytest.raises(InputRefused):
        ask(people, now, reason="prose")
    assert not Approval.objects.exists()


def test_a_coordinator_alone_is_not_stuck(people: People, now: datetime) -> None:
    held = people.dpo
    held.ends_at = now
    held.save()
    agree(people, ask(people, now), now, who="valideur")
    assert take(people, now).state == ApprovalState.USED


def test_the_same_request_twice_is_one(people: People, now: datetime) -> None:
    assert ask(people, now).pk == ask(people, now).pk
    assert ask(people, now).pk != ask(people, now, content={}).pk


@pytest.mark.attack("T-36")
@pytest.mark.parametrize("column", ["content_print", "decided_by", "target_id", "act", "expires_at", "asked_by"])
def test_a_row_changed_by_sql_agrees_to_nothing(people: People, now: datetime, column: str) -> None:
    approval = ask(people, now)
    agree(people, approval, now)
    other = ask(people, now, content={"x": 1}, target_id=uuid.UUID(int=5), act=ApprovalAct.SUBJECT_ERASE)
    values: dict[str, Any] = {
        "content_print": other.content_print, "decided_by": people.mayor.agent_id, "target_id": uuid.UUID(int=5),
        "act": ApprovalAct.SUBJECT_ERASE.value, "expires_at": now + timedelta(days=900),
        "asked_by": people.aemo.agent_id,
    }  # fmt: skip
    Approval.objects.filter(pk=approval.pk).update(**{column: values[column]})
    asked = {"content_print": {"content": {"x": 1}}, "target_id": {"target_id": uuid.UUID(int=5)}, "act": {}}
    wanted = asked.get(column, {})
    with pytest.raises(GuardRefused):
        take(people, now, who="aemo" if column == "asked_by" else "coordinator", **wanted)
    assert reads.waiting(viewer_of(people.dpo, now=now), now)[0].id == other.pk


def test_screens_and_work_of_both(people: People, now: datetime, django_capture_on_commit_callbacks: Any) -> None:
    approval = ask(people, now)
    assert set(OutboxMail.objects.values_list("to", flat=True)) == {people.dpo.agent.email, people.valideur.agent.email}
    second = client_for(people.valideur)
    assert "Levée" in second.get(reverse("approvals:list")).content.decode()
    assert "Un accord à donner" in second.get(reverse("desk:work")).content.decode()
    url = reverse("approvals:page", args=[approval.pk])
    assert client_for(people.pjj).get(url).status_code == 404
    assert client_for(people.unsigned).get(reverse("approvals:list")).status_code == 302
    assert second.post(reverse("approvals:answer", args=[approval.pk]), {"answer": "approve"}).status_code == 302
    approval.refresh_from_db()
    assert approval.state == ApprovalState.APPROVED
    lines = work.for_viewer(viewer_of(people.coordinator, now=now), now)
    assert [line.kind for line in lines if line.rule == "T-43"] == ["mine"]
    assert second.post(reverse("approvals:answer", args=[approval.pk]), {"answer": "x"}).status_code == 404


def test_the_answer_asks_for_a_fresh_second_factor(people: People, now: datetime) -> None:
    approval = ask(people, now)
    browser = client_for(people.dpo, now=now - timedelta(minutes=6))
    browser.post(reverse("approvals:answer", args=[approval.pk]), {"answer": "approve"})
    approval.refresh_from_db()
    assert approval.state == ApprovalState.ASKED


def test_the_list_costs_the_same_whatever_its_length(people: People, now: datetime) -> None:
    from django.test.utils import CaptureQueriesContext

    from casework.access import memo

    viewer = viewer_of(people.dpo, now=now)
    counts = []
    for number in range(3):
        ask(people, now, content={"n": number})
        with memo.reading_request(), CaptureQueriesContext(connection) as seen:
            assert len(reads.waiting(viewer, now)) == number + 1
        counts.append(len(seen))
    assert len(set(counts)) == 1


def test_a_viewer_of_another_town_sees_nothing(people: People, now: datetime) -> None:
    approval = ask(people, now)
    elsewhere = replace(viewer_of(people.dpo, now=now), territory_id=people.elsewhere.pk)
    with pytest.raises(AccessRefused):
        reads.detail(elsewhere, approval.pk, now)


def test_every_act_of_the_table_says_where_it_is_carried_out() -> None:
    """A line that nothing calls promises a control that is not there (ADR 0052)."""
    for act in ApprovalAct:
        assert act in TABLE
        assert reads._pages[act](uuid.uuid4()).startswith("/")
