"""The support of one victim: how she may be reached, where she is, what protects her (domain.md §6.2, §6.5).

Every row is sealed under her own key. Nothing here names, counts or dates anything of anybody else: no row links her to
whoever is under a measure (VIC-07).
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.access.grants import GrantBase
from casework.casefile.revision import Revised
from casework.partners.models import Organisation, Territory
from casework.sealing.fields import SealedDate, SealedJSON, SealedText
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel
from casework.vif.victims import codes

BASE = {
    "id": "technical",
    "subject_id": "key reference",
    "revision": "technical",
    "territory": "reference",
}
VICTIM, LOCATION = "vif_victim", "vif_location"


class VictimSupport(SealedModel, Revised):
    """One victim supported by one association (row 22a). `subject_id` is the victim."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="service")
    reference = models.CharField("référence", max_length=20, unique=True)
    state = models.CharField("état", max_length=20, choices=codes.State.choices)
    received_on = models.DateField("accueillie le")
    opened_at = models.DateTimeField("ouvert le")
    closed_on = models.DateField("terminé le", null=True, blank=True)
    # A JSON object: last_name, first_name.
    identity = SealedJSON(label="victims.support.identity", drawer="identity", data_class=VICTIM)
    born_on = SealedDate(label="victims.support.born_on", drawer="identity", data_class=VICTIM, null=True, blank=True)
    # A JSON object: phone, email.
    contact = SealedJSON(label="victims.support.contact", drawer="identity", data_class=VICTIM)
    # {"channels": [...], "when", "code_word", "voicemail": false, "through"}: read before any number (VIC-01).
    rules = SealedJSON(label="victims.support.rules", drawer="content", data_class=VICTIM)
    # A JSON object: origin, children, lawyer.
    facts = SealedJSON(label="victims.support.facts", drawer="content", data_class=VICTIM)
    end_reason = SealedText(
        label="victims.support.end_reason", drawer="content", data_class=VICTIM, max_length=20, blank=True
    )
    history = SealedHistory()

    objects: ClassVar[models.Manager[VictimSupport]] = models.Manager()

    class Meta:
        verbose_name = "accompagnement"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "state", "reference"], name="victim_support_state"),
        ]
        constraints: ClassVar[list[Any]] = [
            # Its end counts the six months that it stays.
            models.CheckConstraint(
                condition=~Q(state__in=[str(each) for each in sorted(codes.ENDED)]) | Q(closed_on__isnull=False),
                name="victim_support_end_is_dated",
            ),
            models.UniqueConstraint(fields=["subject_id"], name="victim_support_one_key"),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "organisation": "reference",
            "reference": "random reference",
            "state": "state",
            "received_on": "workflow date",
            "opened_at": "workflow date",
            "closed_on": "workflow date: counts the end of the file without keys",
        }

    def __str__(self) -> str:
        return self.reference


class SupportGrant(GrantBase):
    """A dated right of one mandate on one support: the officer in charge."""

    content_object = models.ForeignKey(VictimSupport, on_delete=models.CASCADE, related_name="grants")

    class Meta(GrantBase.Meta):
        abstract = False
        verbose_name = "accès à un accompagnement"
        unique_together: ClassVar[list[Any]] = []
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["mandate", "permission", "content_object", "basis"],
                condition=Q(ends_at__isnull=True),
                name="victim_grant_open_once",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["mandate", "sort_key", "content_object"], name="victim_grant_list"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {**GrantBase.CLEAR, "content_object": "reference"}


