"""Where people work: a territory, and the bodies of it."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from casework.partners.codes import (
    OrganisationKind,
    TerritoryKind,
)


class Territory(models.Model):
    """A commune, an EPCI, a court district or a département (CLV-07)."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("nature", max_length=20, choices=TerritoryKind.choices)
    name = models.CharField("nom", max_length=120)
    prefix = models.CharField("préfixe des références", max_length=4, unique=True)
    time_zone = models.CharField("fuseau horaire", max_length=40, default="Europe/Paris")
    holiday_set = models.CharField("jours fériés", max_length=20, default="FR")
    school_zone = models.CharField("zone scolaire", max_length=10, default="B")
    sectors = models.JSONField("secteurs", default=list)

    class Meta:
        verbose_name = "territoire"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "kind": "closed list",
            "name": "a place, not a person",
            "prefix": "a place, not a person",
            "time_zone": "setting",
            "holiday_set": "setting",
            "school_zone": "setting",
            "sectors": "at most three coarse sectors (SDC-09)",
        }

    def __str__(self) -> str:
        return self.name


class Organisation(models.Model):
    """A service, school, association or municipality of one territory."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="organisations")
    kind = models.CharField("nature", max_length=40, choices=OrganisationKind.choices)
    name = models.CharField("nom", max_length=120)
    short_name = models.CharField("nom court", max_length=30)
    letter = models.CharField("lettre en réunion", max_length=1, blank=True)
    is_active = models.BooleanField("active", default=True)

    class Meta:
        verbose_name = "organisation"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["territory", "letter"],
                condition=~Q(letter=""),
                name="organisation_letter_once",
                violation_error_message="Cette lettre est déjà prise par un autre service.",
            )
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "kind": "closed list",
            "name": "a body, not a person",
            "short_name": "a body, not a person",
            "letter": "a body, not a person",
            "is_active": "setting",
        }

    def __str__(self) -> str:
        return self.short_name or self.name
