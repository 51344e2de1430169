"""`keys_status`: which keys seal what; exits 1 while something old remains."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from casework.sealing.status import status


class Command(BaseCommand):
    """Count stored values by label, suite and age of their key."""

    help = "Compte les valeurs scellées par étiquette, suite et âge de clé ; code 1 s’il reste de l’ancien."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the table and leave with 1 if an old key, format or a value without key remains."""
        found = status()
        self.stdout.write("étiquette | format.suite | âge de la clé | valeurs")
        for (label, suite, age), count in sorted(found.values.items()):
            self.stdout.write(f"{label} | {suite} | {age} | {count}")
        self.stdout.write("époque | état | clés de sujets | clés du système")
        for epoch in found.epochs:
            self.stdout.write(f"{epoch.number} | {epoch.state} | {epoch.subject_keys} | {epoch.system_keys}")
        for problem in found.problems:
            self.stderr.write(problem)
        if found.problems:
            raise SystemExit(1)
