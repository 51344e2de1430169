"""T-42: an opening in an emergency is narrow, short, seen, counted, reviewed elsewhere, and tells nothing when refused."""

from __future__ import annotations

import re
import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.access import approvals
from casework.access.duty import actions as standings
from casework.access.duty.models import Standing, StandingKind
from casework.access.emergencies import actions, reads
from casework.access.emergencies.codes import EmergencyReason, Verdict
from casework.access.emergencies.models import EmergencyMiss, Episode
from casework.access.exclusions import Ground
from casework.access.exclusions import actions as exclusions
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.audit.models import AuditEvent
from casework.casefile import work
from casework.casefile.models import OutboxMail
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.access_room import target_of
from casework.minors.followups.actions import circle
from casework.minors.followups.codes import CircleReason
from casework.minors.followups.models import FollowUp
from tests.followups.saisine_setting import refer
from tests.people import People, client_for, viewer_of

pytestmark = [
    pytest.mark.attack("T-42"), pytest.mark.rule("ACL-09"), pytest.mark.django_db(databases="__all__"),
]  # fmt: skip

WORDS = "Le jeune est introuvable depuis ce matin, sa famille appelle."


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def row(people: People, now: datetime) -> FollowUp:
    """A situation that the street educators do not see."""
    found = refer(people, by="mds_lead", now=now - timedelta(days=2), address="12 rue des Ormes")
    return FollowUp.objects.select_related("person").get(pk=found.pk)


def identity(row: FollowUp) -> dict[str, Any]:
    """Return the exact identity, read by a test that may."""
    from casework import audit

    with audit.reading(
        audit.system_actor(row.territory_id), subjects=[row.subject_id], classes=["youth_identity"],
        purpose=audit.Purpose.SYSTEM,
    ):  # fmt: skip
        return {
            "last_name": row.person.last_name, "first_name": row.person.first_name, "born": row.person.birth_date
        }  # fmt: skip


def entitle(people: People, who: str, now: datetime) -> None:
    """Let the DPO give the right for a month."""
    standings.name(
        by=viewer_of(people.dpo, now=now), mandate_id=people.mandates[who].pk, kind=StandingKind.EMERGENCY,
        from_day=now.date() - timedelta(days=1), to_day=now.date() + timedelta(days=30), now=now,
    )  # fmt: skip


def open_it(people: People, row: FollowUp, now: datetime, who: str = "outreach", **changes: Any) -> Episode:
    """Ask for the opening."""
    values = identity(row) | {"reason": EmergencyReason.DANGER, "words": WORDS}
    return actions.open_record(by=viewer_of(people.mandates[who], now=now), now=now, **(values | changes))


def test_thirty_minutes_on_one_record_to_look(people: People, row: FollowUp, now: datetime) -> None:
    entitle(people, "outreach", now)
    viewer = viewer_of(people.outreach, now=now)
    other = refer(people, by="mds_lead", now=now - timedelta(days=1), last_name="Autre")
    assert not facts.visible_to(viewer, now).exists()
    episode = open_it(people, row, now)
    assert [each.pk for each in facts.visible_to(viewer, now)] == [row.pk]
    link = facts.relation(viewer, row, now)
    seen = link.classes(viewer, now)
    assert {DataClass.YOUTH_IDENTITY, DataClass.YOUTH_REVIEW} <= seen
    assert not seen & {DataClass.YOUTH_SENSITIVE, DataClass.YOUTH_JUDICIAL, DataClass.SESSION_MINUTES}
    for action in set(Action) - {Action.VIEW, Action.EXISTS, Action.CREATE}:
        assert not link.classes(viewer, now, action), action
    assert DataClass.YOUTH_REVIEW not in link.classes(viewer, now, Action.CREATE)  # a saisine of its own, as ever
    last, end = episode.ends_at - timedelta(seconds=1), episode.ends_at
    assert end - now == timedelta(minutes=30)
    assert facts.visible_to(viewer_of(people.outreach, now=last), last).filter(pk=row.pk).exists()
    assert not facts.visible_to(viewer_of(people.outreach, now=end), end).exists()
    assert not facts.visible_to(viewer_of(people.outreach_colleague, now=now), now).exists()
    assert not facts.visible_to(viewer, now).filter(pk=other.pk).exists()


