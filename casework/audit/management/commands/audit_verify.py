"""`audit_verify`: say whether the journal is whole, or the first bad index of each log."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from casework.audit import verify, witness
from casework.audit.notes import claims_our_key, is_genuine
from casework.errors import CaseworkError

TAMPERING, CHECKPOINT_MISSING, CANNOT_RUN = 2, 3, 4

FAULTS = {
    "gap": "événement absent",
    "repeated": "événement en double",
    "unreadable": "événement illisible",
    "leaf": "événement modifié",
    "root": "racine modifiée",
    "subjects": "index des personnes modifié",
    "head": "tête du journal modifiée",
    "truncated": "fin du journal absente",
    "fork": "journal réécrit",
    "emptied": "événement vidé sans purge valable",
    "signature": "point de contrôle sans signature valable",
    "changed": "ligne modifiée sans événement",
    "missing": "ligne supprimée sans événement",
    "unknown": "ligne sans événement",
}


class Command(BaseCommand):
    """Exit 0 ok, 2 tampering, 3 checkpoint missing, 4 cannot run."""

    help = "Vérifie le journal : « intact », ou le premier événement fautif."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--rows", action="store_true", help="compare aussi les lignes enregistrées")
        parser.add_argument("--since", metavar="FICHIER", help="points de contrôle conservés ailleurs")
        parser.add_argument("--json", action="store_true", help="répond en JSON")

    def handle(self, *args: Any, rows: bool, since: str | None, json: bool, **options: Any) -> None:
        """Verify and say so. Raises CommandError with the exit code."""
        kept = _kept(since) if since else []
        try:
            witnessed = [item for log in witness.logs() for item in witness.kept(log)]
            declared = [fork for log in witness.logs() for fork in witness.declarations(log)]
            reports = verify.verify_all([*kept, *witnessed], declared)
            by_log = {report.log: report for report in reports}
            for item in (*(one for one in kept if claims_our_key(one)), *witnessed):
                if not is_genuine(item):
                    by_log[item.log].worst("signature", item.size)
            compared, row_faults = verify.verify_rows() if rows else (0, [])
        except (DatabaseError, CaseworkError, witness.WitnessUnavailable, verify.BadCheckpoint) as error:
            message = f"Vérification impossible ({type(error).__name__})."
            raise CommandError(message, returncode=CANNOT_RUN) from error
        (self._say_json if json else self._say)(reports, compared if rows else None, row_faults)
        if row_faults or not all(report.ok for report in reports):
            raise CommandError("Le journal ou une ligne a été altéré.", returncode=TAMPERING)

    def _say(self, reports: list[verify.Report], compared: int | None, row_faults: list[verify.RowFault]) -> None:
        for report in reports:
            if report.fault is None:
                self.stdout.write(f"{report.log} : intact, {report.size} événements, {report.root.hex()}")
            else:
                self.stdout.write(f"{report.log} : ALTÉRÉ à partir de {report.fault.idx} ({FAULTS[report.fault.code]})")
            for fork in report.forks:
                self.stdout.write(
                    f"{report.log} : restauration déclarée le {timezone.localtime(fork.at):%d/%m/%Y}, reprise après "
                    f"{fork.size} événements au lieu de {fork.old_size}, par {fork.by[0]} et {fork.by[1]}"
                )
            if report.clock_steps:
                self.stdout.write(f"{report.log} : horloge reculée à {report.clock_steps[0]}")
        if compared is not None:
            self.stdout.write(f"lignes comparées : {compared}")
        for fault in row_faults:
            self.stdout.write(
                f"{fault.object_type} {fault.object_ref} : {FAULTS[fault.code]} ({fault.log} {fault.idx})"
            )

    def _say_json(self, reports: list[verify.Report], compared: int | None, row_faults: list[verify.RowFault]) -> None:
        answer = {
            "ok": not row_faults and all(report.ok for report in reports),
            "logs": [
                {
                    "log": report.log,
                    "ok": report.ok,
                    "size": report.size,
                    "root": report.root.hex(),
                    "fault": report.fault.code if report.fault else None,
                    "first_bad_index": report.fault.idx if report.fault else None,
                    "clock_steps": report.clock_steps,
                    "forks": [
                        {"at": fork.at.isoformat(), "from": fork.old_size, "to": fork.size, "by": list(fork.by)}
                        for fork in report.forks
                    ],
                }
                for report in reports
            ],
            "rows": compared,
            "row_faults": [vars(fault) for fault in row_faults],
        }
        self.stdout.write(json.dumps(answer, indent=2))


def _kept(path: str) -> list[verify.Checkpoint]:
    """Return the checkpoints of a file. Raises CommandError: 3 if there is none, 4 if it cannot be read."""
    try:
        kept = verify.parse_checkpoints(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CommandError("Point de contrôle absent.", returncode=CHECKPOINT_MISSING) from error
    except (OSError, ValueError) as error:
        raise CommandError("Point de contrôle illisible.", returncode=CANNOT_RUN) from error
    if not kept:
        raise CommandError("Point de contrôle absent.", returncode=CHECKPOINT_MISSING)
    return kept
