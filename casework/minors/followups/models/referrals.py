"""How a situation comes: the saisine, the single-use link of a service without an account."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from casework.casefile.models import LocalItem
from casework.casefile.revision import Revised
from casework.minors.followups import codes
from casework.minors.followups.models.base import BASE
from casework.minors.followups.models.situations import FollowUp
from casework.partners.models import Organisation, Territory
from casework.sealing.fields import SealedJSON, SealedText
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel


class Referral(SealedModel, Revised):
    """A saisine: coded origin, reasons and gateway (SIT-01, SIT-02, SIT-08, WL-09, WL-10)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="referrals")
    origin = models.CharField("origine", max_length=30, choices=codes.ReferralOrigin.choices)
    gateway = models.CharField("cadre légal", max_length=30, choices=codes.Gateway.choices)
    urgency = models.CharField("urgence", max_length=10, choices=codes.Urgency.choices, default=codes.Urgency.NORMAL)
    reasons = SealedJSON(label="minors.referral.reasons", drawer="content", data_class="youth_referral")
    referred_by = SealedText(
        label="minors.referral.referred_by", drawer="content", data_class="youth_referral", max_length=120
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    author_mandate_id = models.UUIDField("auteur (fonction)", null=True, blank=True)
    received_at = models.DateTimeField("reçue le")
    sorting = models.CharField("tri", max_length=20, choices=codes.Sorting.choices, default=codes.Sorting.WAITING)
    sorted_at = models.DateTimeField("triée le", null=True, blank=True)
    sorted_by = models.UUIDField("triée par (fonction)", null=True, blank=True)
    redirected_to = models.ForeignKey(LocalItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    more_asked = SealedText(
        label="minors.referral.more_asked", drawer="content", data_class="youth_referral", max_length=200
    )
    batch = models.UUIDField("liste", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "saisine"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "sorting", "received_at"], name="referral_queue"),
            models.Index(fields=["author_mandate_id"], name="referral_author"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "follow_up": "reference",
            "origin": "closed list (SIT-01)",
            "gateway": "closed list (SIT-08)",
            "urgency": "closed list",
            "organisation": "reference",
            "author_mandate_id": "reference",
            "received_at": "workflow date",
            "sorting": "closed list",
            "sorted_at": "workflow date",
            "sorted_by": "reference",
            "redirected_to": "closed list",
            "batch": "technical",
        }

    def __str__(self) -> str:
        return f"referral {self.pk}"


class ReferralLink(models.Model):
    """A single-use link by which a school, a landlord or the police refer without an account."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="referral_links")
    origin = models.CharField("origine", max_length=30, choices=codes.ReferralOrigin.choices)
    token_hash = models.CharField("empreinte du lien", max_length=64, unique=True)
    expires_at = models.DateTimeField("valable jusqu’au")
    created_at = models.DateTimeField("créé le")
    created_by = models.UUIDField("créé par (fonction)")
    used_at = models.DateTimeField("utilisé le", null=True, blank=True)
    revoked_at = models.DateTimeField("annulé le", null=True, blank=True)
    referral = models.ForeignKey(Referral, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    outside_status = models.CharField("suite", max_length=10, choices=codes.OutsideStatus.choices, blank=True)

    class Meta:
        verbose_name = "lien de saisine"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "organisation": "reference",
            "origin": "closed list",
            "token_hash": "hash of a random token",
            "expires_at": "decides access",
            "created_at": "technical",
            "created_by": "reference",
            "used_at": "decides access",
            "revoked_at": "decides access",
            "referral": "reference",
            "outside_status": "closed list: reçue, étudiée, close",
        }

    def __str__(self) -> str:
        return f"referral link {self.pk}"
