"""`import_situations FILE --as EMAIL [--dry-run]`: the old spreadsheet from the command line, same acts as on screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.timezone import localdate

from casework.access.viewer import viewer_for
from casework.casefile.format import plural
from casework.errors import Refused
from casework.minors.followups.actions import imports
from casework.minors.followups.spreadsheet import ImportReport, open_file, read
from casework.partners.codes import Role
from casework.partners.models import Agent, Mandate
from casework.partners.reads import live_mandates


class Command(BaseCommand):
    """Print the report by line numbers, without a name; write all valid lines, or none."""

    help = "Lit un ancien tableau de suivi ; --dry-run n’écrit rien."

    def add_arguments(self, parser: CommandParser) -> None:
        """Read the file, the agent who imports, and whether to write."""
        parser.add_argument("file")
        parser.add_argument("--as", dest="email", required=True, help="adresse de la coordination")
        parser.add_argument("--dry-run", action="store_true", help="rapport seul, rien n’est écrit")
        parser.add_argument("--sheet", default=None, help="nom de la feuille")

    def handle(self, *args: Any, **options: Any) -> None:
        """Report, then import unless asked not to. Raises CommandError with a French message."""
        now = timezone.now()
        try:
            content = Path(options["file"]).read_bytes()
        except OSError:
            raise CommandError("Ce fichier ne peut pas être lu.") from None
        try:
            agent = Agent.objects.get_by_natural_key(options["email"])
            mandate = live_mandates(agent, now).filter(role=Role.COORDINATOR).get()
        except (Agent.DoesNotExist, Mandate.DoesNotExist):
            raise CommandError("Aucune fonction de coordination en cours pour cette adresse.") from None
        viewer = viewer_for(mandate, session_ref="command", request_id="import_situations", net_prefix="", now=now)
        try:
            if options["dry_run"]:
                imports.check_right(by=viewer, now=now)
                self._print(read(open_file(content, sheet=options["sheet"]), today=localdate(now)))
                return
            batch = imports.deposit(by=viewer, content=content, now=now, sheet=options["sheet"])
            with imports.gate(viewer, batch):
                self._print(imports.report(batch, now))
            written = imports.carry_out(by=viewer, batch=batch, now=now)
        except Refused as refusal:
            raise CommandError(getattr(refusal, "message", "") or "Refusé.") from None
        self.stdout.write(f"{plural(written, 'ligne')} importée{'s' if written > 1 else ''}.")

    def _print(self, report: ImportReport) -> None:
        counts = report.counts
        self.stdout.write(
            f"Feuille « {report.sheet} » : {counts.total} lignes, {counts.importable} importables, "
            f"{counts.refused} refusées, {counts.over_25} de 25 ans ou plus, {counts.purge_passed} trop anciennes, "
            f"{counts.duplicates} doublons."
        )
        for column in report.narrative:
            self.stdout.write(f"Colonne {column.letter} : récit, non repris ({len(column.lines)} lignes à coder).")
        for row in report.rows:
            codes = ", ".join(sorted({message.code for message in row.messages}))
            self.stdout.write(f"ligne {row.line} : {row.status.label}" + (f" ({codes})" if codes else ""))
