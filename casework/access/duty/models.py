"""A function switched on for dates, beside its own rights."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.partners.macs import RowMacField
from casework.partners.models import Mandate, Territory


class StandingKind(models.TextChoices):
    """What is switched on."""

    DUTY = "duty", "permanence du service"
    EMERGENCY = "emergency", "ouverture d’urgence"


class DutyReason(models.TextChoices):
    """Why an agent on duty opens one of the service's situations."""

    CALL = "call", "appel du jeune ou de sa famille"
    PARTNER = "partner", "appel d’un partenaire"
    ABSENCE = "absence", "l’intervenant est absent"
    DEADLINE = "deadline", "échéance du jour"


class Standing(models.Model):
    """One function, one kind, from, to, named by whom."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("nature", max_length=10, choices=StandingKind.choices)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    named_by = models.UUIDField("désigné par (fonction)")
    mac = RowMacField(
        "empreinte",
        label="access.standing",
        over=("id", "territory_id", "mandate_id", "kind", "starts_at", "ends_at", "named_by"),
    )

    class Meta:
        verbose_name = "permanence"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["mandate", "kind"], name="standing_mandate")]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="standing_ends_after_start"),
            models.CheckConstraint(condition=~Q(named_by=F("mandate_id")), name="standing_named_by_another"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "mandate": "decides access",
            "kind": "closed list",
            "starts_at": "decides access",
            "ends_at": "decides access",
            "named_by": "reference",
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"standing {self.pk}"

    def runs(self, now: datetime) -> bool:
        """Say whether it is switched on at `now` (half-open)."""
        return self.starts_at <= now < self.ends_at
