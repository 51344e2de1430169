"""Known returns: anonymous lines of what ended, the yearly sheet of a service, and, where it is switched on, a watch.

A watch has a key of its own: nothing leads from it to the file of which it is all that stays (SDC-05a).
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.access.grants import GrantBase
from casework.casefile.ages import AgeBand
from casework.casefile.anonymous_lines import Line, Waiting
from casework.casefile.revision import Revised
from casework.partners.macs import AuthenticRow, RowMacField
from casework.partners.models import Organisation, Territory
from casework.placements.returns import codes
from casework.sealing.fields import SealedJSON
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel

RETURN = "known_return"
SERVICE = {"territory": "reference", "organisation": "reference"}
SEALED = SERVICE | {"id": "technical", "subject_id": "key reference"}


class EndFacts(Line):
    """What is kept of the end of one measure, by month."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="service")
    kind = models.CharField("mesure", max_length=20, choices=codes.Kind.choices)
    result = models.CharField("fin", max_length=20, choices=codes.Result.choices)
    received_year = models.PositiveSmallIntegerField("année de réception")
    month = models.DateField("mois de fin")
    hours = models.PositiveSmallIntegerField("heures faites", default=0)
    # "" where the service never gave a birth date here, and in lines of before (ADR 75).
    age_band = models.CharField("âge à la fin", max_length=10, choices=AgeBand.choices, blank=True)

    class Meta(Line.Meta):
        abstract = True

    CLEAR: ClassVar[dict[str, str]] = (
        Line.CLEAR
        | SERVICE
        | {
            "kind": "closed list",
            "result": "closed list",
            "received_year": "year precision",
            "month": "month precision",
            "hours": "hours of a measure without a person",
            "age_band": "band of SDC-09, in a line of nobody",
        }
    )


