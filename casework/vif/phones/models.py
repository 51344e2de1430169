"""Devices of « téléphone grave danger », what is decided and done for one victim, totals for communes (§6.4, §10.5).

An allocation is sealed under the victim's own key. A device belongs to the court and outlives her: it has a key of its
own, and its row says nothing of whoever holds it. No position and no alert is kept anywhere (TGD-18).
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.casefile.revision import Revised
from casework.casefile.small_counts import K_JUDICIAL
from casework.partners.models import Organisation, Territory
from casework.sealing.fields import SealedJSON, SealedText
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel
from casework.vif.phones import codes
from casework.vif.victims.models import VictimSupport

BASE = {
    "id": "technical",
    "subject_id": "key reference",
    "revision": "technical",
    "territory": "reference",
}
TGD, LOCATION = "tgd", "vif_location"


def _states(states: frozenset[Any]) -> list[str]:
    return sorted(str(each) for each in states)


class Device(SealedModel, Revised):
    """One device allotted to the court (row 24). `subject_id` is its own id: its key is the device's."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    mark = models.CharField("repère", max_length=12)
    state = models.CharField("état", max_length=12, choices=codes.DeviceState.choices)
    received_on = models.DateField("reçu le")
    serial = SealedText(label="phones.device.serial", drawer="location", data_class=LOCATION, max_length=40)
    history = SealedHistory()

    objects: ClassVar[models.Manager[Device]] = models.Manager()

    class Meta:
        verbose_name = "téléphone"
        ordering: ClassVar[list[str]] = ["mark", "id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["territory", "mark"], name="phone_one_mark",
                violation_error_message="Ce repère est déjà pris.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "mark": "a label stuck on the device, about nobody",
            "state": "state",
            "received_on": "workflow date",
        }

    def __str__(self) -> str:
        return self.mark


