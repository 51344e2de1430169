"""Which database holds which table."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

KEYSTORE = "keystore"


class KeystoreRouter:
    """The tables of `sealing` live in the keystore, and nothing else does."""

    def _home(self, app_label: str) -> str:
        return KEYSTORE if app_label == "sealing" else "default"

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        """Return the keystore for its own models, else no opinion."""
        return KEYSTORE if model._meta.app_label == "sealing" else None

    def db_for_write(self, model: type[Model], **hints: Any) -> str | None:
        """Return the keystore for its own models, else no opinion."""
        return self.db_for_read(model, **hints)

    def allow_relation(self, obj1: Model, obj2: Model, **hints: Any) -> bool | None:
        """Refuse a relation that would cross the two databases."""
        if self._home(obj1._meta.app_label) != self._home(obj2._meta.app_label):
            return False
        return None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """Create each table in its own database only."""
        return (db == KEYSTORE) == (app_label == "sealing")
