"""A pair that the coordinator may not compare waits for the DPO: by reference, opened with a reason, decided, kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.access.emergencies import reads as emergencies
from casework.access.emergencies.models import Episode
from casework.access.exclusions import Ground
from casework.access.exclusions import actions as exclusions
from casework.access.protection import actions as protection
from casework.audit.models import AuditEvent
from casework.casefile import work
from casework.casefile.models import OutboxMail
from casework.errors import AccessRefused, GuardRefused
from casework.minors.followups import facts
from casework.minors.followups.access_room import target_of
from casework.minors.followups.actions import duplicates, merge
from casework.minors.followups.codes import Stage
from casework.minors.followups.models import FollowUp, PossibleDuplicate
from casework.minors.followups.reads import queue
from casework.minors.sessions.models import AgendaLine  # noqa: F401 its room takes part in a merge
from tests.followups.saisine_setting import refer
from tests.people import client_for, viewer_of

pytestmark = [pytest.mark.rule("SIT-03"), pytest.mark.attack("T-39"), pytest.mark.django_db(databases="__all__")]


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def pair(people, now) -> PossibleDuplicate:
    """Yanis twice; the coordinator knows the family."""
    older = refer(people, by="pjj", now=now - timedelta(days=60))
    refer(people, by="mds", origin="social_service", now=now - timedelta(days=1))
    exclusions.declare(by=viewer_of(people.coordinator), target=target_of(older), ground=Ground.KIN, now=now)
    return PossibleDuplicate.objects.select_related("older", "newer").get()


def dpo(people, now):
    return viewer_of(people.dpo, now=now)


def opened_by_dpo(people, pair, now):
    duplicates.open_pair(by=dpo(people, now), duplicate_id=pair.pk, now=now)


def test_the_task_passes_to_the_dpo_and_leaves_the_coordinator(people, pair, now):
    coordinator = viewer_of(people.coordinator, now=now)
    assert not duplicates.pending(coordinator, now).exists()
    with pytest.raises(AccessRefused):
        duplicates.dismiss(by=coordinator, duplicate_id=pair.pk, now=now)
    left = queue.left(dpo(people, now), now)
    assert [line.references for line in left] == [(pair.older.reference, pair.newer.reference)]
    page = client_for(people.dpo).get(reverse("followups:left_duplicates"))
    assert pair.older.reference in page.content.decode()
    assert "Belkacem" not in page.content.decode()
    labels = [item.label for item in work.for_viewer(dpo(people, now), now)]
    assert "Doublon possible à décider" in labels


def test_a_pair_that_some_coordinator_may_compare_is_none_of_the_dpo_s_business(people, now):
    refer(people, by="pjj", now=now - timedelta(days=60))
    refer(people, by="mds", origin="social_service")
    found = PossibleDuplicate.objects.get()
    assert queue.left(dpo(people, now), now) == ()
    with pytest.raises(AccessRefused):
        duplicates.open_pair(by=dpo(people, now), duplicate_id=found.pk, now=now)


@pytest.mark.parametrize("who", ["pjj_lead", "coordinator", "valideur", "sysadmin", "mayor"])
def test_to_anybody_else_the_page_is_absent(people, pair, who):
    client = client_for(people.mandates[who])
    assert client.get(reverse("followups:left_duplicates")).status_code == 404
    assert client.get(reverse("followups:left_duplicate", args=[pair.pk])).status_code == 404


@pytest.mark.rule("ACL-09")
def test_the_dpo_reads_nothing_and_decides_nothing_before_opening_with_a_reason(people, pair, now):
    with pytest.raises(AccessRefused):
        queue.compared(dpo(people, now), pair.pk, now)
    for act in (
        lambda: duplicates.dismiss(by=dpo(people, now), duplicate_id=pair.pk, now=now),
        lambda: merge.merge(by=dpo(people, now), duplicate_id=pair.pk, keep_id=pair.newer_id, now=now),
    ):
        with pytest.raises(AccessRefused):
            act()
    assert PossibleDuplicate.objects.get().resolved_at is None


@pytest.mark.rule("ACL-09")
def test_opening_is_seen_by_others_lasts_thirty_minutes_and_asks_for_a_review(people, pair, now):
    opened_by_dpo(people, pair, now)
    opened_by_dpo(people, pair, now)  # twice changes nothing
    episodes = Episode.objects.order_by("reference")
    assert {row.reference for row in episodes} == {pair.older.reference, pair.newer.reference}
    assert all(row.review_due_at == now + timedelta(hours=72) for row in episodes)
    assert people.mds_lead.agent.email in set(OutboxMail.objects.values_list("to", flat=True))
    assert [line.may_review for line in emergencies.to_review(viewer_of(people.mds_lead, now=now), now)] == [True, True]
    shown = queue.compared(dpo(people, now), pair.pk, now)
    assert all("Yanis" in side.name for side in shown.sides)
    late = now + timedelta(minutes=31)
    with pytest.raises(AccessRefused):
        queue.compared(dpo(people, late), pair.pk, late)


def test_the_coordinator_learns_nothing_of_it(people, pair, now):
    """Told of the other file alone, it would know that somebody it knows is in it."""
    opened_by_dpo(people, pair, now)
    coordinator = viewer_of(people.coordinator, now=now)
    assert emergencies.lines(coordinator, now) == []
    assert not any("urgence" in item.label for item in work.for_viewer(coordinator, now))
    assert not OutboxMail.objects.filter(to=people.coordinator.agent.email, subject="Une ouverture d’urgence").exists()
    html = client_for(people.coordinator).get(reverse("followups:duplicates")).content.decode()
    assert "Aucun doublon possible" in html


def test_whoever_reviews_learns_neither_why_nor_that_two_files_go_together(people, pair, now):
    opened_by_dpo(people, pair, now)
    lead = viewer_of(people.mds_lead, now=now)
    for line in emergencies.lines(lead, now):
        shown = emergencies.one(lead, line.id, now)
        assert "oublon" not in shown.words + shown.reason
        assert pair.older.reference not in shown.words


def test_the_dpo_merges_and_what_shut_people_out_follows(people, pair, now):
    protection.protect(
        by=viewer_of(people.pjj), person_id=pair.older.subject_id, territory_id=pair.older.territory_id, now=now
    )
    opened_by_dpo(people, pair, now)
    kept = merge.merge(by=dpo(people, now), duplicate_id=pair.pk, keep_id=pair.newer_id, now=now)
    assert FollowUp.objects.get(pk=pair.older_id).state == Stage.MERGED
    assert kept.pk == pair.newer_id
    assert not facts.visible_to(viewer_of(people.coordinator, now=now), now).filter(pk=kept.pk).exists()
    assert protection.protected([kept.subject_id]) == {kept.subject_id}
    done = queue.decided(dpo(people, now), now)
    assert [(line.merged, line.references) for line in done] == [(True, (pair.older.reference, pair.newer.reference))]
    assert AuditEvent.objects.filter(why="merged", actor_id=people.dpo.agent_id).exists()


def test_the_dpo_says_that_they_are_two_persons(people, pair, now):
    opened_by_dpo(people, pair, now)
    duplicates.dismiss(by=dpo(people, now), duplicate_id=pair.pk, now=now)
    later = now + timedelta(minutes=1)
    assert queue.left(dpo(people, later), later) == ()
    assert [line.merged for line in queue.decided(dpo(people, later), later)] == [False]
    assert not facts.visible_to(dpo(people, later), later).exists()  # nothing more is to be looked at


def test_a_late_review_stops_this_opening_too(people, pair, now):
    opened_by_dpo(people, pair, now)
    later = now + timedelta(hours=73)
    with pytest.raises(GuardRefused):
        duplicates.open_pair(by=dpo(people, later), duplicate_id=pair.pk, now=later)


def test_a_dpo_shut_out_of_one_side_sees_nothing_of_it(people, pair, now):
    exclusions.declare(by=dpo(people, now), target=target_of(pair.newer), now=now)
    assert queue.left(dpo(people, now), now) == ()


def test_the_screens_from_the_list_to_the_decision(people, pair):
    client = client_for(people.dpo)
    page = client.get(reverse("followups:left_duplicates"))
    token = page.content.decode().split('name="once" value="')[1].split('"')[0]
    answer = client.post(reverse("followups:open_left_duplicate", args=[pair.pk]), {"once": token}, follow=True)
    html = answer.content.decode()
    assert "Yanis" in html
    assert "contrôlera" in html
    token = html.split('name="once" value="')[1].split('"')[0]
    url = reverse("followups:decide_left_duplicate", args=[pair.pk])
    answer = client.post(url, {"keep": "nothing", "once": token})
    assert answer.status_code == 422
    answer = client.post(url, {"keep": "both", "once": token}, follow=True)
    assert "Deux personnes" in answer.content.decode()
