"""Queue the reminders that the hour owes and post the mail that waits. Called every minute by cron or a timer; two at once are harmless."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from casework.casefile import mailer


class Command(BaseCommand):
    """`manage.py outbox_send [--limit N]`."""

    help = "Envoie les messages en attente."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare --limit."""
        parser.add_argument("--limit", type=int, default=500, help="nombre de messages au plus")

    def handle(self, *args: Any, **options: Any) -> None:
        """Send, then say in one line what happened; no address is written."""
        mailer.run_reminders(timezone.now())
        report = mailer.send_due(timezone.now(), limit=options["limit"])
        self.stdout.write(
            f"Messages envoyés : {report.sent}, à réessayer : {report.retried}, "
            f"abandonnés : {report.given_up}, en attente : {mailer.waiting_count()}."
        )
