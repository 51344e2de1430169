"""`manage.py daily`: what must happen once a day (purges, expiries), safe to run again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from casework.audit import standing
from casework.casefile import daily
from casework.sealing.locks import AlreadyRunning


class Command(BaseCommand):
    """Run each daily step not yet done today; exit 1 if one failed, or if a volume is filling up."""

    help = "Purges et échéances du jour ; chaque étape une fois par jour, à relancer sans risque."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --again: also the steps already done today."""
        parser.add_argument("--again", action="store_true", help="refaire aussi les étapes déjà faites aujourd’hui")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the steps, print one line each: a name and a number."""
        try:
            results = daily.run(timezone.now(), again=options["again"])
        except AlreadyRunning:
            self.stdout.write("déjà en cours")
            return
        for result in results:
            self.stdout.write(
                f"{result.name}: {result.state}" + (f" {result.count}" if result.count is not None else "")
            )
        tight = [volume for volume in standing.volumes() if volume.is_tight]
        for volume in tight:
            left = "ne répond pas" if volume.free is None else f"{volume.free} Mo libres"
            self.stderr.write(f"{volume.folder} : {left}")
        if tight or any(result.state == "failed" for result in results):
            raise SystemExit(1)
