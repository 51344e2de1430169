"""A demand that found no place: what opens posts. Of nobody."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from casework.casefile.models import LocalItem
from casework.partners.models import Territory
from casework.placements.hosts import codes


class WithoutPlace(models.Model):
    """One demand of one month for which no post fitted. The demand itself is forgotten with its file."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    audience = models.CharField("public", max_length=10, choices=codes.AccreditedFor.choices)
    month = models.DateField("mois")
    sector = models.ForeignKey(
        LocalItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="secteur"
    )
    # An opaque id, as a booking has: the same demand counts once a month.
    holder = models.UUIDField("demande", null=True, blank=True)

    class Meta:
        verbose_name = "demande sans place"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "month"], name="without_place_month")
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["holder", "month"], condition=Q(holder__isnull=False), name="without_place_once_a_month",
                violation_error_message="Cette demande est déjà comptée ce mois-ci.",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="without_place_by_month"),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "audience": "closed list",
            "month": "month precision",
            "sector": "reference",
            "holder": "random reference, emptied with the file",
        }

    def __str__(self) -> str:
        return f"demand without a place {self.pk}"
