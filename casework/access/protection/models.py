"""The fact that somebody's address, school and phone are kept from all but whoever set it."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from casework.partners.macs import RowMacField
from casework.partners.models import Territory


class ProtectedAddress(models.Model):
    """One officer keeps the whereabouts of one person to themself. Several may; each sees what it protects."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    person_id = models.UUIDField("personne")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    set_by = models.UUIDField("posée par (agent)")
    set_as = models.UUIDField("posée par (fonction)")
    set_at = models.DateTimeField("posée le")
    ended_at = models.DateTimeField("retirée le", null=True, blank=True)
    mac = RowMacField(
        "empreinte",
        label="access.protected_address",
        over=("id", "person_id", "territory_id", "set_by", "set_as", "set_at", "ended_at"),
    )

    class Meta:
        verbose_name = "adresse à ne pas communiquer"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["person_id"], name="protected_person")]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["person_id", "set_by"], condition=Q(ended_at__isnull=True), name="protected_once"
            )
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "person_id": "reference",
            "territory": "reference",
            "set_by": "decides access",
            "set_as": "reference",
            "set_at": "decides access",
            "ended_at": "decides access",
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"protected address {self.pk}"
