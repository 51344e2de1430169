"""`backup_make [--keep DAYS]`: one encrypted copy of the data, one of the keys, in two folders (R-01)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from casework.casefile.format import plural
from casework.desk.backup import make
from casework.desk.backup.refusals import BackupRefused
from casework.sealing.locks import AlreadyRunning


class Command(BaseCommand):
    """Exit 0 when both copies are whole on disk, 1 with the reason otherwise."""

    help = "Copie chiffrée des données et, à part, des clés ; seule la clé privée gardée hors ligne les ouvre."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare --keep."""
        parser.add_argument("--keep", type=int, metavar="JOURS", help="efface nos copies plus anciennes")

    def handle(self, *args: Any, keep: int | None = None, **options: Any) -> None:
        """Make the copies, print their paths. Raises CommandError with a French reason."""
        now = timezone.now()
        try:
            made = make.make(now)
        except BackupRefused as refusal:
            raise CommandError(refusal.message) from None
        except AlreadyRunning:
            raise CommandError("Une copie est déjà en cours.") from None
        self.stdout.write(str(made.data))
        self.stdout.write(str(made.keystore))
        self.stdout.write(f"{plural(made.rows, 'ligne')}.")
        if keep is not None and (gone := make.forget(now, keep)):
            self.stdout.write(f"{plural(gone, 'fichier')} de plus de {keep} jours effacés.")
