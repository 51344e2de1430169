"""One measure of one person, from the order that names the association to the decision (domain.md §6.1, §10.4).

Every row is sealed under the key of the person under measure. Nothing here points at a victim, a device or an address
of anybody else: no such column exists (VIC-01 to VIC-07).
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.access.grants import GrantBase
from casework.casefile.revision import Revised
from casework.partners.models import Organisation, Territory
from casework.sealing.fields import SealedJSON, SealedText
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel
from casework.vif.offenders import codes, law

BASE = {
    "id": "technical",
    "subject_id": "key reference",
    "revision": "technical",
    "territory": "reference",
}
PERSON, REPORTS, PROOFS = "vif_person", "vif_reports", "vif_proofs"


class ObligationTypeQuerySet(models.QuerySet["ObligationType"]):
    """Types that read like sentences."""

    def valid_on(self, day: date) -> ObligationTypeQuerySet:
        """Return those in force on `day` (half-open)."""
        return self.filter(valid_from__lte=day).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day))


class ObligationType(models.Model):
    """What a magistrate may impose under one frame, and the article that says it from a day to another (CJ-32)."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    frame = models.CharField("cadre", max_length=20, choices=codes.Frame.choices)
    code = models.CharField("code", max_length=40)
    need = models.CharField("suivi par", max_length=20, choices=codes.Need.choices)
    label = models.CharField("obligation", max_length=160)
    legal_ref = models.CharField("article", max_length=120)
    position = models.PositiveSmallIntegerField("rang")
    valid_from = models.DateField("en vigueur le")
    valid_to = models.DateField("jusqu’au (exclu)", null=True, blank=True)

    objects: ClassVar[ObligationTypeQuerySet] = ObligationTypeQuerySet.as_manager()  # type: ignore[assignment]  # the stubs lose the queryset’s own methods

    class Meta:
        verbose_name = "type d’obligation"
        ordering: ClassVar[list[str]] = ["frame", "position", "valid_from"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["frame", "code", "valid_from"], name="obligation_type_once"),
            models.UniqueConstraint(
                fields=["frame", "code"], condition=Q(valid_to__isnull=True), name="obligation_type_one_open",
                violation_error_message="Une version de cette obligation est déjà en vigueur sans date de fin.",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="obligation_type_ends_after",
                violation_error_message="La fin doit suivre l’entrée en vigueur.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = dict.fromkeys(
            ("id", "frame", "code", "need", "label", "legal_ref", "position", "valid_from", "valid_to"), "public law"
        )

    def __str__(self) -> str:
        return self.legal_ref


class ServiceSetting(Revised):
    """What one service decided for itself: how long a silence may last, whether a second person reads each report."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+")
    silence_days = models.PositiveSmallIntegerField("jours sans contact", default=law.SILENCE_DAYS)
    second_reader = models.BooleanField("chaque rapport est relu par une deuxième personne", default=False)

    class Meta:
        verbose_name = "réglage du service"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(silence_days__gte=7, silence_days__lte=90), name="measure_silence_is_weeks",
                violation_error_message="Choisissez entre 7 et 90 jours.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "revision": "technical",
            "organisation": "reference",
            "silence_days": "setting of a service",
            "second_reader": "setting of a service",
        }

    def __str__(self) -> str:
        return f"setting {self.pk}"


class ReportTemplate(models.Model):
    """One version of how a service addresses the reports of a frame, to every court or to one. A change writes the next."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    frame = models.CharField("cadre", max_length=20, choices=codes.Frame.choices)
    # "": every court. No measure points here: which court follows somebody stays sealed.
    court = models.CharField("juridiction", max_length=120, blank=True)
    court_key = models.CharField("juridiction, comparée", max_length=120, blank=True)
    version = models.PositiveIntegerField("version")
    written_at = models.DateTimeField("écrit le")
    written_by = models.UUIDField("écrit par (fonction)")
    # {"letterhead", "addressee", "opening", "closing": texts, "titles": {part: title}, "order": [parts]}
    words = models.JSONField("texte")

    class Meta:
        verbose_name = "modèle de rapport"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["organisation", "frame", "court_key", "version"], name="report_template_version",
                violation_error_message="Ce modèle a été modifié pendant votre saisie.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "organisation": "reference",
            "frame": "closed list",
            "court": "a public institution",
            "court_key": "a public institution",
            "version": "technical",
            "written_at": "workflow date",
            "written_by": "reference",
            "words": "setting of a service: its letterhead, to whom it writes; about nobody",
        }

    def __str__(self) -> str:
        return f"report template {self.version}"


