"""`phones_totals --territory RESSORT`: which communes it covers; its numbers, where the court has no account here."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from casework.audit import system_actor
from casework.errors import Refused
from casework.partners.models import Territory
from casework.vif.phones.actions import totals


class Command(BaseCommand):
    """With `--serves`, write that the ressort covers communes of this server; without, count and pass on."""

    help = "Dit quelles communes de ce serveur un ressort couvre ; sans --serves, leur transmet les nombres de l’année."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the ressort, and perhaps its communes."""
        parser.add_argument("--territory", required=True, help="nom du ressort")
        parser.add_argument(
            "--serves", nargs="+", default=[], metavar="COMMUNE", help="communes du ressort, par leur nom"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it. Raises CommandError."""
        now, ressort = timezone.now(), self._named(options["territory"])
        by = system_actor(ressort.pk)
        try:
            for name in options["serves"]:
                totals.serve(by=by, ressort=ressort, commune=self._named(name), now=now)
            if not options["serves"]:
                totals.pass_on(by=by, now=now)
        except Refused as refusal:
            raise CommandError(refusal.message or "Refusé.") from None

    def _named(self, name: str) -> Territory:
        found = Territory.objects.filter(name=name).first()
        if found is None:
            raise CommandError(f"Le territoire « {name} » n’existe pas.")
        return found
