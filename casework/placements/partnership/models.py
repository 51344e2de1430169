"""What stood at the end of each month, in bands: no number, no person."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from casework.partners.models import Territory


class MonthCount(models.Model):
    """The bands of one town at the end of one month, counted once, never again (SDC-07). Numbers are not kept."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    month = models.DateField("mois")
    stood_on = models.DateField("tel que c’était le")
    # One band (casefile.small_counts) for each of codes.STAGES, in their order.
    bands = models.JSONField("tranches")

    class Meta:
        verbose_name = "compte du mois"
        ordering: ClassVar[list[str]] = ["-month"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["territory", "month"], name="month_count_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="month_count_by_month"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "month": "month precision",
            "stood_on": "the day of a count",
            "bands": "bands of at least sixteen numbers, about nobody",
        }

    def __str__(self) -> str:
        return f"month count {self.pk}"
