"""`diffsettings`, with the values of secrets left out: their names are enough to look for a mistake (T-15)."""

from __future__ import annotations

import re
from typing import Any, Final

from django.core.management.commands import diffsettings

SECRET: Final = re.compile(r"KEY|SECRET|SEED|PASS|TOKEN|DATABASES|_URL\b|CREDENTIAL|SIGNATURE", re.IGNORECASE)
HIDDEN: Final = "…"


class Command(diffsettings.Command):
    """Django's command, hiding what its line must not show."""

    def output_hash(self, *args: Any, **options: Any) -> list[str]:
        """Return the lines of the usual form."""
        return [_hidden(line) for line in super().output_hash(*args, **options)]

    def output_unified(self, *args: Any, **options: Any) -> list[str]:
        """Return the lines of the unified form."""
        return [_hidden(line) for line in super().output_unified(*args, **options)]


def _hidden(line: str) -> str:
    name, equal, _ = line.partition(" = ")
    return f"{name}{equal}{HIDDEN}" if equal and SECRET.search(name) else line
