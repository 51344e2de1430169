"""Tables of the keystore, and the abstract models that carry sealed fields.

The keystore is a database apart: only wrapped keys, never a name, never a value.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from casework.sealing.fields import stored_values


class Drawer(models.TextChoices):
    """The drawers of a subject's keys (security.md §3.3)."""

    IDENTITY = "identity", "identité"
    CONTENT = "content", "contenu"
    LOCATION = "location", "localisation"


class KeyState(models.TextChoices):
    """Life of a key: writers use the newest that is not shredded, readers find keys by id."""

    LIVE = "live", "active"
    ROTATING = "rotating", "en renouvellement"
    SHREDDED = "shredded", "détruite"


class KeystoreState(models.Model):
    """One row. `generation` changes whenever a key is destroyed or replaced: caches empty themselves."""

    id = models.PositiveSmallIntegerField("identifiant", primary_key=True, default=1)
    generation = models.BigIntegerField("génération")

    class Meta:
        verbose_name = "état du magasin de clés"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {"id": "technical", "generation": "technical"}

    def __str__(self) -> str:
        return "keystore"


class KekEpoch(models.Model):
    """A key-encryption key of the provider, by number, and the search key that it wraps."""

    number = models.PositiveIntegerField("numéro", primary_key=True)
    search_key = models.BinaryField("clé de recherche (chiffrée)", editable=False)
    state = models.CharField("état", max_length=10, choices=KeyState.choices, default=KeyState.LIVE)
    created_at = models.DateTimeField("créée le", auto_now_add=True)

    class Meta:
        verbose_name = "époque de clé maîtresse"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="live"), name="one_live_epoch")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "number": "technical",
            "search_key": "a key wrapped by the provider",
            "state": "state",
            "created_at": "technical",
        }

    def __str__(self) -> str:
        return f"epoch {self.number}"


class WrappedKey(models.Model):
    """What the keys of subjects and of the system share."""

    kid = models.BinaryField("identifiant de clé", unique=True, editable=False)
    kek_epoch = models.ForeignKey(KekEpoch, on_delete=models.PROTECT, related_name="+", db_column="kek_epoch")
    wrapped = models.BinaryField("clé (chiffrée)", editable=False)
    state = models.CharField("état", max_length=10, choices=KeyState.choices, default=KeyState.LIVE)
    created_at = models.DateTimeField("créée le", auto_now_add=True)

    class Meta:
        abstract = True

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "kid": "commitment to a random key",
            "kek_epoch": "reference",
            "wrapped": "a key wrapped by the epoch",
            "state": "state",
            "created_at": "technical",
        }


class SubjectKey(WrappedKey):
    """A data key of one subject and drawer. Its destruction erases the subject everywhere."""

    subject_id = models.UUIDField("sujet", editable=False)
    drawer = models.CharField("tiroir", max_length=10, choices=Drawer.choices)

    class Meta:
        verbose_name = "clé d’un sujet"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject_id", "drawer"], name="subject_key_whose")
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["subject_id", "drawer"], condition=Q(state="live"), name="one_live_key"),
            models.CheckConstraint(condition=Q(drawer__in=["identity", "content", "location"]), name="known_drawer"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            **WrappedKey.Confidentiality.clear,
            "subject_id": "random id, says nothing alone",
            "drawer": "closed list",
        }

    def __str__(self) -> str:
        return f"key {self.pk}"


class SystemKey(WrappedKey):
    """A key of the installation for one purpose: MAC of grants, session pepper, audit pseudonyms."""

    purpose = models.CharField("objet", max_length=60)

    class Meta:
        verbose_name = "clé du système"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["purpose"], condition=Q(state="live"), name="one_live_system_key")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            **WrappedKey.Confidentiality.clear,
            "purpose": "closed list, by use",
        }

    def __str__(self) -> str:
        return f"system key {self.purpose}"


class SealedRow(models.Model):
    """Base of every model with a sealed field: reloading copies sealed bytes and opens nothing.

    The model has an `id` (UUID made before the insert) and a `subject_id` (whose key seals).
    """

    class Meta:
        abstract = True

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Any] | None = None,
    ) -> None:
        """Reload from the database; sealed fields come back sealed, without a gate."""
        with stored_values():
            super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)


class SealedModel(SealedRow):
    """A protected record: UUID made by us, and the subject under whose key its fields are sealed.

    On a person's own model `subject_id` equals `id`. A text about no person takes the id of
    its territory, session or agent.
    """

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    subject_id = models.UUIDField("sujet de la clé", db_index=True, editable=False)

    class Meta:
        abstract = True