def test_the_dpo_opens_with_a_reason_and_only_so(people: People, row: FollowUp, now: datetime) -> None:
    viewer = viewer_of(people.dpo, now=now)
    assert not facts.visible_to(viewer, now).exists()
    open_it(people, row, now, who="dpo")
    assert [each.pk for each in facts.visible_to(viewer, now)] == [row.pk]
    assert DataClass.YOUTH_IDENTITY in facts.relation(viewer, row, now).classes(viewer, now)


def test_nobody_has_the_right_by_role(people: People, row: FollowUp, now: datetime) -> None:
    for who in ("outreach", "coordinator", "mayor", "sysadmin", "pjj_lead", "valideur"):
        with pytest.raises(AccessRefused):
            open_it(people, row, now, who=who)
    assert not EmergencyMiss.objects.exists()
    with pytest.raises(InputRefused):
        standings.name(
            by=viewer_of(people.dpo, now=now), mandate_id=people.dpo.pk, kind=StandingKind.EMERGENCY,
            from_day=now.date(), to_day=now.date(), now=now,
        )  # fmt: skip
    with pytest.raises(AccessRefused):
        standings.name(
            by=viewer_of(people.outreach_lead, now=now), mandate_id=people.outreach.pk, kind=StandingKind.EMERGENCY,
            from_day=now.date(), to_day=now.date(), now=now,
        )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"last_name": "Inconnu"}, {"first_name": "Inconnu"}, {"born": date(2001, 1, 1)}, "excluded", "gone", "elsewhere",
        "suspended", "used_up", "overdue",
    ],
)  # fmt: skip
def test_one_answer_for_every_refusal(people: People, row: FollowUp, now: datetime, changes: Any) -> None:
    entitle(people, "outreach", now)
    if changes == "excluded":
        exclusions.shut_out(
            by=viewer_of(people.dpo, now=now), target=target_of(row), agent_id=people.outreach.agent_id,
            ground=Ground.KIN, now=now,
        )  # fmt: skip
    elif changes == "gone":
        FollowUp.objects.filter(pk=row.pk).update(state="expired")
    elif changes == "elsewhere":
        FollowUp.objects.filter(pk=row.pk).update(territory=people.elsewhere)
    elif changes == "suspended":
        for _ in range(3):
            with pytest.raises(GuardRefused):
                open_it(people, row, now, last_name="Inconnu")
    elif changes == "used_up":
        open_it(people, row, now)
        open_it(people, row, now + timedelta(hours=1))
        now += timedelta(hours=2)
    elif changes == "overdue":
        open_it(people, row, now)
        now += timedelta(hours=72)
    before = Episode.objects.count()
    with pytest.raises(GuardRefused) as said:
        open_it(people, row, now, **(changes if isinstance(changes, dict) else {}))
    assert said.value.message == actions.NOT_GRANTED
    assert Episode.objects.count() == before
    assert EmergencyMiss.objects.filter(agent_id=people.outreach.agent_id).exists()


def test_two_a_day_each_and_five_in_all(people: People, row: FollowUp, now: datetime) -> None:
    who = ("outreach", "outreach", "pjj", "pjj", "aemo")
    for key in set(who) | {"outreach_colleague"}:
        entitle(people, key, now)
    for number, key in enumerate(who):
        open_it(people, row, now + timedelta(minutes=number), who=key)
    with pytest.raises(GuardRefused):
        open_it(people, row, now + timedelta(minutes=9), who="outreach_colleague")
    later = now + timedelta(hours=24, minutes=9)
    assert open_it(people, row, later, who="outreach_colleague")


