"""One request of two persons, bound to its exact content by a keyed print."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.access.approvals.codes import ApprovalAct, ApprovalReason, ApprovalState
from casework.partners.macs import RowMacField
from casework.partners.models import Territory
from casework.sealing.fields import SealedText
from casework.sealing.models import SealedModel

DATA_CLASS = "approval"


class Approval(SealedModel):
    """Somebody asks for an act; somebody else agrees to it. Sealed under its own key: `subject_id` is `id`."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    act = models.CharField("acte", max_length=30, choices=ApprovalAct.choices)
    target_id = models.UUIDField("objet")
    reference = models.CharField("référence", max_length=20, blank=True)
    count = models.PositiveIntegerField("nombre de fiches", default=1)
    reason = models.CharField("motif", max_length=20, choices=ApprovalReason.choices)
    words = SealedText("précisions", label="access.approval.words", data_class=DATA_CLASS, blank=True)
    content_print = models.CharField("empreinte du contenu", max_length=64)
    state = models.CharField("état", max_length=10, choices=ApprovalState.choices, default=ApprovalState.ASKED)
    asked_by = models.UUIDField("demandée par (agent)")
    asked_as = models.UUIDField("demandée par (fonction)")
    asked_from = models.UUIDField("demandée par (organisation)")
    asked_at = models.DateTimeField("demandée le")
    expires_at = models.DateTimeField("sans effet après le")
    deputy_from = models.DateTimeField("suppléance à partir du")
    deputy_asked_at = models.DateTimeField("suppléant sollicité le", null=True, blank=True)
    decided_by = models.UUIDField("réponse de (agent)", null=True, blank=True)
    decided_as = models.UUIDField("réponse de (fonction)", null=True, blank=True)
    decided_at = models.DateTimeField("réponse le", null=True, blank=True)
    used_at = models.DateTimeField("exécutée le", null=True, blank=True)
    mac = RowMacField(
        "empreinte",
        label="access.approval",
        over=(
            "id", "territory_id", "act", "target_id", "reference", "count", "reason", "content_print", "state",
            "asked_by", "asked_as", "asked_from", "asked_at", "expires_at", "deputy_from", "decided_by", "decided_as",
            "decided_at", "used_at",
        ),
    )  # fmt: skip

    class Meta:
        verbose_name = "demande à deux"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "state", "asked_at"], name="approval_waiting"),
            models.Index(fields=["act", "target_id"], name="approval_target"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")), name="approval_two_persons"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "used"]) | Q(decided_by__isnull=False), name="approval_has_second"
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "subject_id": "reference (its own key)",
            "territory": "reference",
            "act": "closed list",
            "target_id": "random id, says nothing alone",
            "reference": "spoken reference, no name",
            "count": "a number of records",
            "reason": "closed list",
            "content_print": "keyed print of the request",
            "state": "state",
            "asked_by": "staff accountability",
            "asked_as": "reference",
            "asked_from": "reference",
            "asked_at": "workflow date",
            "expires_at": "decides access",
            "deputy_from": "workflow date",
            "deputy_asked_at": "workflow date",
            "decided_by": "staff accountability",
            "decided_as": "reference",
            "decided_at": "workflow date",
            "used_at": "workflow date",
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"approval {self.pk}"

    def runs(self, now: datetime) -> bool:
        """Say whether the request still counts at `now` (half-open)."""
        return self.asked_at <= now < self.expires_at
