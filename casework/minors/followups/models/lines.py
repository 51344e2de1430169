"""What outlives a follow-up: one anonymous line, written with all those of its month, in no order (REC-24, ADR 67, 75)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from casework.casefile.ages import AgeBand
from casework.casefile.anonymous_lines import Line, Waiting
from casework.minors.followups import anonymous_codes, codes
from casework.partners.codes import OrganisationKind


class FollowUpFacts(Line):
    """What is kept of the end of one follow-up, by month."""

    month = models.DateField("mois de fin")
    reason = models.CharField("fin", max_length=10, choices=anonymous_codes.EndGroup.choices)
    age_band = models.CharField("âge à la fin", max_length=10, choices=AgeBand.choices, blank=True)
    sex = models.CharField("sexe", max_length=10, choices=codes.Sex.choices)
    origin = models.CharField("origine", max_length=20, choices=anonymous_codes.OriginGroup.choices, blank=True)
    lead_kind = models.CharField("référent de parcours", max_length=30, choices=OrganisationKind.choices, blank=True)
    duration = models.CharField("durée du suivi", max_length=10, choices=anonymous_codes.Duration.choices, blank=True)
    meetings = models.CharField("examens en réunion", max_length=10, choices=anonymous_codes.Meetings.choices)
    # The first end of this person this year: distinct persons are counted before anything is deleted.
    is_first = models.BooleanField("première fin de la personne cette année")

    class Meta(Line.Meta):
        abstract = True

    CLEAR: ClassVar[dict[str, str]] = Line.CLEAR | {
        "month": "month precision",
        "reason": "closed list, coarser than the file's",
        "age_band": "band of SDC-09, in a line of nobody",
        "sex": "closed list, in a line of nobody",
        "origin": "closed list, coarser than the file's",
        "lead_kind": "kind of a service, not the service",
        "duration": "band",
        "meetings": "band",
        "is_first": "a count of persons without a person",
    }


class EndedFollowUp(FollowUpFacts):
    """One follow-up that ended."""

    class Meta(FollowUpFacts.Meta):
        abstract = False
        verbose_name = "suivi terminé, sans personne"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "month"], name="ended_follow_up_month"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(month__day=1), name="ended_follow_up_by_month"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = FollowUpFacts.CLEAR


class WaitingFollowUp(FollowUpFacts, Waiting):
    """One end that waits for its line."""

    class Meta(FollowUpFacts.Meta):
        abstract = False
        verbose_name = "fin de suivi à compter, sans personne"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(month__day=1) & Q(recorded_in__day=1), name="waiting_follow_up_by_month"
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = FollowUpFacts.CLEAR | Waiting.WAITS
