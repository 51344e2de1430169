"""Mail leaves once its act is committed, is tried again, and keeps nothing it should not."""

from __future__ import annotations

import io
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from casework.casefile import mailer
from casework.casefile.models import OutboxMail
from casework.errors import AccessRefused
from casework.sealing import keys
from tests.casefile.support import NOW

pytestmark = pytest.mark.django_db(databases="__all__")

LINK = "https://cellule.example/invitation/8f3c"


def queue(to="nadia@ville.example", body=f"Ouvrez {LINK}", now=NOW):
    return mailer.queue(to=to, subject="Votre première connexion", body=body, now=now)


class Refusing:
    """A mail server that refuses, quoting the address."""

    def send_messages(self, messages):
        raise SMTPRecipientsRefused({messages[0].to[0]: (550, b"no")})


@pytest.fixture
def down(monkeypatch):
    monkeypatch.setattr(mailer, "get_connection", Refusing)


def test_what_is_queued_leaves_and_is_marked():
    queue()
    assert mailer.send_due(NOW) == mailer.Report(sent=1, retried=0, given_up=0)
    assert (mail.outbox[0].to, mail.outbox[0].body) == (["nadia@ville.example"], f"Ouvrez {LINK}")
    assert OutboxMail.objects.get().sent_at == NOW
    assert mailer.send_due(NOW + timedelta(days=1)).sent == 0
    assert len(mail.outbox) == 1


def test_a_message_of_an_act_that_failed_never_leaves():
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)
    assert mailer.send_due(NOW).sent == 0


def test_the_database_holds_no_link():
    queue()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM casefile_outboxmail")
        row = cursor.fetchone()
    assert LINK.encode() not in b" ".join(
        bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row
    )


def test_a_server_that_is_down_is_tried_again_later_and_later(down):
    queue()
    assert mailer.send_due(NOW).retried == 1
    assert mailer.send_due(NOW + timedelta(seconds=59)) == mailer.Report(0, 0, 0)
    assert mailer.send_due(NOW + timedelta(minutes=1)).retried == 1
    row = OutboxMail.objects.get()
    assert (row.attempts, row.next_attempt_at) == (2, NOW + timedelta(minutes=6))
    assert (row.last_error, row.sent_at) == ("SMTPRecipientsRefused", None)
    assert "nadia" not in row.last_error


def test_it_leaves_once_the_server_is_back(monkeypatch):
    queue()
    with monkeypatch.context() as patched:
        patched.setattr(mailer, "get_connection", Refusing)
        mailer.send_due(NOW)
    assert mailer.send_due(NOW + timedelta(minutes=2)).sent == 1
    assert OutboxMail.objects.get().last_error == ""


def test_after_the_last_try_it_is_given_up_and_still_counted(down):
    queue()
    at = NOW
    reports = []
    for minutes in (0, *mailer.RETRY_MINUTES):
        at += timedelta(minutes=minutes)
        reports.append(mailer.send_due(at))
    assert [report.given_up for report in reports] == [0] * len(mailer.RETRY_MINUTES) + [1]
    assert mailer.send_due(at + timedelta(days=30)) == mailer.Report(0, 0, 0)
    assert mailer.waiting_count() == 1


def test_two_runs_share_the_work():
    row = queue()
    stale = OutboxMail.objects.get(pk=row.pk)
    assert mailer._claim(OutboxMail.objects.get(pk=row.pk), NOW)
    assert not mailer._claim(stale, NOW)


def test_more_than_one_batch_leaves_and_the_limit_holds():
    for n in range(mailer.BATCH + 3):
        queue(to=f"agent{n}@ville.example")
    assert mailer.send_due(NOW, limit=mailer.BATCH + 1).sent == mailer.BATCH + 1
    assert mailer.send_due(NOW).sent == 2


def test_in_production_the_text_is_emptied_and_nobody_reads_the_outbox(settings, tmp_path):
    settings.KEK_PROVIDER, settings.KEK_DIR = "file", tmp_path / "kek"  # production refuses the provider of tests
    keys.forget()
    keys.initialise()
    queue()
    settings.IS_PRODUCTION = True
    mailer.send_due(NOW)
    with pytest.raises(AccessRefused):
        mailer.messages()
    settings.IS_PRODUCTION = False
    assert mailer.messages()[0].body == ""


def test_in_the_demo_messages_stay_readable_newest_first():
    queue(to="a@ville.example")
    queue(to="b@ville.example", now=NOW + timedelta(minutes=1))
    mailer.send_due(NOW)
    assert [(m.to, m.body, m.sent_at) for m in mailer.messages()] == [
        ("b@ville.example", f"Ouvrez {LINK}", None),
        ("a@ville.example", f"Ouvrez {LINK}", NOW),
    ]


def test_sent_messages_go_after_thirty_days():
    queue()
    mailer.send_due(NOW)
    queue()
    assert mailer.purge(NOW + timedelta(days=29)) == 0
    assert mailer.purge(NOW + timedelta(days=31)) == 1
    assert OutboxMail.objects.count() == 1


def test_the_command_tells_counts_and_no_address():
    queue(now=timezone.now())
    out = io.StringIO()
    call_command("outbox_send", stdout=out)
    assert out.getvalue() == "Messages envoyés : 1, à réessayer : 0, abandonnés : 0, en attente : 0.\n"
