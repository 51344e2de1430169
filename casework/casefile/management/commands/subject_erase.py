"""`subject_erase REF --motif CODE --as EMAIL`: ask for the second person's agreement, then erase."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from casework.access.approvals import ApprovalReason
from casework.access.matrix import DataClass
from casework.access.policy import Action, ceiling
from casework.access.viewer import Viewer, viewer_for
from casework.casefile import erasure
from casework.casefile.models import ErasureStep
from casework.errors import AccessRefused, Refused, SealingError
from casework.partners.models import Agent
from casework.partners.reads import live_mandates


class Command(BaseCommand):
    """Run once to ask, once again when the second person has agreed."""

    help = "Efface une fiche, à deux : la première fois demande l’accord, la seconde détruit."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the reference, the reason and who asks."""
        parser.add_argument("reference")
        parser.add_argument("--motif", required=True, choices=ApprovalReason.values)
        parser.add_argument("--as", dest="email", required=True, help="adresse de qui demande")
        parser.add_argument("--visa", default="", help="visa des archives, pour une fiche qui a atteint sa durée")
        parser.add_argument("--certificate", default=None, help="fichier PDF à écrire, sans nom de personne")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask or erase. Raises CommandError with a French message, which quotes nothing of the record."""
        now = timezone.now()
        wanted = {"reference": options["reference"], "reason": options["motif"], "visa": options["visa"]}
        try:
            by = self._viewer(options["email"])
            if not erasure.is_agreed(by=by, now=now, **wanted):
                erasure.ask(by=by, now=now, **wanted)
                self.stdout.write("Accord demandé. Relancez cette commande quand la seconde personne l’aura donné.")
                return
            row = erasure.erase(by=by, now=now, **wanted)
        except AccessRefused:
            raise CommandError("Cette personne ne peut pas demander un effacement.") from None
        except Refused as refusal:
            raise CommandError(refusal.message or "Refusé.") from None
        except SealingError:
            raise CommandError("L’effacement est commencé mais une clé résiste : lancez erase_replay.") from None
        if row.step != ErasureStep.DONE:
            self.stdout.write(f"Effacement {row.number} commencé : un autre processus le termine.")
            return
        if options["certificate"]:
            Path(options["certificate"]).write_bytes(erasure.certificate(row))
        self.stdout.write(f"Effacement {row.number} terminé.")

    def _viewer(self, email: str) -> Viewer:
        """Return the viewer of the first live mandate that answers for rights. Raises AccessRefused."""
        now = timezone.now()
        try:
            agent = Agent.objects.get_by_natural_key(email)
        except Agent.DoesNotExist:
            raise AccessRefused(code="agent") from None
        for mandate in live_mandates(agent, now):
            if ceiling(mandate.role, Action.MANAGE, DataClass.RIGHTS):
                return viewer_for(mandate, session_ref="command", request_id="subject_erase", net_prefix="", now=now)
        raise AccessRefused(code="role")
