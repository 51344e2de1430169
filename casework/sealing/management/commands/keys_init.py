"""`keys_init`: make the first key-encryption epoch, once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casework.errors import SealingError
from casework.sealing import keys
from casework.sealing.providers import provider


class Command(BaseCommand):
    """Prepare the keystore. Idempotent."""

    help = "Prépare le magasin de clés : première clé maîtresse, essai du fournisseur."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the epoch if there is none, then test the provider."""
        try:
            made = keys.initialise()
            provider().self_test()
        except SealingError as problem:
            raise CommandError(f"Le fournisseur de clés ne répond pas : {problem}") from None
        self.stdout.write("Première clé maîtresse créée." if made else "Le magasin de clés est déjà prêt.")
        if made:
            self.stdout.write("Faites maintenant une copie hors ligne de cette clé : sans elle, rien ne se relit.")
