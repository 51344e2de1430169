"""What outlives a support: one anonymous line, written with all those of its time, in no order (EXC-21, REC-24, ADR 67)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from casework.casefile.anonymous_lines import Line, Waiting
from casework.exclusions import codes


class SupportFacts(Line):
    """What is kept of one support, by school year."""

    school_year = models.PositiveSmallIntegerField("année scolaire (début)")
    kind = models.CharField("accueil", max_length=20, choices=codes.Kind.choices)
    result = models.CharField("issue", max_length=20, choices=codes.Result.choices)
    # The first support of this pupil this year: distinct pupils are counted before anything is deleted.
    is_first = models.BooleanField("premier accueil de l’élève cette année")
    half_days = models.PositiveSmallIntegerField("demi-journées faites", default=0)
    activities = models.PositiveSmallIntegerField("séances menées", default=0)
    return_held = models.BooleanField("rencontre de retour tenue", default=False)
    since = models.CharField("nouvelle exclusion depuis", max_length=10, choices=codes.Since.choices, blank=True)

    class Meta(Line.Meta):
        abstract = True

    CLEAR: ClassVar[dict[str, str]] = Line.CLEAR | {
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
    """One support that ended, of no school and no host."""

    class Meta(SupportFacts.Meta):
        abstract = False
        verbose_name = "accueil terminé, sans personne"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "school_year"], name="ended_support_year"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = SupportFacts.CLEAR


class WaitingLine(SupportFacts, Waiting):
    """One support that waits for its line."""

    class Meta(SupportFacts.Meta):
        abstract = False
        verbose_name = "accueil à compter, sans personne"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(recorded_in__day=1), name="waiting_line_by_month"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = SupportFacts.CLEAR | Waiting.WAITS