class EndedMeasure(EndFacts):
    """One measure that ended: nothing leads from it to the end of a file that still stands (ADR 67)."""

    class Meta(EndFacts.Meta):
        abstract = False
        verbose_name = "mesure terminée, sans personne"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "month"], name="ended_measure_terr"),
            models.Index(fields=["organisation", "kind", "month"], name="ended_measure_cohort"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(month__day=1), name="ended_measure_by_month"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = EndFacts.CLEAR


class WaitingEnd(EndFacts, Waiting):
    """One end that waits for its line."""

    class Meta(EndFacts.Meta):
        abstract = False
        verbose_name = "fin à compter, sans personne"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["recorded_in", "territory"], name="waiting_end_due"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(month__day=1) & Q(recorded_in__day=1), name="waiting_end_by_month"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = EndFacts.CLEAR | Waiting.WAITS


class ReturnSheet(SealedModel, Revised):
    """What a service answers once a year, in counts (SDC-05a). One row for each version; its own key seals the counts."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="service")
    year = models.PositiveSmallIntegerField("année")
    version = models.PositiveSmallIntegerField("version", default=1)
    reason = models.CharField(
        "motif de la correction", max_length=20, choices=codes.CorrectionReason.choices, blank=True
    )
    signed_at = models.DateTimeField("signée le", null=True, blank=True)
    signed_by = models.UUIDField("signée par (fonction)", null=True, blank=True)
    replaced_at = models.DateTimeField("remplacée le", null=True, blank=True)
    # One object per cohort: kind, horizon, first, last (years), ended, source, and the five answers.
    counts = SealedJSON(label="returns.sheet.counts", drawer="content", data_class=RETURN)
    history = SealedHistory()

    class Meta:
        verbose_name = "feuille de retours connus"
        ordering: ClassVar[list[str]] = ["-year", "-version"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "year", "version"], name="return_sheet_version_once"),
            models.UniqueConstraint(
                fields=["organisation", "year"], condition=Q(signed_at__isnull=True), name="return_sheet_one_draft",
                violation_error_message="Une feuille de cette année est déjà ouverte.",
            ),
            models.UniqueConstraint(
                fields=["organisation", "year"], condition=Q(signed_at__isnull=False, replaced_at__isnull=True),
                name="return_sheet_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True) ^ Q(signed_by__isnull=False), name="return_sheet_is_signed_by_one"
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = SEALED | {
            "revision": "technical",
            "year": "year of a sheet without persons",
            "version": "order of the corrections",
            "reason": "closed list",
            "signed_at": "workflow date",
            "signed_by": "reference",
            "replaced_at": "workflow date",
        }

    def __str__(self) -> str:
        return f"return sheet {self.pk}"


class WatchSwitch(AuthenticRow):
    """From when to when a service asks about its ended measures one by one: whole years, so that no cohort is of both."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="service")
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu’au (exclu)", null=True, blank=True)
    assessed_on = models.DateField("analyse d’impact du")
    decided_by = models.UUIDField("décidé par (fonction)")
    decided_at = models.DateTimeField("décidé le")
    ended_by = models.UUIDField("arrêté par (fonction)", null=True, blank=True)
    # Written by SQL, it would keep people that nobody decided to keep.
    mac = RowMacField(
        "empreinte", label="returns.watch_switch",
        over=("id", "territory_id", "organisation_id", "starts_on", "ends_on", "assessed_on", "decided_by"),
    )  # fmt: skip

    class Meta:
        verbose_name = "suivi des retours, personne par personne"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(ends_on__isnull=True), name="watch_switch_one_open",
                violation_error_message="Le suivi personne par personne est déjà décidé pour ce service.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="watch_switch_order"
            ),
            models.CheckConstraint(condition=Q(starts_on__day=1, starts_on__month=1), name="watch_switch_by_year"),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = SERVICE | {
            "id": "technical",
            "starts_on": "setting",
            "ends_on": "setting",
            "assessed_on": "date of a document",
            "decided_by": "reference",
            "decided_at": "workflow date",
            "ended_by": "reference",
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"watch switch {self.pk}"


class ReturnWatch(SealedModel, Revised):
    """All that stays of a person whose measure ended, until the second question (SDC-05a; row 28).

    `subject_id` is its own id: another key than the file's, which goes its own way.
    """

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="service")
    kind = models.CharField("mesure", max_length=20, choices=codes.Kind.choices)
    month = models.DateField("mois de fin")
    answered = models.PositiveSmallIntegerField("répondu à (mois)", default=0)
    # {"last_name", "first_name", "mark"}: the mark is the service's own, where no name was ever given here.
    identity = SealedJSON(label="returns.watch.identity", drawer="identity", data_class=RETURN)

    objects: ClassVar[models.Manager[ReturnWatch]] = models.Manager()

    class Meta:
        verbose_name = "retour à suivre"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organisation", "month"], name="return_watch_due"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(month__day=1), name="return_watch_by_month"),
            models.CheckConstraint(condition=Q(answered__in=[0, 12, 24]), name="return_watch_horizons"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = SEALED | {
            "revision": "technical",
            "kind": "closed list",
            "month": "month precision: the questions and the end are found without keys",
            "answered": "which question was answered, not what",
        }

    def __str__(self) -> str:
        return f"return watch {self.pk}"


class ReturnWatchGrant(GrantBase):
    """A dated right of one officer on one watch."""

    content_object = models.ForeignKey(ReturnWatch, on_delete=models.CASCADE, related_name="grants")

    class Meta(GrantBase.Meta):
        abstract = False
        verbose_name = "accès à un retour à suivre"
        unique_together: ClassVar[list[Any]] = []
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["mandate", "permission", "content_object", "basis"],
                condition=Q(ends_at__isnull=True),
                name="return_watch_grant_open_once",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["mandate", "sort_key", "content_object"], name="return_watch_grant_list"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {**GrantBase.CLEAR, "content_object": "reference"}


class ReturnAnswer(SealedModel):
    """One answer, of nobody: what ended, when, what is known since. The service's key seals what was said."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="service")
    kind = models.CharField("mesure", max_length=20, choices=codes.Kind.choices)
    month = models.DateField("mois de fin")
    horizon = models.PositiveSmallIntegerField("à (mois)", choices=codes.Horizon.choices)
    # {"answer", "month"}: the month of the new proceedings, "" where none is known.
    said = SealedJSON(label="returns.answer.said", drawer="content", data_class=RETURN)

    class Meta:
        verbose_name = "réponse sur un retour, sans personne"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organisation", "kind", "horizon", "month"], name="return_answer_cohort"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = SEALED | {
            "kind": "closed list",
            "month": "month precision",
            "horizon": "closed list",
        }

    def __str__(self) -> str:
        return f"return answer {self.pk}"
