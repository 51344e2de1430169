"""The decision of the prosecutor, scanned: behind the door of her record, under her key, gone with it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from casework import audit
from casework.access.routes import policy_of
from casework.audit.models import AuditEvent
from casework.casefile.models import AttachedFile, FileContent
from casework.vif.phones.actions import nightly
from casework.vif.phones.views import papers
from tests.people import client_for
from tests.placements.reparation.setting import paper
from tests.vif.phones.setting import COURT, OFFICER, Setting
from tests.vif.victims.setting import NAME

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("at_noon")]


def _client(town: Setting, who: str = OFFICER) -> Client:
    return client_for(town.people.mandates[who], now=town.now)


def _join(client: Client, decision_id: object) -> int:
    file = SimpleUploadedFile(f"{NAME} decision.png", paper().content)
    url = reverse("phones:join", args=[decision_id])
    return client.post(url, {"file": file, "once": str(uuid4())}).status_code


@pytest.mark.rule("TGD-02", "VIC-01", "LOG-09")
@pytest.mark.attack("T-22", "T-48")
def test_a_signed_decision_is_joined_and_opened_by_who_opens_her_record(town: Setting) -> None:
    row = town.used()
    decision = row.decisions.get()
    officer, court = _client(town), _client(town, COURT)
    assert _join(officer, decision.pk) == 302
    assert _join(court, decision.pk) == 302
    file = AttachedFile.objects.filter(record_id=decision.pk).first()
    assert file.subject_id == row.subject_id
    with audit.reading(town.by(), subjects=[row.subject_id], classes=["attached_file"], purpose=audit.Purpose.REVIEW):
        assert file.name == "décision du parquet", "what the depositor called it may name her"
    url = reverse("phones:document", args=[file.pk])
    shown = officer.get(reverse("phones:page", args=[row.pk])).content.decode()
    assert url in shown
    for client in (officer, court):
        answer = client.get(url)
        assert answer.status_code == 200
        assert "attachment" in answer["Content-Disposition"]
        assert NAME not in answer["Content-Disposition"]
    told = [event for event in AuditEvent.objects.filter(act="print", module="vif") if "attached_file" in event.classes]
    assert len(told) == 2, "each reading is told by itself"
    assert policy_of(papers.download).step_up is not None, "a paper of the court may say an address"
    trap = SimpleUploadedFile("decision.pdf", b"MZ not a paper")
    refused = officer.post(reverse("phones:join", args=[decision.pk]), {"file": trap, "once": str(uuid4())})
    assert refused.status_code == 422
    assert officer.post(reverse("phones:document_withdraw", args=[file.pk]), {"once": str(uuid4())}).status_code == 302
    assert AttachedFile.objects.filter(record_id=decision.pk).count() == 1


@pytest.mark.rule("ACL-05", "VIC-01", "VIC-02")
@pytest.mark.attack("T-19", "T-39")
def test_nobody_else_opens_it_and_a_kept_address_keeps_it_too(town: Setting) -> None:
    row = town.used()
    decision = row.decisions.get()
    officer = _client(town)
    assert _join(officer, decision.pk) == 302
    file = AttachedFile.objects.get(record_id=decision.pk)
    url = reverse("phones:document", args=[file.pk])
    for who in ("apers_offender", "spip", "pjj", "coordinator", "mayor", "sysadmin"):
        client = _client(town, who)
        assert client.get(url).status_code == 404, who
        assert client.get(reverse("phones:join", args=[decision.pk])).status_code == 404, who
        assert _join(client, decision.pk) == 404, who
        withdraw = client.post(reverse("phones:document_withdraw", args=[file.pk]), {"once": str(uuid4())})
        assert withdraw.status_code == 404, who
    keep = reverse("victims:act_adresse", args=[row.support_id])
    assert officer.post(keep, {"on": "on", "once": str(uuid4())}).status_code == 302
    court = _client(town, COURT)
    assert court.get(url).status_code == 404
    assert url not in court.get(reverse("phones:page", args=[row.pk])).content.decode()
    assert officer.get(url).status_code == 200


@pytest.mark.rule("TGD-16")
def test_it_goes_with_the_phone_the_day_the_ban_ends(town: Setting) -> None:
    row = town.used()
    assert _join(_client(town), row.decisions.get().pk) == 302
    row = town.close(town.back(town.ending(row)), kept_until=town.today)
    assert nightly.delete_over(town.now + timedelta(days=1)) == 1
    assert not AttachedFile.objects.exists()
    assert not FileContent.objects.exists()
