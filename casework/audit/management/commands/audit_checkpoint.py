"""`audit_checkpoint`: sign what each log is now and hand it to the witness; never sign a fork."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from casework.audit import checkpoints, witness
from casework.audit.notes import BadCheckpoint
from casework.errors import CaseworkError

TAMPERING, CHECKPOINT_MISSING, CANNOT_RUN = 2, 3, 4


class Command(BaseCommand):
    """Exit 0 ok, 2 the journal does not continue, 3 the witness was emptied, 4 cannot run."""

    help = "Signe un point de contrôle de chaque journal et le confie au témoin."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Take the checkpoints. Raises CommandError with the exit code."""
        try:
            made = checkpoints.take_all(timezone.now())
        except checkpoints.Fork as fork:
            message = f"{fork.log} : le journal ne prolonge pas le dernier point signé (à partir de {fork.idx})."
            raise CommandError(f"{message} Rien n’est signé.", returncode=TAMPERING) from None
        except checkpoints.WitnessEmpty as error:
            message = f"{error} : le témoin est vide alors que des points de contrôle ont été signés."
            raise CommandError(message, returncode=CHECKPOINT_MISSING) from None
        except (witness.WitnessUnavailable, BadCheckpoint, DatabaseError, CaseworkError) as error:
            message = f"Point de contrôle impossible ({type(error).__name__})."
            raise CommandError(message, returncode=CANNOT_RUN) from None
        for item in made:
            self.stdout.write(f"{item.log} : {item.size} événements, signé")
        if not made:
            self.stdout.write("rien de nouveau")
