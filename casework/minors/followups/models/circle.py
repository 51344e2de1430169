"""The services around a situation: the circle, « Qui connaît ? », a point between meetings."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from casework.casefile.revision import Revised
from casework.minors.followups import codes
from casework.minors.followups.models.base import BASE
from casework.minors.followups.models.situations import FollowUp
from casework.partners.models import Organisation, Territory
from casework.sealing.fields import SealedText
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel


class CircleMembership(SealedModel, Revised):
    """A service in the circle of a situation, from, to, why (CLV-26, peers A6)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="circle")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    in_charge = models.UUIDField("intervenant (fonction)", null=True, blank=True)
    starts_at = models.DateTimeField("depuis")
    ends_at = models.DateTimeField("jusqu’au", null=True, blank=True)
    reason = models.CharField("motif d’entrée", max_length=20, choices=codes.CircleReason.choices)
    end_reason = models.CharField("motif de sortie", max_length=20, choices=codes.CircleEnd.choices, blank=True)
    involvement = models.CharField("intervention", max_length=20, choices=codes.Involvement.choices, blank=True)
    involvement_on = models.DateField("dit le", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "service du cercle"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["follow_up", "organisation"],
                condition=Q(ends_at__isnull=True),
                name="circle_service_once",
                violation_error_message="Ce service est déjà dans le cercle.",
            )
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "follow_up": "reference",
            "organisation": "reference",
            "in_charge": "reference",
            "starts_at": "decides access",
            "ends_at": "decides access",
            "reason": "closed list",
            "end_reason": "closed list",
            "involvement": "what the service says of itself, three equal answers",
            "involvement_on": "workflow date",
        }

    def __str__(self) -> str:
        return f"circle {self.pk}"


class WhoKnows(SealedModel, Revised):
    """« Qui connaît ? »: one service asked about one situation, one of four equal answers (CLV-29)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="who_knows")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("demandé le")
    asked_by = models.UUIDField("demandé par (fonction)")
    closes_at = models.DateTimeField("se ferme le")
    until_meeting = models.BooleanField("jusqu’à la réunion", default=False)
    answer = SealedText(label="minors.who_knows.answer", drawer="content", data_class="youth_review", max_length=20)
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    answered_by = models.UUIDField("répondu par (fonction)", null=True, blank=True)
    fields_closed_at = models.DateTimeField("champs fermés le", null=True, blank=True)

    class Meta:
        verbose_name = "question « Qui connaît ? »"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["follow_up", "organisation"], name="who_knows_once_per_service")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "follow_up": "reference",
            "organisation": "reference",
            "asked_at": "workflow date",
            "asked_by": "reference",
            "closes_at": "decides access",
            "until_meeting": "decides access",
            "answered_at": "workflow date",
            "answered_by": "reference",
            "fields_closed_at": "decides access",
        }

    def __str__(self) -> str:
        return f"who knows {self.pk}"


class RestrictedPoint(SealedModel, Revised):
    """A point restreint between meetings: two to four services of the circle on one situation."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="restricted_points")
    held_at = models.DateTimeField("tenu le")
    channel = models.CharField("comment", max_length=10, choices=codes.PointChannel.choices)
    organisations = models.ManyToManyField(Organisation, related_name="+")
    called_by = models.UUIDField("à l’initiative de (fonction)")
    precision = SealedText(
        label="minors.restricted_point.precision", drawer="content", data_class="youth_review", max_length=100
    )
    tabled_in = models.UUIDField("rapporté en réunion", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "point restreint"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "follow_up": "reference",
            "held_at": "workflow date",
            "channel": "closed list",
            "organisations": "reference",
            "called_by": "reference",
            "tabled_in": "reference",
        }

    def __str__(self) -> str:
        return f"restricted point {self.pk}"
