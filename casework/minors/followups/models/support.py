"""What is done for the young person: schemes, actions, and the two elements sealed apart."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from casework.casefile.models import LocalItem
from casework.casefile.revision import Revised
from casework.minors.followups import codes
from casework.minors.followups.models.base import BASE
from casework.minors.followups.models.situations import FollowUp
from casework.partners.models import Organisation, Territory
from casework.sealing.fields import SealedDate, SealedText
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel


class SchemeStatus(SealedModel, Revised):
    """One scheme of the territory for one situation: active, asked, refused, not tried (peers A4, WL-11)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="schemes")
    item = models.ForeignKey(LocalItem, on_delete=models.PROTECT, related_name="+")
    state = models.CharField("état", max_length=20, choices=codes.SchemeState.choices)
    since = models.DateField("depuis le")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    history = SealedHistory()

    class Meta:
        verbose_name = "dispositif"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["follow_up", "item"], name="scheme_once_per_situation")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "follow_up": "reference",
            "item": "closed list of the territory",
            "state": "closed list",
            "since": "workflow date",
            "ends_on": "workflow date",
            "owner": "reference",
        }

    def __str__(self) -> str:
        return f"scheme {self.pk}"


class Action(SealedModel, Revised):
    """Who does what before when (WL-15). `result` empty: still open."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="actions")
    kind = models.CharField("action", max_length=30, choices=codes.ActionType.choices)
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="par")
    owner_mandate_id = models.UUIDField("par (fonction)", null=True, blank=True)
    precision = SealedText(label="minors.action.precision", drawer="content", data_class="youth_review", max_length=100)
    decided_on = models.DateField("décidée le")
    due_on = models.DateField("pour le")
    after = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="then", verbose_name="après"
    )
    result = models.CharField("résultat", max_length=20, choices=codes.ActionResult.choices, blank=True)
    closed_on = models.DateField("close le", null=True, blank=True)
    decided_in = models.UUIDField("réunion", null=True, blank=True)
    waited_sessions = models.PositiveSmallIntegerField("réunions passées", default=0)
    created_by = models.UUIDField("créée par (fonction)", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "action"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "owner", "result", "due_on"], name="action_due"),
            models.Index(fields=["follow_up", "result"], name="action_open"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "follow_up": "reference",
            "kind": "closed list",
            "owner": "reference",
            "owner_mandate_id": "reference",
            "decided_on": "workflow date",
            "due_on": "workflow date",
            "after": "reference",
            "result": "closed list",
            "closed_on": "workflow date",
            "decided_in": "reference",
            "waited_sessions": "workflow count",
            "created_by": "reference",
        }

    def __str__(self) -> str:
        return f"action {self.pk}"


class KnownJudicialMeasure(SealedModel, Revised):
    """A judicial measure recorded by PJJ only (WL-16, WL-19, GDP-09). Others may know that one exists."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="judicial_measures")
    kind = SealedText(
        label="minors.judicial_measure.kind", drawer="content", data_class="youth_judicial", max_length=40
    )
    starts_on = SealedDate(label="minors.judicial_measure.starts_on", drawer="content", data_class="youth_judicial")
    ends_on = SealedDate(label="minors.judicial_measure.ends_on", drawer="content", data_class="youth_judicial")
    recorded_by = models.UUIDField("saisie par (fonction)")
    history = SealedHistory()

    class Meta:
        verbose_name = "mesure judiciaire connue"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {"follow_up": "reference", "recorded_by": "reference"}

    def __str__(self) -> str:
        return f"judicial measure {self.pk}"


class SensitiveElement(SealedModel, Revised):
    """A sensitive fact strictly necessary to the programme, short-lived, motivated (WL-18, GDP-08)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="sensitive_elements")
    kind = SealedText(
        label="minors.sensitive_element.kind", drawer="content", data_class="youth_sensitive", max_length=40
    )
    necessity = SealedText(
        label="minors.sensitive_element.necessity",
        drawer="content",
        data_class="youth_sensitive",
        max_length=100,
    )
    recorded_by = models.UUIDField("saisi par (fonction)")
    expires_on = models.DateField("effacé le")
    history = SealedHistory()

    class Meta:
        verbose_name = "élément sensible"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "follow_up": "reference",
            "recorded_by": "reference",
            "expires_on": "retention date",
        }

    def __str__(self) -> str:
        return f"sensitive element {self.pk}"