class YearCount(models.Model):
    """How many of one thing a service did in one year: all that is left when the files are gone (seed, action 6)."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("année")
    what = models.CharField("compté", max_length=40)
    n = models.PositiveIntegerField("nombre", default=0)

    class Meta:
        verbose_name = "nombre de l’année"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "territory", "year", "what"], name="measure_year_count_once"),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "organisation": "reference",
            "year": "a year",
            "what": "closed list",
            "n": "a number without a person, shown above the threshold only",
        }

    def __str__(self) -> str:
        return f"count {self.pk}"


class Measure(SealedModel, Revised):
    """One measure of one person (row 19). `subject_id` is the person under measure."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="service")
    reference = models.CharField("référence", max_length=20, unique=True)
    frame = models.CharField("cadre", max_length=20, choices=codes.Frame.choices)
    state = models.CharField("état", max_length=20, choices=codes.State.choices)
    ordered_on = models.DateField("décidée le")
    term_on = models.DateField("terme")
    hearing_on = models.DateField("audience le", null=True, blank=True)
    received_at = models.DateTimeField("reçue le")
    notified_on = models.DateField("obligations expliquées le", null=True, blank=True)
    # The last day on which the person was met or reached: silence is counted from it.
    contact_on = models.DateField("dernier contact le", null=True, blank=True)
    closed_on = models.DateField("close le", null=True, blank=True)
    # A JSON object: last_name, first_name, born_on, phone, address, email.
    identity = SealedJSON(label="vif_offenders.measure.identity", drawer="identity", data_class=PERSON)
    # {"authority", "court", "magistrate", "case_mark"}: who ordered, and the service's own mark; never a procedure number.
    order = SealedJSON(label="vif_offenders.measure.order", drawer="content", data_class=PERSON)
    # {"ordered": true, "until": "2027-01-31"}: all that is kept of an anti-approach bracelet (BAR-03).
    bracelet = SealedJSON(label="vif_offenders.measure.bracelet", drawer="content", data_class=PERSON)
    outcome = SealedText(
        label="vif_offenders.measure.outcome", drawer="content", data_class=PERSON, max_length=20, blank=True
    )
    history = SealedHistory()

    objects: ClassVar[models.Manager[Measure]] = models.Manager()

    class Meta:
        verbose_name = "mesure"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "state", "hearing_on"], name="measure_terr_state"),
            models.Index(fields=["organisation", "state"], name="measure_service_state"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(term_on__gt=F("ordered_on")), name="measure_term_after",
                violation_error_message="Le terme suit la décision : vérifiez les dates.",
            ),
            models.CheckConstraint(
                condition=Q(hearing_on__isnull=True) | Q(hearing_on__gt=F("ordered_on")), name="measure_hearing_after",
                violation_error_message="L’audience suit la décision : vérifiez les dates.",
            ),
            # Its end counts the six months that it stays.
            models.CheckConstraint(
                condition=~Q(state__in=[str(each) for each in sorted(codes.ENDED)]) | Q(closed_on__isnull=False),
                name="measure_end_is_dated",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "organisation": "reference",
            "reference": "random reference",
            "frame": "closed list: decides obligations, recipients and dates",
            "state": "state",
            "ordered_on": "workflow date (DL-19)",
            "term_on": "workflow date (DL-18)",
            "hearing_on": "workflow date (DL-18)",
            "received_at": "workflow date",
            "notified_on": "workflow date",
            "contact_on": "workflow date: silence is counted by the database",
            "closed_on": "workflow date: counts the end of the file without keys",
        }

    def __str__(self) -> str:
        return self.reference


class MeasureGrant(GrantBase):
    """A dated right of one mandate on one measure: the officer in charge, a colleague who reads a report."""

    content_object = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="grants")

    class Meta(GrantBase.Meta):
        abstract = False
        verbose_name = "accès à une mesure"
        unique_together: ClassVar[list[Any]] = []
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["mandate", "permission", "content_object", "basis"],
                condition=Q(ends_at__isnull=True),
                name="measure_grant_open_once",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["mandate", "sort_key", "content_object"], name="measure_grant_list"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {**GrantBase.CLEAR, "content_object": "reference"}