def test_three_misses_suspend_until_two_persons_restore(people: People, row: FollowUp, now: datetime) -> None:
    entitle(people, "outreach", now)
    for _ in range(3):
        with pytest.raises(GuardRefused):
            open_it(people, row, now, first_name="Faux")
    assert OutboxMail.objects.filter(to=people.dpo.agent.email).exists()
    with pytest.raises(GuardRefused):
        open_it(people, row, now + timedelta(days=9))
    later = now + timedelta(days=10)
    agent = people.outreach.agent_id
    count = EmergencyMiss.objects.count()
    coordinator, dpo = viewer_of(people.coordinator, now=later), viewer_of(people.dpo, now=later)
    asked = actions.ask_to_restore(by=coordinator, agent_id=agent, reason="error", now=later)
    with pytest.raises(GuardRefused):
        actions.restore(by=coordinator, agent_id=agent, now=later)
    approvals.approve(by=dpo, approval_id=asked.pk, now=later)
    actions.restore(by=coordinator, agent_id=agent, now=later)
    assert open_it(people, row, later)
    assert EmergencyMiss.objects.count() == count


@pytest.fixture
def suspended(people: People, row: FollowUp, now: datetime) -> uuid.UUID:
    """Return an agent whose right three misses suspended."""
    entitle(people, "outreach", now)
    for _ in range(3):
        with pytest.raises(GuardRefused):
            open_it(people, row, now, first_name="Faux")
    return people.outreach.agent_id


def test_a_suspended_right_comes_back_on_screen_by_two(people: People, row: FollowUp, suspended: uuid.UUID) -> None:
    client, where = client_for(people.coordinator), reverse("emergencies:suspensions")
    assert where in client.get(reverse("emergencies:list")).content.decode()
    name = people.outreach.agent.full_name
    assert name in client.get(where).content.decode()
    act = reverse("emergencies:restore", args=[suspended])
    assert client.post(act, {"reason": ""}).status_code == 422
    assert client.post(act, {"reason": "error"}).url == where
    said = client.get(where).content.decode()
    assert "Le rétablissement est demandé" in said
    assert 'name="restore"' not in said
    client.post(act, {"restore": "1"})
    assert reads.misses(suspended, people.territory.pk) == 3, "nobody agreed yet"
    asked = approvals.Approval.objects.get()
    approvals.approve(by=viewer_of(people.dpo), approval_id=asked.pk, now=timezone.now())
    assert 'name="restore"' in client.get(where).content.decode()
    client.post(act, {"restore": "1"})
    assert reads.misses(suspended, people.territory.pk) == 0
    said = client.get(where).content.decode()
    assert "Aucun droit n’est suspendu." in said
    assert {name, people.coordinator.agent.full_name, people.dpo.agent.full_name} <= set(
        re.findall(r">([^<>]+)<", said)
    )


def test_the_one_concerned_neither_asks_nor_agrees(people: People, now: datetime, row: FollowUp) -> None:
    for _ in range(3):
        with pytest.raises(GuardRefused):
            open_it(people, row, now, who="dpo", first_name="Faux")
    agent = people.dpo.agent_id
    with pytest.raises(GuardRefused):
        actions.ask_to_restore(by=viewer_of(people.dpo, now=now), agent_id=agent, reason="error", now=now)
    coordinator = viewer_of(people.coordinator, now=now)
    asked = actions.ask_to_restore(by=coordinator, agent_id=agent, reason="error", now=now)
    approvals.approve(by=viewer_of(people.dpo, now=now), approval_id=asked.pk, now=now)
    with pytest.raises(GuardRefused, match="concernée"):
        actions.restore(by=coordinator, agent_id=agent, now=now)
    assert reads.misses(agent, people.territory.pk) == 3


@pytest.mark.parametrize("who", ["pjj_lead", "outreach", "valideur", "mayor", "sysadmin", "prosecutor"])
def test_nobody_else_sees_or_restores_rights(people: People, suspended: uuid.UUID, who: str) -> None:
    client = client_for(people.mandates[who])
    assert client.get(reverse("emergencies:suspensions")).status_code == 404
    assert client.post(reverse("emergencies:restore", args=[suspended]), {"reason": "error"}).status_code == 404


def test_restoring_asks_for_a_fresh_second_factor(people: People, now: datetime, suspended: uuid.UUID) -> None:
    client = client_for(people.coordinator, now=now - timedelta(minutes=6))
    assert client.post(reverse("emergencies:restore", args=[suspended]), {"reason": "error"}).status_code == 401


