"""How the young person and the parents are informed, and what the mayor is asked."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from casework.casefile.revision import Revised
from casework.minors.followups import codes
from casework.minors.followups.models.base import BASE
from casework.minors.followups.models.people import LegalRepresentative
from casework.minors.followups.models.situations import FollowUp
from casework.partners.models import Organisation, Territory
from casework.sealing.fields import SealedJSON, SealedText
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel


class Notice(SealedModel, Revised):
    """The information of one recipient: the youth, or one holder of parental authority (SIT-07, SIT-09)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="notices")
    representative = models.ForeignKey(
        LegalRepresentative, on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    status = models.CharField(
        "état", max_length=20, choices=codes.NoticeStatus.choices, default=codes.NoticeStatus.TO_DO
    )
    informed_on = models.DateField("informé le", null=True, blank=True)
    informed_by = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="par"
    )
    channel = models.CharField("comment", max_length=20, choices=codes.NoticeChannel.choices, blank=True)
    attempts = SealedJSON(label="minors.notice.attempts", drawer="content", data_class="youth_representatives")
    motive = models.CharField("motif", max_length=20, choices=codes.WithholdMotive.choices, blank=True)
    decided_by = models.UUIDField("décidé par (fonction)", null=True, blank=True)
    review_on = models.DateField("à revoir le", null=True, blank=True)
    confirmed_at = models.DateTimeField("confirmé le", null=True, blank=True)
    confirmed_by = models.UUIDField("confirmé par (fonction)", null=True, blank=True)
    letter_printed_at = models.DateTimeField("courrier imprimé le", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "information"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=~Q(status="informed") | (Q(informed_on__isnull=False) & ~Q(channel="")),
                name="notice_informed_is_dated",
                violation_error_message="Indiquez la date et la manière d’informer.",
            ),
            models.CheckConstraint(
                condition=~Q(status="withheld")
                | (~Q(motive="") & Q(decided_by__isnull=False) & Q(review_on__isnull=False)),
                name="notice_withheld_is_motivated",
                violation_error_message="Ne pas informer demande un motif, un auteur et une date de révision.",
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "follow_up": "reference",
            "representative": "reference",
            "status": "closed list",
            "informed_on": "workflow date",
            "informed_by": "reference",
            "channel": "closed list",
            "motive": "closed list",
            "decided_by": "reference",
            "review_on": "workflow date",
            "confirmed_at": "workflow date",
            "confirmed_by": "reference",
            "letter_printed_at": "workflow date",
        }

    def __str__(self) -> str:
        return f"notice {self.pk}"


class MayorDisclosure(SealedModel, Revised):
    """One page for the mayor, nothing of the session (MAY-04 to MAY-06, domain.md §11 row 9)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="mayor_disclosures")
    reference = models.CharField("référence", max_length=20, unique=True)
    act = models.CharField("acte demandé", max_length=20, choices=codes.MayorAct.choices)
    gateway = models.CharField("cadre légal", max_length=30, choices=codes.Gateway.choices)
    ground = SealedText(
        label="minors.mayor_disclosure.ground", drawer="content", data_class="mayor_disclosure", max_length=30
    )
    # {"last_name", "first_name", "birth_date", "address", "representatives": [{"name", "relation", "address"}]}
    identity = SealedJSON(label="minors.mayor_disclosure.identity", drawer="content", data_class="mayor_disclosure")
    prosecutor_opinion = models.CharField(
        "avis du parquet", max_length=20, choices=codes.ProsecutorOpinion.choices, blank=True
    )
    prosecutor_opinion_on = models.DateField("avis du", null=True, blank=True)
    created_by = models.UUIDField("établie par (fonction)")
    sent_at = models.DateTimeField("transmise le", null=True, blank=True)
    acknowledged_at = models.DateTimeField("reçue le", null=True, blank=True)
    acknowledged_by = models.UUIDField("reçue par (fonction)", null=True, blank=True)
    outcome = models.CharField("suite", max_length=10, choices=codes.MayorOutcome.choices, blank=True)
    outcome_on = models.DateField("suite du", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "information du maire"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "follow_up": "reference",
            "reference": "random reference",
            "act": "closed list",
            "gateway": "closed list",
            "prosecutor_opinion": "closed list",
            "prosecutor_opinion_on": "workflow date",
            "created_by": "reference",
            "sent_at": "workflow date",
            "acknowledged_at": "workflow date",
            "acknowledged_by": "reference",
            "outcome": "closed list",
            "outcome_on": "workflow date",
        }

    def __str__(self) -> str:
        return self.reference