class _Part(SealedModel, Revised):
    """What hangs on one measure."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.UUIDField("enregistré par (fonction)")

    class Meta:
        abstract = True


PART = BASE | {"measure": "reference", "recorded_by": "reference"}


class Obligation(_Part):
    """One obligation of the order. Which one is sealed: it may tell of care."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="obligations")
    starts_on = models.DateField("depuis le")
    ended_on = models.DateField("jusqu’au", null=True, blank=True)
    rated_on = models.DateField("appréciée le", null=True, blank=True)
    code = SealedText(label="vif_offenders.obligation.code", drawer="content", data_class=PERSON, max_length=40)
    rating = SealedText(
        label="vif_offenders.obligation.rating", drawer="content", data_class=PROOFS, max_length=10, blank=True
    )
    history = SealedHistory()

    class Meta:
        verbose_name = "obligation"
        ordering: ClassVar[list[str]] = ["starts_on", "id"]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = PART | {
            "starts_on": "workflow date",
            "ended_on": "workflow date",
            "rated_on": "workflow date: what the report still lacks is counted without keys",
        }

    def __str__(self) -> str:
        return f"obligation {self.pk}"


class Appointment(_Part):
    """One appointment, then what became of it."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="appointments")
    kind = models.CharField("nature", max_length=10, choices=codes.Meeting.choices)
    day = models.DateField("jour")
    at = models.TimeField("heure")
    came = models.CharField("issue", max_length=10, choices=codes.Came.choices, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "rendez-vous"
        ordering: ClassVar[list[str]] = ["day", "at", "id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["measure", "day", "at"], name="measure_appointment_once",
                violation_error_message="Un rendez-vous est déjà prévu à cette heure.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = PART | {
            "kind": "closed list",
            "day": "workflow date",
            "at": "setting of an appointment",
            "came": "closed list",
        }

    def __str__(self) -> str:
        return f"appointment {self.pk}"


class Proof(_Part):
    """A proof of one obligation, seen or not seen on a day: never its content, nor who gives care (BL-04).

    Without an obligation: a check of the address.
    """

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="proofs")
    obligation = models.ForeignKey(Obligation, on_delete=models.CASCADE, null=True, blank=True, related_name="proofs")
    day = models.DateField("le")
    seen = SealedText(label="vif_offenders.proof.seen", drawer="content", data_class=PROOFS, max_length=10)
    history = SealedHistory()

    class Meta:
        verbose_name = "justificatif"
        ordering: ClassVar[list[str]] = ["day", "id"]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = PART | {"obligation": "reference", "day": "workflow date"}

    def __str__(self) -> str:
        return f"proof {self.pk}"


class Course(_Part):
    """A course that the person follows: at its own cost, one month at most, its project agreed (CJ-40)."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="courses")
    kind = models.CharField("nature", max_length=20, choices=codes.CourseKind.choices)
    starts_on = models.DateField("du")
    ends_on = models.DateField("au")
    state = models.CharField("suivi", max_length=10, choices=codes.CourseState.choices)
    history = SealedHistory()

    class Meta:
        verbose_name = "stage"
        ordering: ClassVar[list[str]] = ["starts_on", "id"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="measure_course_ends_after",
                violation_error_message="La fin suit le début.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = PART | {
            "kind": "closed list",
            "starts_on": "workflow date (DL-19)",
            "ends_on": "workflow date (DL-19)",
            "state": "closed list",
        }

    def __str__(self) -> str:
        return f"course {self.pk}"


class Lodging(_Part):
    """A lodging asked for a person removed from home."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="lodgings")
    asked_on = models.DateField("demandé le")
    answered_on = models.DateField("réponse le", null=True, blank=True)
    answer = models.CharField("réponse", max_length=10, choices=codes.LodgingAnswer.choices, blank=True)
    asked_of = SealedText(label="vif_offenders.lodging.asked_of", drawer="content", data_class=PERSON, max_length=120)
    history = SealedHistory()

    class Meta:
        verbose_name = "hébergement"
        ordering: ClassVar[list[str]] = ["asked_on", "id"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(answer="") ^ Q(answered_on__isnull=False), name="measure_lodging_answer_is_dated",
                violation_error_message="Indiquez la date de la réponse.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = PART | {
            "asked_on": "workflow date",
            "answered_on": "workflow date",
            "answer": "closed list",
        }

    def __str__(self) -> str:
        return f"lodging {self.pk}"


class Orientation(_Part):
    """The person is sent to a specialised association, by a letter whose day is kept."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="orientations")
    sent_on = models.DateField("courrier du")
    to = SealedText(label="vif_offenders.orientation.to", drawer="content", data_class=PERSON, max_length=120)
    why = SealedText(label="vif_offenders.orientation.why", drawer="content", data_class=PERSON, max_length=200)
    history = SealedHistory()

    class Meta:
        verbose_name = "orientation"
        ordering: ClassVar[list[str]] = ["sent_on", "id"]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = PART | {"sent_on": "workflow date"}

    def __str__(self) -> str:
        return f"orientation {self.pk}"