@pytest.mark.attack("T-36")
def test_a_miss_cleared_by_sql_still_counts(people: People, suspended: uuid.UUID) -> None:
    EmergencyMiss.objects.update(cleared_by=uuid.uuid4())
    assert reads.misses(suspended, people.territory.pk) == 3


def test_a_late_review_is_shown_until_it_is_made(people: People, row: FollowUp, now: datetime) -> None:
    entitle(people, "outreach", now)
    open_it(people, row, now)
    late = reads.suspensions(viewer_of(people.coordinator, now=now + timedelta(hours=72)), now + timedelta(hours=72))
    assert [line.reference for line in late.by_reviews] == [row.reference]
    just = now + timedelta(hours=72) - timedelta(seconds=1)
    assert reads.suspensions(viewer_of(people.coordinator, now=just), just).by_reviews == []


def test_witnesses_are_told_at_once_without_a_name(people: People, row: FollowUp, now: datetime) -> None:
    entitle(people, "outreach", now)
    OutboxMail.objects.all().delete()
    open_it(people, row, now)
    told = set(OutboxMail.objects.values_list("to", flat=True))
    assert {people.coordinator.agent.email, people.dpo.agent.email} <= told
    assert people.outreach.agent.email not in told
    from casework.casefile import mailer

    for message in mailer.messages():
        assert row.reference not in message.subject + message.body
        assert identity(row)["last_name"] not in message.subject + message.body
    lines = work.for_viewer(viewer_of(people.coordinator, now=now), now)
    assert [line.reference for line in lines if line.rule == "ACL-09"] == [row.reference]
    assert AuditEvent.objects.filter(act="reveal", why="emergency_danger").count() == 1


def test_a_witness_who_is_shut_out_is_told_nothing(people: People, row: FollowUp, now: datetime) -> None:
    entitle(people, "outreach", now)
    exclusions.shut_out(
        by=viewer_of(people.dpo, now=now), target=target_of(row), agent_id=people.coordinator.agent_id,
        ground=Ground.KIN, now=now,
    )  # fmt: skip
    OutboxMail.objects.all().delete()
    open_it(people, row, now)
    assert people.coordinator.agent.email not in set(OutboxMail.objects.values_list("to", flat=True))
    coordinator = viewer_of(people.coordinator, now=now)
    assert not [line for line in work.for_viewer(coordinator, now) if line.rule == "ACL-09"]
    assert reads.lines(coordinator, now) == []


def test_another_organisation_reviews_within_72_hours(people: People, row: FollowUp, now: datetime) -> None:
    entitle(people, "outreach", now)
    entitle(people, "outreach_colleague", now)
    episode = open_it(people, row, now)
    for who in ("outreach", "outreach_lead", "pjj", "mayor", "valideur"):
        with pytest.raises(AccessRefused):
            actions.review(
                by=viewer_of(people.mandates[who], now=now), episode_id=episode.pk, verdict=Verdict.JUSTIFIED, now=now
            )  # fmt: skip
    late = now + timedelta(hours=72)
    with pytest.raises(GuardRefused):
        open_it(people, row, late, who="outreach_colleague")
    lines = work.for_viewer(viewer_of(people.pjj_lead, now=now), now)
    assert [line.act_label for line in lines if line.rule == "ACL-09"] == ["Contrôler"]
    actions.review(by=viewer_of(people.pjj_lead, now=late), episode_id=episode.pk, verdict=Verdict.JUSTIFIED, now=late)
    assert open_it(people, row, late, who="outreach_colleague")
    mine = open_it(people, row, late, who="dpo")
    with pytest.raises(AccessRefused):
        actions.review(
            by=viewer_of(people.coordinator, now=late), episode_id=mine.pk, verdict=Verdict.JUSTIFIED, now=late
        )


