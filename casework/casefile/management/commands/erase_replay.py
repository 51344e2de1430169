"""`erase_replay [--check]`: on a restored copy, erase again whoever was erased; finish what was begun."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from casework.audit import standing
from casework.casefile import erased
from casework.casefile.format import plural
from casework.errors import IntegrityFault, KeystoreUnavailable
from casework.sealing.locks import AlreadyRunning


class Command(BaseCommand):
    """Exit 0 when nobody came back, 1 with --check when somebody did."""

    help = "Rejoue les effacements sur une copie restaurée, et finit ceux qui sont commencés."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare --check."""
        parser.add_argument("--check", action="store_true", help="regarde sans rien détruire")

    def handle(self, *args: Any, **options: Any) -> None:
        """Replay, or look. Raises CommandError with a French message."""
        if options["check"]:
            found = erased.look()
            if found.old_keystore:
                self.stderr.write("Le magasin de clés est plus ancien que la dernière clé maîtresse détruite.")
            elif found:
                self.stderr.write(f"{plural(len({*found.rows, *found.keys}), 'personne effacée')} de retour.")
            else:
                self.stdout.write("Personne n’est de retour.")
            raise SystemExit(1 if found else 0)
        try:
            with standing.repairing():
                ended = erased.replay(timezone.now())
        except IntegrityFault:
            raise CommandError(
                "Le magasin de clés est trop ancien, ou une clé y est abîmée : restaurez une copie plus récente."
            ) from None
        except KeystoreUnavailable:
            raise CommandError("Le magasin de clés ou le fournisseur de clés ne répond pas.") from None
        except AlreadyRunning:
            raise CommandError("Un effacement est déjà en cours dans un autre processus.") from None
        self.stdout.write(f"{plural(ended, 'effacement')} mené{'s' if ended > 1 else ''} à son terme.")
