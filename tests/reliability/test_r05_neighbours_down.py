"""R-05: mail or the witness away: work goes on, nothing is lost, it is said. (Keys away: T-14.)"""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from casework import audit
from casework.audit import checkpoints, witness
from casework.casefile import mailer
from casework.desk import system
from tests.followups.saisine_setting import refer
from tests.people import client_for

pytestmark = [pytest.mark.attack("R-05"), pytest.mark.django_db(databases="__all__")]


def queue(n, now):
    with transaction.atomic():
        mailer.queue(to="nadia@ville.example", subject=f"Message {n}", body="Quelque chose vous attend.", now=now)


def test_mail_waits_in_its_order_and_leaves_once(people, monkeypatch):
    now = timezone.now()
    for n in range(3):
        queue(n, now + timedelta(seconds=n))

    def away(self, messages):
        raise SMTPServerDisconnected("Belkacem")

    later = now + timedelta(minutes=1)
    with monkeypatch.context() as down:
        down.setattr(EmailBackend, "send_messages", away)
        assert mailer.send_due(later).retried == 3
        refer(people)  # work goes on
        line = next(each for each in system.page(later).rest if each.what == "Messages en attente")
        assert line.kind == "wait"
    for minutes in (2, 2, 20):
        mailer.send_due(later + timedelta(minutes=minutes))
    assert [message.subject for message in mail.outbox if message.subject.startswith("Message")] == [
        "Message 0", "Message 1", "Message 2",
    ]  # fmt: skip


def test_without_its_witness_work_goes_on_and_lateness_is_said(people, settings, tmp_path):
    place = tmp_path / "somewhere"
    settings.AUDIT_WITNESS_DIR = place
    refer(people, last_name="Martin")
    call_command("audit_checkpoint")
    place.rename(tmp_path / "unplugged")
    place.write_text("not a folder")
    follow_up = refer(people)
    page = reverse("followups:page", args=[follow_up.pk])
    assert client_for(people.coordinator).get(page).status_code == 200
    with pytest.raises(CommandError) as caught:
        call_command("audit_checkpoint")
    assert caught.value.returncode in (3, 4)
    now = timezone.now()
    log = str(people.territory.pk)
    assert not checkpoints.is_late(log, now)
    late = now + timedelta(minutes=61)
    assert checkpoints.is_late(log, late)
    assert "late" in {line.kind for line in system.page(late).journals}
    place.unlink()
    (tmp_path / "unplugged").rename(place)
    call_command("audit_checkpoint")
    assert not checkpoints.is_late(log, timezone.now() + timedelta(minutes=61))
    last = witness.last(log)
    assert last is not None
    assert last.size == audit.models.AuditHead.objects.get(pk=log).size
