"""`phones_receive --territory NAME < serials`: devices of a court that has no account here, one serial a line."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.timezone import localdate

from casework.audit import system_actor
from casework.errors import Refused
from casework.partners.models import Territory
from casework.vif.phones.actions import stock


class Command(BaseCommand):
    """Add devices to the stock. Serials come by the standard input: none stays in the history of a shell."""

    help = "Ajoute au parc les téléphones d’un tribunal sans compte ; les numéros de série sur l’entrée standard."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the territory."""
        parser.add_argument("--territory", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Add each device and print its mark, never its serial. Raises CommandError."""
        territory = Territory.objects.filter(name=options["territory"]).first()
        if territory is None:
            raise CommandError("Ce territoire n’existe pas.")
        now = timezone.now()
        for line in filter(str.strip, sys.stdin.read().splitlines()):
            try:
                row = stock.receive(by=system_actor(territory.pk), serial=line, received_on=localdate(now), now=now)
            except Refused as refusal:
                raise CommandError(refusal.message or "Refusé.") from None
            self.stdout.write(row.mark)
