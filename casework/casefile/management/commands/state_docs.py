"""Write docs/generated/states.md from the transition tables, or say that it is stale."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from casework.casefile import state_docs


class Command(BaseCommand):
    """`manage.py state_docs [--check]`."""

    help = "Écrit docs/generated/states.md d’après les tables de transition."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare --check."""
        parser.add_argument("--check", action="store_true", help="échoue si le document n’est pas à jour")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the document; with --check, raise CommandError when it is not what the tables say."""
        path = Path(settings.BASE_DIR) / state_docs.PATH
        text = state_docs.render()
        if options["check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                raise CommandError(f"{state_docs.PATH} n’est pas à jour : lancez « make docs ».")
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.stdout.write(f"{state_docs.PATH} : à jour.")
