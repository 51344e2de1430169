"""The end of a record on screen: kept by one, let go by two, erased early by two; who may not sees nothing (T-43)."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from casework.access.approvals.actions import approve
from casework.access.approvals.models import Approval
from casework.access.exclusions import Ground
from casework.access.exclusions import actions as exclusions
from casework.access.subjects import by_subjects
from casework.casefile import erasure
from casework.casefile.endings import holds
from casework.casefile.models import Erasure, LegalHold
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups.actions import retention, sorting
from casework.minors.followups.models import FollowUp
from casework.partners import genuine
from casework.sealing import keys
from tests.casefile import pdf_text
from tests.followups.saisine_setting import refer
from tests.people import client_for, viewer_of

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.attack("T-43")]
NOW = timezone.now


@pytest.fixture(autouse=True)
def file_keys(settings, tmp_path):
    """Keys in files: what is destroyed is destroyed for every process."""
    settings.KEK_PROVIDER, settings.KEK_DIR = "file", tmp_path / "kek"
    keys.forget()
    yield
    keys.forget()


@pytest.fixture
def record(people) -> FollowUp:
    return refer(people)


def url(record: FollowUp, name: str = "page") -> str:
    return reverse(f"endings:{name}", args=[record.subject_id])


def post(client, record: FollowUp, act: str, **more):
    return client.post(url(record, "act"), {"act": act, "once": str(uuid.uuid4()), **more})


def impose(people, record: FollowUp, reason: str = "court") -> LegalHold:
    return holds.impose(by=viewer_of(people.coordinator), subject_id=record.subject_id, reason=reason, now=NOW())


def agree(people, who: str = "dpo") -> None:
    """Agree to what was asked last."""
    asked = Approval.objects.order_by("-asked_at").first()
    approve(by=viewer_of(people.mandates[who]), approval_id=asked.pk, now=NOW())


# ---------------------------------------------------------------- early erasure


@pytest.mark.rule("ARC-04")
def test_asked_agreed_to_and_carried_out_once_on_screen(people, record):
    client = client_for(people.coordinator)
    answer = client.get(reverse("followups:page", args=[record.pk]))
    assert url(record) in answer.content.decode(), "the situation leads there"
    assert "Demander l’effacement" in client.get(url(record)).content.decode()
    post(client, record, "ask", reason="rights_request", words="")
    said = client.get(url(record)).content.decode()
    assert "il attend l’accord d’une seconde personne" in said
    assert "btn-danger" not in said
    agree(people)
    asked = reverse("approvals:page", args=[Approval.objects.get().pk])
    assert f'href="{url(record)}"' in client.get(asked).content.decode(), "the request leads back to the act"
    assert url(record) not in client_for(people.dpo).get(asked).content.decode()
    assert f"Effacer définitivement {record.reference}" in client.get(url(record)).content.decode()
    answer = post(client, record, "erase", confirm="MIR-2026-ZZZZ")
    assert answer.status_code == 422
    assert FollowUp.objects.filter(pk=record.pk).exists()
    answer = post(client, record, "erase", confirm=record.reference.lower())
    assert answer.url == reverse("endings:list")
    assert not FollowUp.objects.filter(pk=record.pk).exists()
    done = Erasure.objects.get()
    assert done.ended_at is not None
    assert done.reason == "rights_request"
    assert done.number in client.get(reverse("endings:list")).content.decode()
    answer = client.get(reverse("endings:certificate", args=[done.pk]))
    text = pdf_text.text(answer.content)
    assert done.number in text
    assert record.reference not in text
    assert "Décidé à deux" in text
    assert client.get(url(record)).status_code == 404
    assert post(client, record, "erase", confirm=record.reference).status_code == 404


def test_an_erasure_that_nobody_agreed_to_is_refused_on_screen(people, record):
    client = client_for(people.coordinator)
    answer = post(client, record, "erase", confirm=record.reference)
    assert answer.status_code == 422
    assert FollowUp.objects.filter(pk=record.pk).exists()


def test_the_asker_of_another_motive_has_no_agreement(people, record):
    client = client_for(people.coordinator)
    post(client, record, "ask", reason="error", words="")
    agree(people)
    with pytest.raises(GuardRefused):
        erasure.erase(by=viewer_of(people.coordinator), reference=record.reference, reason="court_order", now=NOW())


@pytest.mark.parametrize("act", ["ask", "erase", "hold", "ask_lift", "lift"])
def test_each_act_asks_for_a_fresh_second_factor(people, record, act):
    client = client_for(people.coordinator, now=NOW() - timedelta(minutes=6))
    assert post(client, record, act, reason="court").status_code == 401
    assert not Approval.objects.exists()
    assert not LegalHold.objects.exists()


@pytest.mark.parametrize(
    "who", ["pjj_lead", "pjj", "valideur", "mayor", "sysadmin", "prosecutor", "education", "apers_victim", "aemo"]
)
def test_to_anybody_else_the_pages_are_not_there(people, record, who):
    client = client_for(people.mandates[who])
    number = uuid.uuid4()
    for where in (reverse("endings:list"), url(record), reverse("endings:certificate", args=[number])):
        assert client.get(where).status_code == 404, where
    assert post(client, record, "hold", reason="court").status_code == 404


def test_a_record_of_another_town_is_not_there(people, record):
    FollowUp.objects.filter(pk=record.pk).update(territory=people.elsewhere)
    client = client_for(people.coordinator)
    assert client.get(url(record)).status_code == 404
    assert client.get(reverse("endings:page", args=[uuid.uuid4()])).status_code == 404


@pytest.mark.attack("T-39")
def test_whoever_is_shut_out_neither_asks_nor_sees(people, record):
    target = by_subjects(viewer_of(people.dpo), [record.subject_id])[record.subject_id]
    exclusions.shut_out(
        by=viewer_of(people.dpo), target=target, agent_id=people.coordinator.agent_id, ground=Ground.KIN, now=NOW()
    )
    shut = viewer_of(people.coordinator)
    assert client_for(people.coordinator).get(url(record)).status_code == 404
    with pytest.raises(InputRefused, match="Aucune fiche"):
        erasure.ask(by=shut, reference=record.reference, reason="error", now=NOW())
    with pytest.raises(AccessRefused):
        holds.impose(by=shut, subject_id=record.subject_id, reason="court", now=NOW())


def test_the_officer_finds_a_record_by_its_reference(people, record):
    client = client_for(people.dpo)
    said = client.get(reverse("endings:list")).content.decode()
    assert "Aucune conservation imposée." in said
    assert "Aucun effacement." in said
    answer = client.post(reverse("endings:list"), {"reference": record.reference.lower()})
    assert answer.url == url(record)
    assert client.get(answer.url).status_code == 200
    answer = client.post(reverse("endings:list"), {"reference": "MIR-2026-AAAA"})
    assert answer.status_code == 422
    assert "Aucune fiche ne porte cette référence." in answer.content.decode()


# ---------------------------------------------------------------- legal hold


def test_one_imposes_two_lift(people, record):
    coordinator = viewer_of(people.coordinator)
    row = impose(people, record)
    assert impose(people, record, "archives").pk == row.pk, "it runs already"
    with pytest.raises(GuardRefused, match="seconde personne"):
        holds.lift(by=coordinator, subject_id=record.subject_id, now=NOW())
    holds.ask_to_lift(by=coordinator, subject_id=record.subject_id, reason="change", now=NOW())
    agree(people)
    holds.lift(by=coordinator, subject_id=record.subject_id, now=NOW())
    assert holds.running([record.subject_id]) == {}
    with pytest.raises(GuardRefused, match="Aucune conservation"):
        holds.lift(by=coordinator, subject_id=record.subject_id, now=NOW())


def test_the_pages_of_a_hold(people, record):
    client = client_for(people.coordinator)
    assert post(client, record, "hold").status_code == 422
    post(client, record, "hold", reason="court")
    said = client.get(url(record)).content.decode()
    assert "Procédure judiciaire en cours" in said
    assert "Impossible tant que la conservation imposée court" in said
    assert record.reference in client.get(reverse("endings:list")).content.decode()
    answer = post(client, record, "ask", reason="error", words="")
    assert answer.status_code == 422
    assert "rien ne s’efface avant qu’elle soit levée" in answer.content.decode()
    post(client, record, "ask_lift", reason="change", words="")
    agree(people)
    assert "vous pouvez lever la conservation" in client.get(url(record)).content.decode()
    post(client, record, "lift")
    assert holds.running([record.subject_id]) == {}


def test_whoever_reads_the_situation_sees_that_it_is_kept(people, record):
    where = reverse("followups:page", args=[record.pk])
    client = client_for(people.coordinator)
    assert "Conservation imposée" not in client.get(where).content.decode()
    impose(people, record)
    assert "Conservation imposée" in client.get(where).content.decode()


@pytest.mark.rule("ARC-04")
def test_while_it_runs_neither_erasure_nor_retention_destroys(people, record):
    coordinator = viewer_of(people.coordinator)
    wanted = {"reference": record.reference, "reason": "rights_request"}
    erasure.ask(by=coordinator, now=NOW(), **wanted)
    agree(people)
    impose(people, record)
    for act in (erasure.ask, erasure.erase):
        with pytest.raises(GuardRefused, match="Conservation imposée depuis le"):
            act(by=coordinator, now=NOW(), **wanted)
    with pytest.raises(GuardRefused):
        erasure.begin(record.subject_id, territory_id=record.territory_id, reason="error", by=coordinator, now=NOW())
    assert not Erasure.objects.exists()


@pytest.mark.rule("RET-07")
def test_what_was_sorted_out_stays_until_the_hold_is_lifted(people, record):
    sorting.sort(
        by=viewer_of(people.coordinator), referral_id=record.referrals.get().pk, choice="out_of_scope", now=NOW()
    )
    impose(people, record)
    later = NOW() + timedelta(days=40)
    assert retention.erase_sorted_out(later) == 0
    assert FollowUp.objects.filter(pk=record.pk).exists()
    holds.ask_to_lift(by=viewer_of(people.coordinator), subject_id=record.subject_id, reason="term", now=NOW())
    agree(people)
    holds.lift(by=viewer_of(people.coordinator), subject_id=record.subject_id, now=NOW())
    assert retention.erase_sorted_out(later) == 1
    assert not FollowUp.objects.filter(pk=record.pk).exists()
    assert not LegalHold.objects.exists(), "what says who was kept goes with the person"


def test_an_erasure_begun_can_no_longer_be_stopped(people, record):
    erasure.begin(
        record.subject_id, territory_id=record.territory_id, reason="error", by=viewer_of(people.coordinator), now=NOW()
    )
    with pytest.raises(GuardRefused, match="est commencé"):
        impose(people, record)


@pytest.mark.attack("T-36")
def test_an_end_written_by_sql_ends_nothing(people, record):
    row = impose(people, record)
    genuine.forget_what_was_told()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE casefile_legalhold SET ended_at = set_at, approval_id = id WHERE reason = %s", [row.reason]
        )
    assert record.subject_id in holds.running([record.subject_id])
    coordinator = viewer_of(people.coordinator)
    with pytest.raises(GuardRefused):
        erasure.ask(by=coordinator, reference=record.reference, reason="error", now=NOW())
    # It is not held for ever either: two persons lift it as any other.
    holds.ask_to_lift(by=coordinator, subject_id=record.subject_id, reason="security", now=NOW())
    agree(people)
    holds.lift(by=coordinator, subject_id=record.subject_id, now=NOW())
    assert holds.running([record.subject_id]) == {}


def test_the_database_keeps_a_hold_that_nobody_agreed_to_lift(people, record):
    impose(people, record)
    with pytest.raises(IntegrityError), transaction.atomic():
        LegalHold.objects.update(ended_at=NOW())
