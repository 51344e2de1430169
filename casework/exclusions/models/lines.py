"""What outlives a support: one anonymous line, written with all those of its time, in no order (EXC-21, REC-24, ADR 67)."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from casework.exclusions import codes
from casework.partners.models import Territory


class SupportFacts(models.Model):
    """What is kept of one support: coded, by school year, of nobody."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    school_year = models.PositiveSmallIntegerField("année scolaire (début)")
    kind = models.CharField("accueil", max_length=20, choices=codes.Kind.choices)
    result = models.CharField("issue", max_length=20, choices=codes.Result.choices)
    # The first support of this pupil this year: distinct pupils are counted before anything is deleted.
    is_first = models.BooleanField("premier accueil de l’élève cette année")
    half_days = models.PositiveSmallIntegerField("demi-journées faites", default=0)
    activities = models.PositiveSmallIntegerField("séances menées", default=0)
    return_held = models.BooleanField("rencontre de retour tenue", default=False)
    since = models.CharField("nouvelle exclusion depuis", max_length=10, choices=codes.Since.choices, blank=True)

    class Meta:
        abstract = True

    CLEAR: ClassVar[dict[str, str]] = {
        "id": "technical",
        "territory": "reference",
        "school_year": "year precision",
        "kind": "closed list",
        "result": "closed list",
        "is_first": "a count of pupils without a pupil",
        "half_days": "a count without a pupil",
        "activities": "a count without a pupil",
        "return_held": "yes or no",
        "since": "closed list",
    }


class EndedSupport(SupportFacts):
    """One support that ended. It outlives the record; never changed, never joined, of no school and no host."""

    class Meta(SupportFacts.Meta):
        abstract = False
        verbose_name = "accueil terminé, sans personne"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "school_year"], name="ended_support_year"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = SupportFacts.CLEAR

    def __str__(self) -> str:
        return f"ended support {self.pk}"


class WaitingLine(SupportFacts):
    """One line that waits for the month to be over, whatever becomes of the record."""

    recorded_in = models.DateField("mois de l’inscription")

    class Meta(SupportFacts.Meta):
        abstract = False
        verbose_name = "accueil à compter, sans personne"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(recorded_in__day=1), name="waiting_line_by_month"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = SupportFacts.CLEAR | {"recorded_in": "month precision"}

    def __str__(self) -> str:
        return f"waiting line {self.pk}"
