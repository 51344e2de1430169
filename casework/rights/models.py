"""The register of violations of personal data: what, since when, who was told. It names no followed person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.casefile.revision import Revised
from casework.partners.models import Territory
from casework.rights import codes
from casework.sealing.fields import SealedText
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel

NOTICE_HOURS = 72
"""Hours to tell the CNIL, from the discovery (RGPD 33, 1°; DL-04)."""


class SecurityIncident(SealedModel, Revised):
    """One violation (GDP-18). `subject_id` is its own id: its key seals its words, and dies with it."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField("référence", max_length=20, unique=True)
    state = models.CharField("état", max_length=20, choices=codes.IncidentState.choices)
    breach = models.CharField("nature", max_length=20, choices=codes.Breach.choices)
    cause = models.CharField("cause", max_length=20, choices=codes.Cause.choices)
    discovered_at = models.DateTimeField("découverte le")
    noted_at = models.DateTimeField("consignée le")
    noted_by = models.UUIDField("consignée par (fonction)")
    risk = models.CharField("risque", max_length=10, choices=codes.Risk.choices, blank=True)
    persons = models.CharField(
        "personnes concernées", max_length=10, choices=codes.Persons.choices, default=codes.Persons.UNKNOWN
    )
    notified_at = models.DateTimeField("notifiée à la CNIL le", null=True, blank=True)
    late_reason = models.CharField("motif du retard", max_length=20, choices=codes.LateReason.choices, blank=True)
    informed_on = models.DateField("personnes informées le", null=True, blank=True)
    not_informed = models.CharField(
        "personnes non informées", max_length=20, choices=codes.NotInformed.choices, blank=True
    )
    closed_at = models.DateTimeField("close le", null=True, blank=True)
    facts = SealedText(label="rights.incident.facts", drawer="content", data_class="rights", max_length=1000)
    effects = SealedText(
        label="rights.incident.effects", drawer="content", data_class="rights", max_length=1000, blank=True
    )
    measures = SealedText(
        label="rights.incident.measures", drawer="content", data_class="rights", max_length=1000, blank=True
    )
    history = SealedHistory()

    class Meta:
        verbose_name = "violation de données"
        verbose_name_plural = "violations de données"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "-discovered_at"], name="incident_discovered"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(noted_at__gte=F("discovered_at")),
                name="incident_noted_after",
                violation_error_message="Une violation ne se consigne pas avant d’être découverte.",
            ),
            models.CheckConstraint(
                condition=Q(notified_at__isnull=True) | Q(notified_at__gte=F("discovered_at")),
                name="incident_notified_after",
                violation_error_message="La notification ne peut pas précéder la découverte.",
            ),
            models.CheckConstraint(
                condition=~Q(state="notified") | Q(notified_at__isnull=False),
                name="incident_notified_is_dated",
                violation_error_message="Indiquez la date de la notification.",
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "subject_id": "key reference",
            "revision": "technical",
            "territory": "reference",
            "reference": "random reference",
            "state": "state",
            "breach": "closed list",
            "cause": "closed list",
            "discovered_at": "workflow date (DL-04)",
            "noted_at": "workflow date",
            "noted_by": "reference",
            "risk": "closed list",
            "persons": "a band, no person",
            "notified_at": "workflow date (DL-04)",
            "late_reason": "closed list",
            "informed_on": "workflow date",
            "not_informed": "closed list",
            "closed_at": "workflow date",
        }

    def __str__(self) -> str:
        return self.reference

    @property
    def notice_due_at(self) -> datetime:
        """The last instant to tell the CNIL."""
        return self.discovered_at + timedelta(hours=NOTICE_HOURS)
