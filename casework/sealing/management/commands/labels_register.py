"""`labels_register`: add the labels of new sealed fields to labels.txt."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from casework.sealing.labels import register


class Command(BaseCommand):
    """Append what the register lacks; change nothing else."""

    help = "Ajoute au registre les étiquettes des nouveaux champs scellés."
    # The check that fails on a missing label must not stop the command that adds it.
    requires_system_checks = []  # noqa: RUF012

    def handle(self, *args: Any, **options: Any) -> None:
        """Add lines and print them."""
        for line in register():
            self.stdout.write(line)
