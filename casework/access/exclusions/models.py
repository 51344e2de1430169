"""Who is shut out of whom, since when, why."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.access.exclusions.codes import Ground
from casework.access.matrix import DataClass
from casework.partners.macs import RowMacField
from casework.partners.models import Agent, Organisation, Territory
from casework.sealing.fields import SealedText
from casework.sealing.models import SealedModel


class Exclusion(SealedModel):
    """One agent or one service shut out of one subject. `subject_id` is that person's, whose key seals the words."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    ground = models.CharField("motif", max_length=10, choices=Ground.choices)
    words = SealedText("précisions", label="access.exclusion.words", data_class=DataClass.RIGHTS, blank=True)
    starts_at = models.DateTimeField("depuis")
    ends_at = models.DateTimeField("jusqu’au", null=True, blank=True)
    set_by = models.UUIDField("décidée par (agent)")
    set_as = models.UUIDField("décidée par (fonction)")
    approval_id = models.UUIDField("accord de levée", null=True, blank=True)
    mac = RowMacField(
        "empreinte",
        label="access.exclusion",
        over=(
            "id", "subject_id", "territory_id", "agent_id", "organisation_id", "ground", "starts_at", "ends_at",
            "set_by", "set_as", "approval_id",
        ),
    )  # fmt: skip

    class Meta:
        verbose_name = "mise à l’écart"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["agent"], name="exclusion_agent"),
            models.Index(fields=["organisation"], name="exclusion_organisation"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(agent__isnull=False, organisation__isnull=True)
                | Q(agent__isnull=True, organisation__isnull=False),
                name="exclusion_of_one",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at"), approval_id__isnull=False),
                name="exclusion_lifted_by_two",
            ),
            models.UniqueConstraint(
                fields=["subject_id", "agent"], condition=Q(ends_at__isnull=True), name="exclusion_agent_once"
            ),
            models.UniqueConstraint(
                fields=["subject_id", "organisation"], condition=Q(ends_at__isnull=True), name="exclusion_org_once"
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "subject_id": "reference",
            "territory": "reference",
            "agent": "decides access",
            "organisation": "decides access",
            "ground": "closed list",
            "starts_at": "decides access",
            "ends_at": "decides access",
            "set_by": "staff accountability",
            "set_as": "reference",
            "approval_id": "reference",
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"exclusion {self.pk}"

    def runs(self, now: datetime) -> bool:
        """Say whether it runs at `now` (half-open)."""
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at)
