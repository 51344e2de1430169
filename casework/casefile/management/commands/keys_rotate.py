"""`keys_rotate`: a new master key; or a new key for one person; or one label, or old formats, sealed anew."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casework import audit
from casework.audit import Act
from casework.casefile import resealing
from casework.casefile.format import plural
from casework.errors import IntegrityFault, KeystoreUnavailable, Shredded
from casework.sealing import rotation
from casework.sealing.locks import AlreadyRunning
from casework.sealing.reseal import Done


class Command(BaseCommand):
    """Online; stopped anywhere, the same command goes on."""

    help = "Renouvelle la clé maîtresse, ou rescelle une personne, une étiquette, les anciens formats."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what is rotated; without an option, the master key."""
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--subject", type=UUID, help="rescelle les valeurs d’un sujet sous une nouvelle clé")
        what.add_argument("--label", help="rescelle toutes les valeurs d’une étiquette")
        what.add_argument("--format", action="store_true", help="rescelle ce qui est d’un ancien format")
        parser.add_argument(
            "--destroy-old", action="store_true",
            help="détruit ensuite l’ancienne clé maîtresse : les copies du magasin de clés d’avant ne servent plus",
        )  # fmt: skip
        parser.add_argument("--batch", type=int, default=rotation.BATCH, help="clés par transaction")
        parser.add_argument("--grace", type=float, default=resealing.GRACE, help="secondes avant la fin d’une clé")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, tell the journal, print counts. Raises CommandError with a French message."""
        try:
            self._run(options)
        except AlreadyRunning:
            raise CommandError("Un renouvellement de clés est déjà en cours dans un autre processus.") from None
        except LookupError:
            raise CommandError("Aucun champ ne porte cette étiquette.") from None
        except Shredded:
            raise CommandError("Ce sujet n’a pas de clé : il est effacé, ou n’a jamais existé.") from None
        except KeystoreUnavailable:
            raise CommandError("Le magasin de clés ou le fournisseur de clés ne répond pas.") from None
        except IntegrityFault:
            raise CommandError(
                "Des clés ou des valeurs ne s’ouvrent pas : l’ancienne clé est gardée. Voyez keys_status."
            ) from None

    def _run(self, options: dict[str, Any]) -> None:
        if options["subject"]:
            self._say(resealing.of_subject(options["subject"], grace=options["grace"]))
        elif options["label"]:
            self._say(resealing.of_label(options["label"]))
        elif options["format"]:
            self._say(resealing.of_format())
        else:
            done = rotation.rotate(destroy=options["destroy_old"], batch=options["batch"], progress=self._progress)
            audit.record(None, Act.SYSTEM, why="keys.rotate", object_type="sealing.kekepoch",
                         object_ids=[done.epoch], n=done.moved, module="sealing")  # fmt: skip
            self.stdout.write(f"Époque {done.epoch} : {plural(done.moved, 'clé')} déplacée(s).")
            if done.destroyed:
                self.stdout.write(f"Époques détruites : {', '.join(map(str, done.destroyed))}.")
            if done.damaged:
                raise IntegrityFault(rotation.LEFT_BEHIND)

    def _progress(self, count: int) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"{plural(count, 'clé')} déplacée(s)")

    def _say(self, done: Done) -> None:
        audit.record(None, Act.SYSTEM, why="keys.reseal", n=done.values, module="sealing")
        self.stdout.write(f"{plural(done.values, 'valeur')} rescellée(s), {plural(done.rows, 'ligne')}.")
        if done.unreadable:
            raise IntegrityFault("unreadable")
