"""`audit_export FOLDER`: each log as JSON lines with a signed checkpoint, for whoever checks without us."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from casework import audit
from casework.audit import export, verify
from casework.audit.models import AuditHead
from casework.errors import CaseworkError


class Command(BaseCommand):
    """Write one file per log; exit 2 rather than export a journal that does not verify, 4 if it cannot run."""

    help = "Écrit chaque journal en lignes JSON, avec son point de contrôle signé."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("folder", metavar="DOSSIER", type=Path)
        parser.add_argument("--log", metavar="JOURNAL", help="un seul journal")

    def handle(self, *args: Any, folder: Path, log: str | None, **options: Any) -> None:
        """Export and say so. Raises CommandError with the exit code."""
        now = timezone.now()
        try:
            names = [log] if log else verify.logs()
            for name in names:
                if not verify.verify(name).ok:
                    raise CommandError(f"{name} : le journal est altéré, rien n’est signé.", returncode=2)
                audit.record(audit.system_actor(), audit.Act.EXPORT, object_type="audit.log", object_ids=(name,))
                self._write(folder, name, export.lines(name, now))
        except (OSError, DatabaseError, CaseworkError, AuditHead.DoesNotExist) as error:
            raise CommandError(f"Export impossible ({type(error).__name__}).", returncode=4) from None

    def _write(self, folder: Path, name: str, lines: Any) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / f"{name}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        count = 0
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            for one in lines:
                file.write(f"{one}\n")
                count += 1
        self.stdout.write(f"{name} : {count - 2} événements")
