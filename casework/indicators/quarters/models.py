"""The dashboard of a quarter: who gives counts, what was asked of them, what was said of it and published. No person.

What nobody may read before it is published is sealed under the quarter’s own key.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from casework.access.matrix import DataClass
from casework.casefile.revision import Revised
from casework.indicators.quarters import codes
from casework.indicators.quarters.periods import Period
from casework.partners.models import Organisation, Territory
from casework.sealing.fields import SealedJSON, SealedText
from casework.sealing.models import SealedModel

BASE = {
    "id": "technical",
    "subject_id": "key reference",
    "revision": "technical",
    "territory": "reference",
}


class Contributor(SealedModel, Revised):
    """A body that gives counts, with or without an account here. `subject_id` is its own id: its key seals the address.

    No history: an address taken off is gone.
    """

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="service"
    )
    giver = models.CharField("nature", max_length=20, choices=[(each.value, each.label) for each in codes.PARTNERS])
    name = models.CharField("nom", max_length=120)
    indicators = models.JSONField("chiffres demandés", default=list)
    email = SealedText(label="quarters.contributor.email", data_class=DataClass.EVALUATION, max_length=120)
    ended_on = models.DateField("jusqu’au", null=True, blank=True)

    class Meta:
        verbose_name = "contributeur"
        ordering: ClassVar[list[str]] = ["giver", "name"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["territory", "name"], condition=Q(ended_on__isnull=True), name="contributor_name_once",
                violation_error_message="Ce contributeur est déjà dans la liste.",
            )
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "organisation": "reference",
            "giver": "closed list",
            "name": "an organisation, not a person",
            "indicators": "closed list",
            "ended_on": "setting",
        }

    def __str__(self) -> str:
        return f"contributor {self.pk}"


class Quarter(SealedModel, Revised):
    """One quarter. `subject_id` is its own id; once published, its vector is all that anybody reads."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("année")
    number = models.PositiveSmallIntegerField("trimestre")
    sectors = models.JSONField("secteurs", default=list)
    opened_at = models.DateTimeField("ouvert le")
    opened_by = models.UUIDField("ouvert par (fonction)")
    published_at = models.DateTimeField("publié le", null=True, blank=True)
    published_by = models.UUIDField("publié par (fonction)", null=True, blank=True)
    # The comment of the quarter, those of its indicators, and for each sector its tone and words.
    words = SealedJSON(label="quarters.quarter.words", drawer="content", data_class=DataClass.EVALUATION)
    # What dashboard.made() made of it: only what may be printed.
    vector = SealedJSON(label="quarters.quarter.vector", drawer="content", data_class=DataClass.EVALUATION)

    class Meta:
        verbose_name = "trimestre"
        ordering: ClassVar[list[str]] = ["-year", "-number"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["territory", "year", "number"], name="quarter_once"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=4), name="quarter_of_four"),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) ^ Q(published_by__isnull=False), name="quarter_published_by_one"
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "year": "a calendar",
            "number": "a calendar",
            "sectors": "names of sectors, as in the territory",
            "opened_at": "workflow date",
            "opened_by": "reference",
            "published_at": "workflow date",
            "published_by": "reference",
        }

    def __str__(self) -> str:
        return f"quarter {self.pk}"

    @property
    def period(self) -> Period:
        """The days it covers."""
        return Period(self.year, self.number)


class Asking(SealedModel, Revised):
    """What one contributor was asked for one quarter, and answered. The quarter’s key seals the counts."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    quarter = models.ForeignKey(Quarter, on_delete=models.CASCADE, related_name="askings")
    contributor = models.ForeignKey(Contributor, on_delete=models.PROTECT, related_name="askings")
    indicators = models.JSONField("chiffres demandés", default=list)
    token_hash = models.CharField("empreinte du lien", max_length=64, blank=True, db_index=True)
    asked_on = models.DateField("demandé le")
    answer_by = models.DateField("réponse avant le (inclus)")
    reminders = models.PositiveSmallIntegerField("rappels", default=0)
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    entered_by = models.UUIDField("saisi par (fonction)", null=True, blank=True)  # null: by the link
    remark = models.CharField("remarque", max_length=20, choices=codes.Remark.choices, blank=True)
    # {indicator: {sector or "": count}}; null where the contributor does not have it.
    counts = SealedJSON(label="quarters.asking.counts", drawer="content", data_class=DataClass.EVALUATION)

    class Meta:
        verbose_name = "demande de chiffres"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["quarter", "contributor"], name="asking_once"),
            models.CheckConstraint(
                condition=Q(entered_by__isnull=True) | Q(answered_at__isnull=False), name="asking_entered_is_answered"
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "quarter": "reference",
            "contributor": "reference",
            "indicators": "closed list",
            "token_hash": "hash of a random token",
            "asked_on": "workflow date",
            "answer_by": "the link dies and the night reminds without keys",
            "reminders": "workflow: how many were sent",
            "answered_at": "workflow date",
            "entered_by": "reference",
            "remark": "closed list, about counts",
        }

    def __str__(self) -> str:
        return f"asking {self.pk}"


class AnalysisMeeting(SealedModel, Revised):
    """The « groupe d’analyse trimestrielle » over one quarter: who was invited, what it concluded. No person."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    quarter = models.OneToOneField(Quarter, on_delete=models.CASCADE, related_name="meeting")
    held_on = models.DateField("date")
    next_on = models.DateField("prochaine réunion", null=True, blank=True)
    # {"invited": [names of bodies], "points": [indicators], "conclusions": [[code, words], …]}
    content = SealedJSON(label="quarters.meeting.content", drawer="content", data_class=DataClass.EVALUATION)

    class Meta:
        verbose_name = "réunion du groupe d’analyse"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(next_on__isnull=True) | Q(next_on__gt=models.F("held_on")),
                name="analysis_next_is_later",
                violation_error_message="La prochaine réunion doit suivre celle-ci.",
            )
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "quarter": "reference",
            "held_on": "date of a meeting about nobody",
            "next_on": "date of a meeting about nobody",
        }

    def __str__(self) -> str:
        return f"analysis meeting {self.pk}"