class Served(models.Model):
    """A commune of this server that lies in a ressort: totals are passed on to it (ADR 72)."""

    ressort = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    commune = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "commune du ressort"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["ressort", "commune"], name="served_once"),
            models.CheckConstraint(condition=~Q(ressort=F("commune")), name="served_is_another"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {"id": "technical", "ressort": "reference", "commune": "reference"}

    def __str__(self) -> str:
        return f"served {self.pk}"


class Totals(models.Model):
    """What a ressort told once of its devices, as `territory` reads it: the ressort's own copy, or a commune's.

    Written once, never changed (SDC-07). Two numbers and a day: nobody, no device, no service.
    """

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    ressort = models.CharField("ressort", max_length=120)
    counted_on = models.DateField("comptés le")
    allotted = models.PositiveSmallIntegerField("appareils attribués")
    in_use = models.PositiveSmallIntegerField("en usage", null=True, blank=True)  # None under the threshold
    recorded_at = models.DateTimeField("inscrits le")
    # None: came by itself, from a ressort of this server.
    recorded_by = models.UUIDField("inscrits par (fonction)", null=True, blank=True)

    class Meta:
        verbose_name = "totaux transmis"
        ordering: ClassVar[list[str]] = ["-counted_on", "-recorded_at"]
        constraints: ClassVar[list[Any]] = [
            # domain.md §8.4: a smaller number is not even kept.
            models.CheckConstraint(condition=Q(in_use=None) | Q(in_use__gte=K_JUDICIAL), name="totals_from_eleven"),
            models.CheckConstraint(condition=Q(in_use=None) | Q(in_use__lte=F("allotted")), name="totals_add_up"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "ressort": "a place, not a person",
            "counted_on": "the day of a count",
            "allotted": "a number of devices",
            "in_use": "a number of devices, from eleven (§8.4)",
            "recorded_at": "workflow date",
            "recorded_by": "reference",
        }

    def __str__(self) -> str:
        return f"totals {self.pk}"


class SheetTemplate(models.Model):
    """One version of how a court's own papers look: letterhead, foot, lines of the sheet. A change writes the next."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField("version")
    written_at = models.DateTimeField("écrit le")
    written_by = models.UUIDField("écrit par (fonction)")
    # {"letterhead", "mention": texts, "titles": {line: title}, "order": [lines], "recipients": [codes]}
    words = models.JSONField("texte")

    class Meta:
        verbose_name = "modèle de fiche navette"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["territory", "version"], name="sheet_template_version",
                violation_error_message="Le modèle a changé pendant votre saisie.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "version": "technical",
            "written_at": "workflow date",
            "written_by": "reference",
            "words": "setting of a court: its letterhead, what its sheet shows; about nobody",
        }

    def __str__(self) -> str:
        return f"sheet template {self.version}"


class Allocation(SealedModel, Revised):
    """One « téléphone grave danger », from the signal to its end (row 23). `subject_id` is the victim."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="service")
    support = models.ForeignKey(VictimSupport, on_delete=models.CASCADE, related_name="+")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, blank=True, related_name="allocations")
    state = models.CharField("état", max_length=20, choices=codes.State.choices)
    signalled_on = models.DateField("évaluation demandée le")
    evaluate_by = models.DateField("à évaluer avant le")
    assessed_on = models.DateField("évaluée le", null=True, blank=True)
    decided_on = models.DateField("décidée le", null=True, blank=True)
    written_by = models.DateField("écrit attendu avant le", null=True, blank=True)
    handed_on = models.DateField("remis le", null=True, blank=True)
    ends_on = models.DateField("terme", null=True, blank=True)
    renewal_consent_on = models.DateField("accord au renouvellement le", null=True, blank=True)
    withdrawn_on = models.DateField("fin décidée le", null=True, blank=True)
    returned_on = models.DateField("restitué le", null=True, blank=True)
    closed_on = models.DateField("terminé le", null=True, blank=True)
    kept_until = models.DateField("conservé jusqu’au", null=True, blank=True)
    term_told_on = models.DateField("terme passé signalé le", null=True, blank=True)
    # {"origin", "by", "urgency", "danger": [codes]}
    assessment = SealedJSON(label="phones.allocation.assessment", drawer="content", data_class=TGD)
    # The conditions of CPP 41-3-1, each with its proof; {} until they are checked.
    conditions = SealedJSON(label="phones.allocation.conditions", drawer="content", data_class=TGD)
    # {"reason", "given_to", "present"}; {} while it runs.
    ending = SealedJSON(label="phones.allocation.ending", drawer="content", data_class=TGD)
    history = SealedHistory()

    objects: ClassVar[models.Manager[Allocation]] = models.Manager()

    class Meta:
        verbose_name = "attribution de téléphone"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "state", "ends_on"], name="phone_allocation_state"),
        ]
        constraints: ClassVar[list[Any]] = [
            # One open allocation per device and per victim (domain.md §10.5).
            models.UniqueConstraint(
                fields=["device"], condition=Q(state__in=_states(codes.HOLDING)), name="phone_held_once",
                violation_error_message="Cet appareil vient d’être remis à quelqu’un d’autre : choisissez-en un autre.",
            ),
            models.UniqueConstraint(
                fields=["subject_id"], condition=Q(state__in=_states(codes.OPEN)), name="phone_one_for_her",
                violation_error_message="Une attribution est déjà en cours pour cette personne.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_states(codes.HOLDING))
                | Q(device__isnull=False, handed_on__isnull=False, ends_on__gt=F("handed_on")),
                name="phone_held_has_term",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_states(codes.ENDED)) | Q(closed_on__isnull=False), name="phone_end_is_dated"
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(kept_until__isnull=False), name="phone_closed_has_end",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "organisation": "reference",
            "support": "reference",
            "device": "reference: one at a time, held by the database",
            "state": "state",
            "signalled_on": "workflow date",
            "evaluate_by": "workflow date (DL-24)",
            "assessed_on": "workflow date",
            "decided_on": "workflow date",
            "written_by": "workflow date",
            "handed_on": "workflow date (TGD-03)",
            "ends_on": "workflow date (DL-15)",
            "renewal_consent_on": "workflow date (TGD-04)",
            "withdrawn_on": "workflow date",
            "returned_on": "workflow date",
            "closed_on": "workflow date",
            "kept_until": "workflow date: its end is counted without keys (TGD-16)",
            "term_told_on": "workflow date",
        }

    def __str__(self) -> str:
        return f"allocation {self.pk}"