class _Part(SealedModel, Revised):
    """What hangs on one support, under the victim's key."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class Whereabouts(_Part):
    """One place where she, or her children, may be found (VIC-01, row 22b): shown one at a time, on a second factor."""

    support = models.ForeignKey(VictimSupport, on_delete=models.CASCADE, related_name="places")
    added_at = models.DateTimeField("noté le")
    added_by = models.UUIDField("noté par (fonction)")
    # A JSON object: kind, address, note.
    place = SealedJSON(label="victims.whereabouts.place", drawer="location", data_class=LOCATION)
    history = SealedHistory()

    class Meta:
        verbose_name = "lieu à protéger"
        ordering: ClassVar[list[str]] = ["added_at", "id"]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "support": "reference",
            "added_at": "workflow date",
            "added_by": "reference",
        }

    def __str__(self) -> str:
        return f"whereabouts {self.pk}"


class Consent(_Part):
    """What she agreed to or refused, and when (RGPD 7): a new answer follows the old one, which stays."""

    support = models.ForeignKey(VictimSupport, on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField("objet", max_length=20, choices=codes.ConsentKind.choices)
    agreed = models.BooleanField("d’accord")
    said_on = models.DateField("recueilli le")
    recorded_by = models.UUIDField("enregistré par (fonction)")
    replaced_at = models.DateTimeField("remplacé le", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "accord"
        ordering: ClassVar[list[str]] = ["kind", "said_on", "id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["support", "kind"], condition=Q(replaced_at__isnull=True), name="victim_one_consent"
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "support": "reference",
            "kind": "closed list: guards read it without keys",
            "agreed": "yes or no: guards read it without keys",
            "said_on": "workflow date",
            "recorded_by": "reference",
            "replaced_at": "workflow date",
        }

    def __str__(self) -> str:
        return f"consent {self.pk}"


class Orientation(_Part):
    """An association that she is sent to, and what became of it."""

    support = models.ForeignKey(VictimSupport, on_delete=models.CASCADE, related_name="orientations")
    sent_on = models.DateField("orientée le")
    outcome = models.CharField("suite", max_length=20, choices=codes.OrientationOutcome.choices, blank=True)
    recorded_by = models.UUIDField("enregistrée par (fonction)")
    to = SealedText(label="victims.orientation.to", drawer="content", data_class=VICTIM, max_length=120)
    reason = SealedText(
        label="victims.orientation.reason", drawer="content", data_class=VICTIM, max_length=200, blank=True
    )
    history = SealedHistory()

    class Meta:
        verbose_name = "orientation"
        ordering: ClassVar[list[str]] = ["sent_on", "id"]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "support": "reference",
            "sent_on": "workflow date",
            "outcome": "closed list",
            "recorded_by": "reference",
        }

    def __str__(self) -> str:
        return f"orientation {self.pk}"


class Appointment(_Part):
    """A meeting with her, then what became of it."""

    support = models.ForeignKey(VictimSupport, on_delete=models.CASCADE, related_name="appointments")
    kind = models.CharField("forme", max_length=10, choices=codes.Meeting.choices)
    day = models.DateField("jour")
    at = models.TimeField("heure")
    outcome = models.CharField("suite", max_length=20, choices=codes.Outcome.choices, blank=True)
    recorded_by = models.UUIDField("enregistré par (fonction)")
    note = SealedText(
        label="victims.appointment.note", drawer="content", data_class=VICTIM, max_length=1000, blank=True
    )
    history = SealedHistory()

    class Meta:
        verbose_name = "rendez-vous"
        ordering: ClassVar[list[str]] = ["day", "at", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["support", "outcome", "day"], name="victim_appointment_next"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "support": "reference",
            "kind": "closed list",
            "day": "the calendar is counted by the database",
            "at": "setting of a meeting",
            "outcome": "closed list",
            "recorded_by": "reference",
        }

    def __str__(self) -> str:
        return f"appointment {self.pk}"


class ProtectionOrder(_Part):
    """A civil order that protects her: asked, given with its terms, refused, over (OP-01 to OP-07)."""

    support = models.ForeignKey(VictimSupport, on_delete=models.CASCADE, related_name="orders")
    kind = models.CharField("nature", max_length=10, choices=codes.OrderKind.choices)
    state = models.CharField("état", max_length=10, choices=codes.OrderState.choices)
    asked_at = models.DateTimeField("demandée le")
    hearing_on = models.DateField("audience le", null=True, blank=True)
    given_on = models.DateField("rendue le", null=True, blank=True)
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    recorded_by = models.UUIDField("enregistrée par (fonction)")
    # {"terms": [codes], "elected": code, "bar_until": "2027-01-01"}: the bracelet is a yes and a date (BAR-03).
    terms = SealedJSON(label="victims.order.terms", drawer="content", data_class=VICTIM)
    history = SealedHistory()

    class Meta:
        verbose_name = "ordonnance de protection"
        ordering: ClassVar[list[str]] = ["asked_at", "id"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("given_on")), name="victim_order_ends_after",
                violation_error_message="La fin de l’ordonnance suit sa date : vérifiez.",
            ),
            models.CheckConstraint(
                condition=~Q(state="given", kind="order") | Q(ends_on__isnull=False), name="victim_order_has_end",
                violation_error_message="Indiquez la fin de l’ordonnance.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "support": "reference",
            "kind": "closed list",
            "state": "state",
            "asked_at": "workflow date (OP-02)",
            "hearing_on": "workflow date (OP-01)",
            "given_on": "workflow date (DL-17)",
            "ends_on": "workflow date (DL-17)",
            "recorded_by": "reference",
        }

    def __str__(self) -> str:
        return f"order {self.pk}"


class ProsecutorNotice(_Part):
    """A forbidden contact told to the prosecutor: first the call, then the note, then the answer (OP-07)."""

    support = models.ForeignKey(VictimSupport, on_delete=models.CASCADE, related_name="notices")
    called_at = models.DateTimeField("parquet appelé le")
    noted_on = models.DateField("note transmise le", null=True, blank=True)
    answer_by = models.DateField("réponse attendue avant le")
    answer = models.CharField("réponse", max_length=20, choices=codes.Answer.choices, blank=True)
    answered_on = models.DateField("répondu le", null=True, blank=True)
    recorded_by = models.UUIDField("enregistré par (fonction)")
    # {"kind", "happened_on", "magistrate", "instruction"}: the day of what happened is of both sides, hence sealed.
    call = SealedJSON(label="victims.notice.call", drawer="content", data_class=VICTIM)
    facts = SealedText(label="victims.notice.facts", drawer="content", data_class=VICTIM, max_length=3000)
    history = SealedHistory()

    class Meta:
        verbose_name = "information du parquet"
        ordering: ClassVar[list[str]] = ["called_at", "id"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(answer="") ^ Q(answered_on__isnull=False), name="victim_notice_answer_is_dated",
                violation_error_message="Indiquez quand le parquet a répondu.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "support": "reference",
            "called_at": "workflow date",
            "noted_on": "workflow date",
            "answer_by": "workflow date",
            "answer": "closed list",
            "answered_on": "workflow date",
            "recorded_by": "reference",
        }

    def __str__(self) -> str:
        return f"notice {self.pk}"


class RemovalOpinion(_Part):
    """What she thinks of the removal from the home: told to the magistrate who asks, to nobody else (VIC-05)."""

    support = models.ForeignKey(VictimSupport, on_delete=models.CASCADE, related_name="opinions")
    asked_by = models.CharField("demandé par", max_length=20, choices=codes.Asker.choices)
    asked_on = models.DateField("demandé le")
    told_on = models.DateField("transmis le", null=True, blank=True)
    recorded_by = models.UUIDField("enregistré par (fonction)")
    # A JSON object: opinion, words.
    opinion = SealedJSON(label="victims.opinion.opinion", drawer="content", data_class=VICTIM)
    history = SealedHistory()

    class Meta:
        verbose_name = "avis sur l’éloignement"
        ordering: ClassVar[list[str]] = ["asked_on", "id"]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "support": "reference",
            "asked_by": "closed list",
            "asked_on": "workflow date",
            "told_on": "workflow date",
            "recorded_by": "reference",
        }

    def __str__(self) -> str:
        return f"opinion {self.pk}"


class PassedNote(_Part):
    """The note « adresse à ne pas communiquer », handed to somebody who follows a child: that it was, and when."""

    support = models.ForeignKey(VictimSupport, on_delete=models.CASCADE, related_name="passed_notes")
    passed_on = models.DateField("remise le")
    recorded_by = models.UUIDField("enregistrée par (fonction)")
    to = SealedText(label="victims.passed_note.to", drawer="content", data_class=VICTIM, max_length=120)
    history = SealedHistory()

    class Meta:
        verbose_name = "note remise"
        ordering: ClassVar[list[str]] = ["passed_on", "id"]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "support": "reference",
            "passed_on": "workflow date",
            "recorded_by": "reference",
        }

    def __str__(self) -> str:
        return f"passed note {self.pk}"
