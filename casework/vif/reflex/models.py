"""The reflex sheet of a territory, version after version, and awareness sessions in numbers (seed action 6).

Nothing here is about anybody: it is read by every front-line trade, and printed for the wall.
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from casework.partners.models import Territory
from casework.vif.reflex.codes import Audience

PUBLIC = "public words for front-line staff: about nobody"


class ReflexSheet(models.Model):
    """One version of the sheet. A change writes the next one."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField("version")
    written_at = models.DateTimeField("écrite le")
    written_by = models.UUIDField("écrite par (fonction)")
    # One text for each part of codes.Part.
    parts = models.JSONField("rubriques")

    class Meta:
        verbose_name = "fiche réflexe"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["territory", "version"], name="reflex_sheet_version",
                violation_error_message="La fiche a été modifiée pendant votre saisie.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "version": "technical",
            "written_at": "workflow date",
            "written_by": "reference",
            "parts": PUBLIC,
        }

    def __str__(self) -> str:
        return f"reflex sheet {self.version}"


class AwarenessSession(models.Model):
    """An awareness session: a day, a trade, how many people; no name."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    held_on = models.DateField("le")
    audience = models.CharField("public", max_length=20, choices=Audience.choices)
    people = models.PositiveSmallIntegerField("personnes")
    recorded_by = models.UUIDField("enregistrée par (fonction)")

    class Meta:
        verbose_name = "sensibilisation"
        ordering: ClassVar[list[str]] = ["-held_on", "id"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(people__gt=0), name="awareness_people",
                violation_error_message="Indiquez combien de personnes étaient là.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "held_on": "day of a public session",
            "audience": "closed list",
            "people": "a count of professionals, without names",
            "recorded_by": "reference",
        }

    def __str__(self) -> str:
        return f"awareness session {self.pk}"
