"""A request of access to one file."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from casework.partners.macs import RowMacField
from casework.partners.models import Mandate, Territory


class RequestReason(models.TextChoices):
    """Why a service asks."""

    KNOWS = "knows", "mon service intervient auprès de ce jeune"
    ORIENTED = "oriented", "ce jeune nous est orienté"
    DECISION = "decision", "une décision nous concerne"
    RELAY = "relay", "je prends le relais d’un collègue"


class RequestState(models.TextChoices):
    """Where a request stands."""

    ASKED = "asked", "transmise"
    GRANTED = "granted", "accès ouvert"
    DECLINED = "declined", "sans suite"


class AccessRequest(models.Model):
    """One function asks for one file. `target_id` is empty when there is none: nothing shows the difference."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField("référence demandée", max_length=20)
    reason = models.CharField("motif", max_length=10, choices=RequestReason.choices)
    module = models.CharField("rubrique", max_length=20, blank=True)
    target_id = models.UUIDField("fiche", null=True, blank=True)
    target_subject = models.UUIDField("personne concernée", null=True, blank=True)
    state = models.CharField("état", max_length=10, choices=RequestState.choices, default=RequestState.ASKED)
    asked_at = models.DateTimeField("demandée le")
    answered_at = models.DateTimeField("réponse le", null=True, blank=True)
    answered_as = models.UUIDField("réponse de (fonction)", null=True, blank=True)
    mac = RowMacField(
        "empreinte",
        label="access.request",
        over=(
            "id", "territory_id", "mandate_id", "reference", "reason", "module", "target_id", "target_subject",
            "state", "asked_at", "answered_at", "answered_as",
        ),
    )  # fmt: skip

    class Meta:
        verbose_name = "demande d’accès"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "state", "asked_at"], name="access_request_waiting")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "mandate": "reference",
            "reference": "spoken reference, no name: anything else typed is not kept",
            "reason": "closed list",
            "module": "closed list",
            "target_id": "reference",
            "target_subject": "reference",
            "state": "state",
            "asked_at": "workflow date",
            "answered_at": "workflow date",
            "answered_as": "reference",
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"access request {self.pk}"
