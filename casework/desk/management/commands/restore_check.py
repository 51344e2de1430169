"""`restore_check DATA KEYS --key --keystore-key`: put a copy back on an empty server, and prove that it lives (R-01)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from casework.casefile.format import plural
from casework.desk.backup import restore
from casework.desk.backup.refusals import BackupRefused
from casework.errors import CaseworkError


class Command(BaseCommand):
    """Exit 0 when the restored town can serve, 1 with the reason otherwise."""

    help = "Restaure une copie dans deux bases vides, vérifie le journal, rejoue les effacements, ouvre des fiches."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the two copies and the two private keys."""
        parser.add_argument("data", type=Path, metavar="DONNÉES")
        parser.add_argument("keystore", type=Path, metavar="CLÉS")
        parser.add_argument("--key", type=Path, required=True, help="clé privée qui ouvre les données")
        parser.add_argument("--keystore-key", type=Path, required=True, help="clé privée qui ouvre les clés")
        parser.add_argument("--declare", action="store_true", help="vraie restauration : le témoin en est informé")
        parser.add_argument("--json", action="store_true", help="répond en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore and say what was found. Raises CommandError with a French reason."""
        data = restore.Copy(options["data"], options["key"])
        keystore = restore.Copy(options["keystore"], options["keystore_key"])
        try:
            report = restore.restore_check(data, keystore, timezone.now(), declare=options["declare"])
        except BackupRefused as refusal:
            raise CommandError(refusal.message) from None
        except CaseworkError as fault:
            raise CommandError(f"Restauration interrompue ({fault.code}).") from None
        if options["json"]:
            self.stdout.write(restore.as_json(report))
            return
        self.stdout.write(f"{report.copy} : copie du {timezone.localtime(report.made_at):%d/%m/%Y à %H:%M}, restaurée.")
        self.stdout.write(f"{plural(report.rows, 'ligne')}, {plural(report.events, 'événement')}, journal intact.")
        self.stdout.write(f"{plural(report.compared, 'ligne')} comparées à leur dernier événement.")
        self.stdout.write(f"{plural(report.lost, 'événement')} vus par le témoin après cette copie.")
        if options["declare"]:
            self.stdout.write(
                f"{plural(report.forks, 'journal', 'journaux')} déclarés au témoin comme repris plus tôt."
            )
        self.stdout.write(f"{plural(report.erased, 'effacement')} rejoués.")
        self.stdout.write(f"{report.opened} sortes de fiches ouvertes. {report.seconds:.0f} secondes.")