class _Part(SealedModel, Revised):
    """What hangs on one allocation, under the victim's key."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.UUIDField("enregistré par (fonction)")

    class Meta:
        abstract = True


class Decision(_Part):
    """What the prosecutor decided, how it came, when it was written (TGD-02)."""

    allocation = models.ForeignKey(Allocation, on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField("décision", max_length=10, choices=codes.DecisionKind.choices)
    how = models.CharField("reçue", max_length=10, choices=codes.How.choices)
    decided_on = models.DateField("décidée le")
    said_at = models.DateTimeField("dite le", null=True, blank=True)
    written_on = models.DateField("écrite le", null=True, blank=True)
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    # A JSON object: magistrate, channel.
    given = SealedJSON(label="phones.decision.given", drawer="content", data_class=TGD)
    history = SealedHistory()

    class Meta:
        verbose_name = "décision du parquet"
        ordering: ClassVar[list[str]] = ["decided_on", "id"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(how="oral", said_at__isnull=False) | (~Q(how="oral") & Q(written_on__isnull=False)),
                name="phone_decision_is_dated",
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "recorded_by": "reference",
            "allocation": "reference",
            "kind": "closed list",
            "how": "closed list",
            "decided_on": "workflow date",
            "said_at": "workflow date",
            "written_on": "workflow date",
            "ends_on": "workflow date (TGD-03)",
        }

    def __str__(self) -> str:
        return f"decision {self.pk}"


class DeviceTest(_Part):
    """One test of a device in use (TGD-13): a day and what it gave, nothing of where."""

    allocation = models.ForeignKey(Allocation, on_delete=models.CASCADE, related_name="tests")
    tested_at = models.DateTimeField("essayé le")
    result = models.CharField("résultat", max_length=12, choices=codes.Result.choices)
    history = SealedHistory()

    class Meta:
        verbose_name = "essai d’un téléphone"
        ordering: ClassVar[list[str]] = ["tested_at", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["allocation", "tested_at"], name="phone_test_last"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "recorded_by": "reference",
            "allocation": "reference",
            "tested_at": "workflow date (DL-16)",
            "result": "closed list: misses are counted without keys",
        }

    def __str__(self) -> str:
        return f"test {self.pk}"


class Sheet(_Part):
    """One version of the « fiche navette » (TGD-13): fixed once made, a correction is the next version."""

    allocation = models.ForeignKey(Allocation, on_delete=models.CASCADE, related_name="sheets")
    version = models.PositiveSmallIntegerField("version")
    made_at = models.DateTimeField("établie le")
    # The lines of the court's template as they were that day: no address, no serial, no position.
    content = SealedJSON(label="phones.sheet.content", drawer="content", data_class=TGD)
    history = SealedHistory()

    class Meta:
        verbose_name = "fiche navette"
        ordering: ClassVar[list[str]] = ["version"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["allocation", "version"], name="phone_sheet_version"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "recorded_by": "reference",
            "allocation": "reference",
            "version": "a number",
            "made_at": "workflow date",
        }

    def __str__(self) -> str:
        return f"sheet {self.pk}"


class Sending(_Part):
    """That one version of the sheet was sent: to whom, when, by what way (TGD-14)."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="sendings")
    recipient = models.CharField("destinataire", max_length=12, choices=codes.Recipient.choices)
    channel = models.CharField("par", max_length=12, choices=codes.Channel.choices)
    sent_on = models.DateField("envoyée le")
    history = SealedHistory()

    class Meta:
        verbose_name = "envoi de la fiche navette"
        ordering: ClassVar[list[str]] = ["sent_on", "id"]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "recorded_by": "reference",
            "sheet": "reference",
            "recipient": "closed list",
            "channel": "closed list",
            "sent_on": "workflow date",
        }

    def __str__(self) -> str:
        return f"sending {self.pk}"