def test_duress_looks_alike_masks_the_whereabouts_and_calls_two(people: People, row: FollowUp, now: datetime) -> None:
    entitle(people, "outreach", now)
    entitle(people, "pjj", now)
    OutboxMail.objects.all().delete()
    open_it(people, row, now, reason=EmergencyReason.DURESS)
    urgent = [mail for mail in _mails() if mail.subject == "À lire tout de suite"]
    assert len(urgent) == 2
    assert people.outreach.agent.email not in {mail.to for mail in urgent}
    open_it(people, row, now, who="pjj")
    pages = {
        who: client_for(people.mandates[who])
        .get(reverse("followups:page", args=[row.pk]) + "?onglet=famille")
        .content.decode()
        for who in ("outreach", "pjj")
    }
    assert "rue des" in pages["pjj"] or "Adresse" in pages["pjj"]
    address = _address(row)
    assert address in pages["pjj"]
    assert address not in pages["outreach"]
    assert "ne pas communiquer" not in pages["outreach"]
    assert "contrainte" not in pages["outreach"]
    assert "Ouverture d’urgence" in pages["outreach"]


def _mails() -> list[Any]:
    from casework.casefile import mailer

    return mailer.messages()


def _address(row: FollowUp) -> str:
    from casework import audit

    with audit.reading(
        audit.system_actor(row.territory_id), subjects=[row.subject_id], classes=["youth_identity"],
        purpose=audit.Purpose.SYSTEM,
    ):  # fmt: skip
        return FollowUp.objects.get(pk=row.pk).person.address or ""


def test_the_page_asks_for_a_factor_of_this_minute(people: People, row: FollowUp, now: datetime) -> None:
    entitle(people, "outreach", now)
    sent = {key: str(value) for key, value in identity(row).items()} | {"reason": "danger", "words": WORDS}
    old = client_for(people.outreach, now=now - timedelta(seconds=61))
    old.post(reverse("emergencies:ask"), sent)
    assert not Episode.objects.exists()
    fresh = client_for(people.outreach)
    answer = fresh.post(reverse("emergencies:ask"), sent)
    assert answer.status_code == 302
    page = fresh.get(answer["Location"])
    assert "Ouverture d’urgence" in page.content.decode()
    assert AuditEvent.objects.filter(why="emergency_page").count() == 1
    episode = Episode.objects.get()
    assert fresh.post(reverse("emergencies:close", args=[episode.pk])).status_code == 302
    assert fresh.get(answer["Location"]).status_code == 404


@pytest.mark.parametrize("words", ["", "trop court", " " * 40])
def test_the_explanation_is_long_enough_and_sealed(people: People, row: FollowUp, now: datetime, words: str) -> None:
    entitle(people, "outreach", now)
    with pytest.raises(InputRefused):
        open_it(people, row, now, words=words)
    with pytest.raises(InputRefused):
        open_it(people, row, now, reason="prose")
    episode = open_it(people, row, now)
    assert reads.one(viewer_of(people.dpo, now=now), episode.pk, now).words == WORDS
    with pytest.raises(AccessRefused):
        reads.one(viewer_of(people.aemo, now=now), episode.pk, now)


@pytest.mark.attack("T-36")
def test_rows_written_by_sql_open_nothing(people: People, row: FollowUp, now: datetime) -> None:
    Standing.objects.bulk_create(
        [Standing(territory=people.territory, mandate=people.outreach, kind=StandingKind.EMERGENCY, starts_at=now,
                  ends_at=now + timedelta(days=1), named_by=uuid.uuid4())]
    )  # fmt: skip
    Standing.objects.update(mac=b"x")
    with pytest.raises(AccessRefused):
        open_it(people, row, now)
    entitle(people, "outreach", now)
    episode = open_it(people, row, now)
    Episode.objects.filter(pk=episode.pk).update(ends_at=now + timedelta(days=9), reviewed_at=now)
    later = now + timedelta(hours=1)
    assert not facts.visible_to(viewer_of(people.outreach, now=later), later).exists()


def test_what_is_open_in_the_circle_stays_writable(people: People, row: FollowUp, now: datetime) -> None:
    """An emergency takes nothing from who has a right of its own."""
    coordinator = viewer_of(people.coordinator, now=now)
    circle.enter(
        by=coordinator, follow_up=row, organisation=people.outreach_service, reason=CircleReason.KNOWS, now=now
    )
    viewer = viewer_of(people.outreach_lead, now=now)
    assert DataClass.YOUTH_REVIEW in facts.relation(viewer, row, now).classes(viewer, now, Action.CREATE)