class Report(_Part):
    """One report to the magistrate (row 20): six sections of prose; transmitted, it never changes again."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="reports")
    kind = models.CharField("nature", max_length=20, choices=codes.ReportKind.choices)
    state = models.CharField("état", max_length=20, choices=codes.ReportState.choices)
    opened_at = models.DateTimeField("commencé le")
    written_by = models.UUIDField("rédigé par (fonction)")
    reader_id = models.UUIDField("relu par (fonction)", null=True, blank=True)
    read_at = models.DateTimeField("relu le", null=True, blank=True)
    sent_on = models.DateField("transmis le", null=True, blank=True)
    channel = models.CharField("par", max_length=20, choices=codes.Channel.choices, blank=True)
    recipient = models.CharField("à", max_length=20, choices=codes.Recipient.choices, blank=True)
    # Of an incident: the call that came first, and by when an answer is expected.
    called_at = models.DateTimeField("permanence appelée le", null=True, blank=True)
    answer_by = models.DateField("réponse attendue le", null=True, blank=True)
    answered_on = models.DateField("réponse le", null=True, blank=True)
    answer = models.CharField("réponse", max_length=10, choices=codes.BreachAnswer.choices, blank=True)
    # {"name", "instruction", "what"}: who answered the call, what was said, what failed.
    call = SealedJSON(label="vif_offenders.report.call", drawer="content", data_class=REPORTS)
    # {"frame": "…", "situation": "…", …}: the six parts, as written or filled.
    sections = SealedJSON(label="vif_offenders.report.sections", drawer="content", data_class=REPORTS)
    history = SealedHistory()

    class Meta:
        verbose_name = "rapport"
        ordering: ClassVar[list[str]] = ["opened_at", "id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["measure", "kind"], condition=~Q(state="transmitted"), name="measure_report_one_open",
                violation_error_message="Un rapport de cette nature est déjà en cours.",
            ),
            models.CheckConstraint(
                condition=~Q(state="transmitted")
                | Q(sent_on__isnull=False) & ~Q(channel="") & ~Q(recipient=""),
                name="measure_report_sent_is_said",
                violation_error_message="Indiquez la date, la voie et le destinataire.",
            ),
            # CJ-36: the call comes before the note.
            models.CheckConstraint(
                condition=~Q(kind="incident") | Q(called_at__isnull=False), name="measure_incident_call_first",
                violation_error_message="Indiquez l’appel à la permanence du parquet.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = PART | {
            "kind": "closed list",
            "state": "state",
            "opened_at": "workflow date",
            "written_by": "reference",
            "reader_id": "reference",
            "read_at": "workflow date",
            "sent_on": "workflow date (DL-18)",
            "channel": "closed list",
            "recipient": "closed list",
            "called_at": "workflow date (CJ-36)",
            "answer_by": "workflow date",
            "answered_on": "workflow date",
            "answer": "closed list",
        }

    def __str__(self) -> str:
        return f"report {self.pk}"


class Addendum(_Part):
    """What is added to a report that has left, with how it left too."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="addenda")
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="addenda")
    sent_on = models.DateField("transmis le")
    channel = models.CharField("par", max_length=20, choices=codes.Channel.choices)
    text = SealedText(label="vif_offenders.addendum.text", drawer="content", data_class=REPORTS, max_length=4000)
    history = SealedHistory()

    class Meta:
        verbose_name = "addendum"
        ordering: ClassVar[list[str]] = ["sent_on", "id"]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = PART | {
            "report": "reference",
            "sent_on": "workflow date",
            "channel": "closed list",
        }

    def __str__(self) -> str:
        return f"addendum {self.pk}"
