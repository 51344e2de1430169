"""Mail waits in the database, in the transaction of its act; `outbox_send` posts it.

A message says that there is something to read, never what: no word about a followed person leaves by mail.
The text is sealed all the same, because it may hold a one-time link, and emptied once sent.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import Q

from casework import audit
from casework.casefile.models import OutboxMail
from casework.errors import AccessRefused
from casework.sealing import keys, sweep

DATA_CLASS = "outbox"
# One constant owner for every message: no person's key is concerned.
KEY_ID = uuid.UUID("c0000000-0000-4000-8000-6f7574626f78")
KEEP_SENT = timedelta(days=30)
BATCH = 50
# Minutes before each new try; after the last one somebody must look.
RETRY_MINUTES = (1, 5, 15, 60, 240, 720, 1440, 1440)
logger = logging.getLogger(__name__)
_BEFORE: dict[str, Callable[[datetime], int]] = {}


@dataclass(frozen=True)
class Message:
    """A message as its reader gets it."""

    id: uuid.UUID
    to: str
    subject: str
    body: str
    queued_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True)
class Report:
    """What one run of the outbox did."""

    sent: int
    retried: int
    given_up: int


def prepare() -> None:
    """Make the key of messages. `queue` does it too; call it before the transaction where that matters."""
    keys.ensure(KEY_ID)


def queue(*, to: str, subject: str, body: str, now: datetime) -> OutboxMail:
    """Add a message to the outbox, in the current transaction; it leaves only if the act is committed.

    `subject` and `body` are French and name no followed person; `body` is plain text.
    """
    prepare()
    message = OutboxMail(subject_id=KEY_ID, to=to, subject=subject, body=body, queued_at=now, next_attempt_at=now)
    message.save(force_insert=True)
    return message


def before_sending(name: str, step: Callable[[datetime], int]) -> None:
    """Add what queues messages owed at an hour, not at a day; it must be safe to run every minute. The same name counts once."""
    _BEFORE[name] = step


def run_reminders(now: datetime) -> int:
    """Queue what the hour owes; return how many rows were reminded of. One step that fails stops neither others nor mail."""
    count = 0
    for name, step in _BEFORE.items():
        try:
            count += step(now)
        except Exception as fault:  # noqa: BLE001 the mail must leave; the message could quote a value
            logger.error("reminders.failed", extra={"step": name, "code": type(fault).__name__})
    return count


def send_due(now: datetime, *, limit: int = 500) -> Report:
    """Post what is due. Two runs at once share the work: a message is claimed by a conditional update.

    A crash between posting and marking posts it once more at the next try: the same words, harmless.
    """
    counts = {"sent": 0, "retried": 0, "given_up": 0}
    done = 0
    while done < limit and (batch := _due(now)[: min(BATCH, limit - done)]):
        done += len(batch)
        for message in _open([row for row in batch if _claim(row, now)]):
            counts[_send(message, now)] += 1
    return Report(**counts)


def messages(*, limit: int = 200) -> list[Message]:
    """Return the last messages, newest first, for the page « Messages envoyés » of the demo.

    Raises AccessRefused in production: there nobody reads other people's mail.
    """
    if settings.IS_PRODUCTION:
        raise AccessRefused
    return _open(list(OutboxMail.objects.order_by("-queued_at", "-id")[:limit]))


def waiting_count() -> int:
    """Return how many messages have not left yet, given up included."""
    return OutboxMail.objects.filter(sent_at__isnull=True).count()


def purge(now: datetime) -> int:
    """Delete messages sent more than 30 days ago; return how many."""
    return OutboxMail.objects.filter(sent_at__lt=now - KEEP_SENT).delete()[0]


def _due(now: datetime) -> list[OutboxMail]:
    waiting = Q(sent_at__isnull=True, gave_up_at__isnull=True, next_attempt_at__lte=now)
    return list(OutboxMail.objects.filter(waiting).order_by("queued_at", "id")[:BATCH])


def _claim(row: OutboxMail, now: datetime) -> bool:
    """Take one message: only one run can count this try."""
    delay = RETRY_MINUTES[min(row.attempts, len(RETRY_MINUTES) - 1)]
    claimed = OutboxMail.objects.filter(pk=row.pk, attempts=row.attempts, sent_at__isnull=True).update(
        attempts=row.attempts + 1, next_attempt_at=now + timedelta(minutes=delay)
    )
    row.attempts += claimed
    return bool(claimed)


def _open(rows: Sequence[OutboxMail]) -> list[Message]:
    if not rows:
        return []
    with audit.reading(
        audit.system_actor(),
        subjects={KEY_ID},
        classes={DATA_CLASS},
        purpose=audit.Purpose.SYSTEM,
        act=audit.Act.SYSTEM,
        module="casefile",
        object_type="outbox_mail",
    ):
        sweep.open_many(rows, "body")
        return [Message(row.pk, row.to, row.subject, row.body or "", row.queued_at, row.sent_at) for row in rows]


def _send(message: Message, now: datetime) -> str:
    """Post one message and write down how it went; return "sent", "retried" or "given_up"."""
    rows = OutboxMail.objects.filter(pk=message.id)
    try:
        EmailMessage(
            message.subject,
            message.body,
            settings.DEFAULT_FROM_EMAIL,
            [message.to],
            connection=get_connection(),
        ).send()
    except (SMTPException, OSError) as error:
        # The class only: an SMTP answer quotes the address.
        name = type(error).__name__[:60]
        if rows.filter(attempts__gt=len(RETRY_MINUTES)).update(last_error=name, gave_up_at=now):
            return "given_up"
        rows.update(last_error=name)
        return "retried"
    rows.update(sent_at=now, last_error="")
    if settings.IS_PRODUCTION:
        row = rows.get()
        row.body = None
        row.save(update_fields=["body"])
    return "sent"
