"""Legal references as dated data: articles are renumbered, screens and documents must follow (DL-23)."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q


class LegalReferenceQuerySet(models.QuerySet["LegalReference"]):
    """References that read like sentences."""

    def valid_on(self, day: date) -> LegalReferenceQuerySet:
        """Return the references in force on `day` (half-open)."""
        return self.filter(valid_from__lte=day).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day))


class LegalReference(models.Model):
    """What a text is about, and the article that says it from a day to another. The same for all territories."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField("code", max_length=40)
    label = models.CharField("objet", max_length=120)
    ref = models.CharField("article", max_length=120)
    valid_from = models.DateField("en vigueur le")
    valid_to = models.DateField("jusqu’au (exclu)", null=True, blank=True)

    objects: ClassVar[LegalReferenceQuerySet] = LegalReferenceQuerySet.as_manager()  # type: ignore[assignment]  # the stubs lose the queryset’s own methods

    class Meta:
        verbose_name = "référence légale"
        ordering: ClassVar[list[str]] = ["code", "valid_from"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="legal_reference_once"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(valid_to__isnull=True), name="legal_reference_one_open",
                violation_error_message="Une version de cette référence est déjà en vigueur sans date de fin.",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="legal_reference_ends_after",
                violation_error_message="La fin doit suivre l’entrée en vigueur.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = dict.fromkeys(
            ("id", "code", "label", "ref", "valid_from", "valid_to"), "public law"
        )

    def __str__(self) -> str:
        return self.ref
