"""Openings in an emergency, and those that were not granted."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.access.emergencies.codes import EmergencyReason, Verdict
from casework.partners.macs import RowMacField
from casework.partners.models import Territory
from casework.sealing.fields import SealedText
from casework.sealing.models import SealedModel

DATA_CLASS = "episode"


class Episode(SealedModel):
    """One record opened by one agent, once. The words are sealed under the agent's key."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    agent_id = models.UUIDField("agent")
    mandate_id = models.UUIDField("fonction")
    organisation_id = models.UUIDField("organisation")
    module = models.CharField("rubrique", max_length=20)
    target_id = models.UUIDField("fiche")
    target_subject = models.UUIDField("personne concernée")
    reference = models.CharField("référence", max_length=20)
    reason = models.CharField("motif", max_length=12, choices=EmergencyReason.choices)
    words = SealedText("explication", label="access.episode.words", data_class=DATA_CLASS)
    opened_at = models.DateTimeField("ouverte le")
    ends_at = models.DateTimeField("fermée d’elle-même le")
    closed_at = models.DateTimeField("fermée le", null=True, blank=True)
    review_due_at = models.DateTimeField("à contrôler avant le")
    reviewed_at = models.DateTimeField("contrôlée le", null=True, blank=True)
    reviewed_by = models.UUIDField("contrôlée par (agent)", null=True, blank=True)
    reviewed_from = models.UUIDField("contrôlée par (organisation)", null=True, blank=True)
    verdict = models.CharField("avis", max_length=15, choices=Verdict.choices, blank=True)
    mac = RowMacField(
        "empreinte",
        label="access.episode",
        over=(
            "id", "territory_id", "agent_id", "mandate_id", "organisation_id", "module", "target_id", "target_subject",
            "reference", "reason", "opened_at", "ends_at", "closed_at", "review_due_at", "reviewed_at", "reviewed_by",
            "reviewed_from", "verdict",
        ),
    )  # fmt: skip

    class Meta:
        verbose_name = "ouverture d’urgence"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "opened_at"], name="episode_day"),
            models.Index(fields=["agent_id", "opened_at"], name="episode_agent"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(reviewed_from__isnull=True) | ~Q(reviewed_from=F("organisation_id")),
                name="episode_reviewed_elsewhere",
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "subject_id": "reference (the agent)",
            "territory": "reference",
            "agent_id": "staff accountability",
            "mandate_id": "reference",
            "organisation_id": "reference",
            "module": "closed list",
            "target_id": "reference",
            "target_subject": "reference",
            "reference": "spoken reference, no name",
            "reason": "closed list",
            "opened_at": "staff accountability",
            "ends_at": "decides access",
            "closed_at": "decides access",
            "review_due_at": "workflow date",
            "reviewed_at": "workflow date",
            "reviewed_by": "staff accountability",
            "reviewed_from": "reference",
            "verdict": "closed list",
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"episode {self.pk}"

    def runs(self, now: datetime) -> bool:
        """Say whether the record is open at `now` (half-open)."""
        return self.opened_at <= now < (self.closed_at or self.ends_at)


class EmergencyMiss(models.Model):
    """An emergency that was not granted: three of them suspend the right until two persons restore it."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    agent_id = models.UUIDField("agent")
    at = models.DateTimeField("le")
    cleared_by = models.UUIDField("accord de rétablissement", null=True, blank=True)

    class Meta:
        verbose_name = "ouverture d’urgence non accordée"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["agent_id"], name="emergency_miss_agent")]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "agent_id": "staff accountability",
            "at": "staff accountability",
            "cleared_by": "reference",
        }

    def __str__(self) -> str:
        return f"miss {self.pk}"
