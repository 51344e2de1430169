"""What schools and hosts agree on before any pupil: conventions, announced half-days, activities, needs without a place.

No pupil is here.
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.casefile.revision import Revised
from casework.exclusions import codes
from casework.exclusions.models.base import BASE, EXCLUSION
from casework.partners.models import Organisation, Territory
from casework.sealing.fields import SealedJSON
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel


class Convention(SealedModel, Revised):
    """What a school and a host signed (EXC-06, EXC-16). Its own key seals the contacts: names of professionals."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="établissement")
    host = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="structure")
    signed_on = models.DateField("signée le")
    starts_on = models.DateField("du")
    ends_on = models.DateField("au (inclus)")
    # Lists of codes: which kinds of reception, which themes.
    kinds = models.JSONField("accueils prévus", default=list)
    themes = models.JSONField("thèmes proposés", default=list)
    places = models.PositiveSmallIntegerField("élèves de cet établissement par demi-journée")
    # Where it says so, a place that the host announced is accepted beforehand.
    accepts_at_once = models.BooleanField("accueil accepté d’avance", default=False)
    proposed_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    # Written by one of the two, confirmed by the other: neither binds the other alone.
    confirmed_at = models.DateTimeField("confirmée le", null=True, blank=True)
    ended_on = models.DateField("dénoncée, dernier jour", null=True, blank=True)
    document_id = models.UUIDField("document signé", null=True, blank=True)
    # A JSON object: of the school and of the host, the phone, the address and who answers.
    contacts = SealedJSON(label="exclusion_support.convention.contacts", drawer="content", data_class=EXCLUSION)
    history = SealedHistory()

    class Meta:
        verbose_name = "convention d’accueil"
        ordering: ClassVar[list[str]] = ["-starts_on", "id"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="exclusion_convention_order",
                violation_error_message="Le dernier jour doit suivre le premier.",
            ),
            models.CheckConstraint(
                condition=Q(places__gte=1, places__lte=30), name="exclusion_convention_places",
                violation_error_message="De 1 à 30 élèves.",
            ),
            models.CheckConstraint(condition=~Q(school=F("host")), name="exclusion_convention_two"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("starts_on")), name="exclusion_convention_ended",
                violation_error_message="La convention ne peut pas finir avant son premier jour.",
            ),
        ]  # fmt: skip
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["school", "ends_on"], name="excl_convention_school"),
            models.Index(fields=["host", "ends_on"], name="excl_convention_host"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "school": "a body, not a person",
            "host": "a body, not a person",
            "signed_on": "date of an act between two bodies",
            "starts_on": "date of an act between two bodies",
            "ends_on": "date of an act between two bodies",
            "kinds": "closed list",
            "themes": "closed list",
            "places": "setting",
            "accepts_at_once": "setting",
            "proposed_by": "reference",
            "confirmed_at": "workflow date",
            "ended_on": "date of an act between two bodies",
            "document_id": "reference",
        }

    def __str__(self) -> str:
        return f"convention {self.pk}"

    @property
    def last_day(self) -> date:
        """The last day on which it holds."""
        return self.ends_on if self.ended_on is None else min(self.ends_on, self.ended_on)


class OpenHalfDay(models.Model):
    """A half-day that a host announces, with its hours and its number of places (EXC-16: weeks planned ahead)."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    host = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    day = models.DateField("jour")
    half = models.CharField("demi-journée", max_length=2, choices=codes.Half.choices)
    starts_at = models.TimeField("début")
    ends_at = models.TimeField("fin")
    places = models.PositiveSmallIntegerField("places")

    class Meta:
        verbose_name = "demi-journée annoncée"
        ordering: ClassVar[list[str]] = ["day", "half"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["host", "day", "half"], name="exclusion_open_half_day_once"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="exclusion_open_ends_after",
                violation_error_message="L’heure de fin doit suivre l’heure de début.",
            ),
            models.CheckConstraint(
                condition=Q(places__gte=0, places__lte=30), name="exclusion_open_places",
                violation_error_message="De 0 à 30 places.",
            ),
        ]  # fmt: skip
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["territory", "day"], name="excl_open_day")]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "host": "a body, not a person",
            "day": "announced by a body",
            "half": "closed list",
            "starts_at": "announced by a body",
            "ends_at": "announced by a body",
            "places": "announced by a body",
        }

    def __str__(self) -> str:
        return f"open half-day {self.pk}"


class CatalogueActivity(models.Model):
    """An activity that a host offers, under one of the four themes (EXC-18)."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    host = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    theme = models.CharField("thème", max_length=20, choices=codes.Theme.choices)
    name = models.CharField("activité", max_length=80)
    is_active = models.BooleanField("proposée", default=True)

    class Meta:
        verbose_name = "activité du catalogue"
        ordering: ClassVar[list[str]] = ["theme", "name"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["host", "theme", "name"], name="exclusion_activity_once",
                violation_error_message="Cette activité est déjà dans le catalogue.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "host": "a body, not a person",
            "theme": "closed list",
            "name": "what a body offers, of nobody",
            "is_active": "setting",
        }

    def __str__(self) -> str:
        return self.name


class WaitingNeed(models.Model):
    """A school that found no place: level, kind and days, no pupil. Gone with its last day."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("accueil", max_length=20, choices=codes.Kind.choices)
    level = models.CharField("niveau", max_length=4, choices=codes.Level.choices)
    starts_on = models.DateField("du")
    ends_on = models.DateField("au (inclus)")
    asked_at = models.DateTimeField("demandée le")
    asked_by = models.UUIDField("demandée par (fonction)")

    class Meta:
        verbose_name = "demande sans place"
        ordering: ClassVar[list[str]] = ["asked_at", "id"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="exclusion_need_order",
                violation_error_message="Le dernier jour doit suivre le premier.",
            ),
        ]  # fmt: skip
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["territory", "ends_on"], name="excl_need_terr")]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "school": "a body, not a person",
            "kind": "closed list",
            "level": "closed list",
            "starts_on": "days wanted, of nobody named",
            "ends_on": "days wanted, of nobody named",
            "asked_at": "workflow date",
            "asked_by": "reference",
        }

    def __str__(self) -> str:
        return f"need {self.pk}"
