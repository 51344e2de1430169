"""Build the fictitious town (demo and tests only)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """`demo_town --seed N [--size S]`: a real commune at 1×, or S situations."""

    help = "Build the fictitious town; refused in production."

    def add_arguments(self, parser: CommandParser) -> None:
        """Read the seed and the size."""
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--size", type=int, default=60, help="number of situations")
        parser.add_argument("--meetings", type=int, default=12, help="past meetings")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the town, or refuse."""
        if settings.IS_PRODUCTION:
            raise CommandError("La ville fictive est refusée en production.")
        from casework.desk.demo import town
        from casework.partners.models import Territory

        if Territory.objects.exists():
            raise CommandError("Cette base n’est pas vide.")
        built = town.build(seed=options["seed"], size=options["size"], meetings=options["meetings"])
        self.stdout.write(f"{built.situations} situations, {built.meetings} réunions.")
