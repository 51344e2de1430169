"""`digests_register`: write in `digests.txt` which columns the digest of each protected model covers."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from casework.audit import digests


class Command(BaseCommand):
    """Add a version for each model whose columns changed; nothing already written is ever taken out."""

    help = "Inscrit les colonnes que couvre l’empreinte de chaque modèle protégé."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the register again, with its new lines."""
        lines = digests.missing()
        if lines:
            text = digests.REGISTER.read_text(encoding="utf-8") if digests.REGISTER.exists() else digests.HEADER
            digests.REGISTER.write_text(text + "".join(f"{line}\n" for line in lines), encoding="utf-8")
            digests.register.cache_clear()
        self.stdout.write(f"{len(lines)} lignes ajoutées")
