"""One person's hours at a host, from the request of a place to the certificate (domain.md §4, §10.2).

Every row is sealed under the key of the person who works: `subject_id` is that person's id, and dies with it.
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.access.grants import GrantBase
from casework.casefile.revision import Revised
from casework.partners.macs import AuthenticRow, RowMacField
from casework.partners.models import Organisation, Territory
from casework.placements.hosts.codes import Half
from casework.placements.hosts.models import HostRequest, Post, Supervisor
from casework.placements.tig import codes
from casework.sealing.fields import SealedDate, SealedJSON, SealedText
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel

BASE = {
    "id": "technical",
    "subject_id": "key reference",
    "revision": "technical",
    "territory": "reference",
}
PLACEMENT, SENTENCE, INCIDENT, FITNESS = "placement", "sentence", "placement_incident", "fitness"


class TigPlacement(SealedModel, Revised):
    """A request of a place and what becomes of it (row 12). `subject_id` is the person who works."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="service")
    audience = models.CharField("public", max_length=10, choices=codes.Audience.choices)
    measure = models.CharField("mesure", max_length=10, choices=codes.Measure.choices, default=codes.Measure.TIG)
    reference = models.CharField("référence", max_length=20, unique=True)
    state = models.CharField("état", max_length=20, choices=codes.State.choices)
    received_at = models.DateTimeField("reçue le")
    minutes_here = models.PositiveIntegerField("minutes à faire ici")
    last_useful_on = models.DateField("dernière date utile")
    weekly = models.PositiveSmallIntegerField("demi-journées par semaine", default=2)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    supervisor = models.ForeignKey(Supervisor, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    started_on = models.DateField("commencée le", null=True, blank=True)
    ended_on = models.DateField("terminée le", null=True, blank=True)
    end_reason = models.CharField("motif de fin", max_length=20, choices=codes.EndReason.choices, blank=True)
    certified_on = models.DateField("attestation du", null=True, blank=True)
    # The service's own mark: nobody else reads it (row 13).
    case_mark = SealedText(label="tig.placement.case_mark", drawer="content", data_class=SENTENCE, max_length=40)
    # Only once the host has agreed: {"last_name", "first_name", "phone"}.
    identity = SealedJSON(label="tig.placement.identity", drawer="identity", data_class=PLACEMENT)
    availability = SealedJSON(label="tig.placement.availability", drawer="content", data_class=PLACEMENT)
    # Coded working limits: what the host reads in plain words (row 15).
    limits = SealedJSON(label="tig.placement.limits", drawer="content", data_class=FITNESS)
    # {"job_minutes": 2100 | 0, "exam_stated": bool, "adult_on": "2027-03-12" | ""}: what the limits of law depend on;
    # "away": ids of hosts and sectors where this person is not sent. Why, and because of whom, is written nowhere.
    situation = SealedJSON(label="tig.placement.situation", drawer="content", data_class=SENTENCE)
    history = SealedHistory()

    objects: ClassVar[models.Manager[TigPlacement]] = models.Manager()

    class Meta:
        verbose_name = "affectation"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "state", "reference"], name="tig_terr_state"),
            models.Index(fields=["post", "state"], name="tig_post_state"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(minutes_here__gt=0),
                name="tig_has_hours",
                violation_error_message="Indiquez les heures à faire ici.",
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "organisation": "reference",
            "audience": "closed list: decides which service may see (ACL-03)",
            "measure": "closed list, said by the officer: the dates watched without keys (DL-07, DL-11, DL-12)",
            "reference": "random reference",
            "state": "state",
            "received_at": "workflow date",
            "minutes_here": "hours assigned to this host, counted by the database",
            "last_useful_on": "workflow date chosen by the officer (DL-07), never taken from the sentence",
            "weekly": "half-days wanted",
            "post": "reference",
            "supervisor": "reference",
            "started_on": "workflow date",
            "ended_on": "workflow date",
            "end_reason": "closed list",
            "certified_on": "workflow date (HOST-12)",
        }

    def __str__(self) -> str:
        return self.reference


class TigGrant(GrantBase):
    """A dated right of one mandate on one placement: the officer in charge, the host's managers."""

    content_object = models.ForeignKey(TigPlacement, on_delete=models.CASCADE, related_name="grants")

    class Meta(GrantBase.Meta):
        abstract = False
        verbose_name = "accès à une affectation"
        unique_together: ClassVar[list[Any]] = []
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["mandate", "permission", "content_object", "basis"],
                condition=Q(ends_at__isnull=True),
                name="tig_grant_open_once",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["mandate", "sort_key", "content_object"], name="tig_grant_list"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {**GrantBase.CLEAR, "content_object": "reference"}


class _Part(SealedModel, Revised):
    """What hangs on one placement."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class Sentence(_Part):
    """The sentence file, where the service keeps one here (row 13): all sealed, read by its officer only."""

    placement = models.OneToOneField(TigPlacement, on_delete=models.CASCADE, related_name="sentence")
    basis = SealedText(label="tig.sentence.basis", drawer="content", data_class=SENTENCE, max_length=20)
    court = SealedText(label="tig.sentence.court", drawer="content", data_class=SENTENCE, max_length=80)
    offence_code = SealedText(label="tig.sentence.offence_code", drawer="content", data_class=SENTENCE, max_length=20)
    # Whole minutes and months as the court pronounced them: {"minutes", "months", "fallback"}.
    terms = SealedJSON(label="tig.sentence.terms", drawer="content", data_class=SENTENCE)
    born_on = SealedDate(label="tig.sentence.born_on", drawer="content", data_class=SENTENCE)
    facts_on = SealedDate(label="tig.sentence.facts_on", drawer="content", data_class=SENTENCE)
    decided_on = SealedDate(label="tig.sentence.decided_on", drawer="content", data_class=SENTENCE)
    enforceable_on = SealedDate(label="tig.sentence.enforceable_on", drawer="content", data_class=SENTENCE)
    history = SealedHistory()

    class Meta:
        verbose_name = "peine"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {"placement": "reference"}

    def __str__(self) -> str:
        return f"sentence {self.pk}"


class SentenceFile(AuthenticRow):
    """A service keeps its sentence file here between two instants: since its own controller has signed (row 13)."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="service")
    signed_on = models.DateField("signé par le responsable de traitement le")
    starts_at = models.DateTimeField("depuis")
    ends_at = models.DateTimeField("jusqu’à (exclu)", null=True, blank=True)
    switched_by = models.UUIDField("ouvert par (fonction)")
    mac = RowMacField(
        "empreinte", label="tig.sentence_file",
        over=("territory_id", "organisation_id", "signed_on", "starts_at", "ends_at", "switched_by"),
    )  # fmt: skip

    class Meta:
        verbose_name = "dossier de peine tenu ici"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(ends_at__isnull=True), name="tig_sentence_file_open_once"
            )
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "organisation": "reference",
            "signed_on": "a setting of a service, about nobody",
            "starts_at": "a setting of a service, about nobody",
            "ends_at": "a setting of a service, about nobody",
            "switched_by": "reference",
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"sentence file {self.pk}"


class Proposal(_Part, HostRequest):
    """A host asked for a place (10.2)."""

    placement = models.ForeignKey(TigPlacement, on_delete=models.CASCADE, related_name="proposals")
    history = SealedHistory()

    class Meta:
        verbose_name = "demande d’accueil"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["placement"], condition=Q(answer=""), name="tig_one_open_proposal"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | HostRequest.CLEAR | {"placement": "reference"}

    def __str__(self) -> str:
        return f"proposal {self.pk}"


class Decision(_Part):
    """The decision that names host, work and hours, with its author (ASG-01 to ASG-04)."""

    placement = models.ForeignKey(TigPlacement, on_delete=models.CASCADE, related_name="decisions")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    author = models.CharField("auteur", max_length=20, choices=codes.DecisionAuthor.choices)
    decided_on = models.DateField("décidée le")
    minutes = models.PositiveIntegerField("minutes")
    recorded_by = models.UUIDField("enregistrée par (fonction)")
    history = SealedHistory()

    class Meta:
        verbose_name = "décision d’affectation"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "placement": "reference",
            "post": "reference",
            "author": "closed list (ASG-01)",
            "decided_on": "workflow date",
            "minutes": "hours assigned to this host",
            "recorded_by": "reference",
        }

    def __str__(self) -> str:
        return f"decision {self.pk}"


class Fitness(_Part):
    """The result of the exam, and nothing of its reasons (ASG-05, ASG-06; row 15)."""

    placement = models.ForeignKey(TigPlacement, on_delete=models.CASCADE, related_name="exams")
    result = SealedText(label="tig.fitness.result", drawer="content", data_class=FITNESS, max_length=20)
    seen_on = SealedDate(label="tig.fitness.seen_on", drawer="content", data_class=FITNESS)
    certificate_seen = models.BooleanField("certificat vu")
    recorded_at = models.DateTimeField("enregistré le")
    history = SealedHistory()

    class Meta:
        verbose_name = "aptitude"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "placement": "reference",
            "certificate_seen": "yes or no (ASG-06)",
            "recorded_at": "workflow date",
        }

    def __str__(self) -> str:
        return f"fitness {self.pk}"


class HalfDay(_Part):
    """A half-day planned, then what it became. A correction keeps what it was in the history."""

    placement = models.ForeignKey(TigPlacement, on_delete=models.CASCADE, related_name="half_days")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    day = models.DateField("jour")
    half = models.CharField("demi-journée", max_length=2, choices=Half.choices)
    starts_at = models.TimeField("arrivée")
    ends_at = models.TimeField("départ")
    break_minutes = models.PositiveSmallIntegerField("pause, en minutes", default=0)
    planned_minutes = models.PositiveSmallIntegerField("minutes prévues", default=0)
    outcome = models.CharField("présence", max_length=20, choices=codes.Outcome.choices, blank=True)
    minutes = models.PositiveSmallIntegerField("minutes faites", default=0)
    mode = models.CharField("support", max_length=10, choices=codes.Mode.choices, blank=True)
    signed_by_both = models.BooleanField("signé par les deux", default=False)
    # What the tutor's telephone noted while the half-day goes on; the end writes it into the hours.
    arrived_at = models.TimeField("arrivée notée", null=True, blank=True)
    paused_at = models.TimeField("en pause depuis", null=True, blank=True)
    paused_minutes = models.PositiveSmallIntegerField("pauses prises, en minutes", default=0)
    recorded_at = models.DateTimeField("inscrit le", null=True, blank=True)
    recorded_by = models.UUIDField("inscrit par (fonction)", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "demi-journée"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["placement", "day", "half"],
                name="tig_half_day_once",
                violation_error_message="Cette demi-journée est déjà prévue.",
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="tig_half_day_ends_after"),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True) | Q(arrived_at__isnull=False),
                name="tig_half_day_pause_after_arrival",
            ),
            models.CheckConstraint(
                condition=Q(minutes=0) | Q(outcome__in=[str(each) for each in sorted(codes.WITH_HOURS)]),
                name="tig_hours_only_if_there",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["post", "day"], name="tig_half_day_post")]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "placement": "reference",
            "post": "reference",
            "day": "the calendar is counted by the database",
            "half": "closed list",
            "starts_at": "hours are added up by the database",
            "ends_at": "hours are added up by the database",
            "break_minutes": "hours are added up by the database",
            "planned_minutes": "hours are added up by the database",
            "outcome": "closed list",
            "minutes": "hours are added up by the database",
            "mode": "closed list",
            "signed_by_both": "yes or no",
            "arrived_at": "hours are added up by the database",
            "paused_at": "hours are added up by the database",
            "paused_minutes": "hours are added up by the database",
            "recorded_at": "workflow date",
            "recorded_by": "reference",
        }

    def __str__(self) -> str:
        return f"half-day {self.pk}"


class Adjustment(_Part):
    """Minutes added or taken away, with a coded reason."""

    placement = models.ForeignKey(TigPlacement, on_delete=models.CASCADE, related_name="adjustments")
    minutes = models.IntegerField("minutes, en plus ou en moins")
    reason = models.CharField("motif", max_length=20, choices=codes.AdjustmentReason.choices)
    on = models.DateField("au titre du")
    recorded_by = models.UUIDField("inscrit par (fonction)")
    history = SealedHistory()

    class Meta:
        verbose_name = "ajustement"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=~Q(minutes=0), name="tig_adjusts_something")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "placement": "reference",
            "minutes": "hours are added up by the database",
            "reason": "closed list",
            "on": "workflow date",
            "recorded_by": "reference",
        }

    def __str__(self) -> str:
        return f"adjustment {self.pk}"


class Incident(_Part):
    """What the host reports at once, accident included (HOST-10, HOST-11; row 14)."""

    placement = models.ForeignKey(TigPlacement, on_delete=models.CASCADE, related_name="incidents")
    occurred_on = models.DateField("survenu le")
    reported_at = models.DateTimeField("signalé le")
    reported_by = models.UUIDField("signalé par (fonction)", null=True, blank=True)
    answer_by = models.DateField("réponse avant le (inclus)")
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    answered_by = models.UUIDField("répondu par (fonction)", null=True, blank=True)
    is_accident = models.BooleanField("accident", default=False)
    declared_at = models.DateTimeField("accident déclaré le", null=True, blank=True)
    reminders = models.PositiveSmallIntegerField("rappels envoyés", default=0)
    kind = SealedText(label="tig.incident.kind", drawer="content", data_class=INCIDENT, max_length=20)
    precision = SealedText(label="tig.incident.precision", drawer="content", data_class=INCIDENT, max_length=200)
    answer = SealedText(label="tig.incident.answer", drawer="content", data_class=INCIDENT, max_length=20)
    # An accident: {"at": "10:15", "where": ..., "emergency": bool, "witness": bool}; never a diagnosis.
    sheet = SealedJSON(label="tig.incident.sheet", drawer="content", data_class=INCIDENT)
    history = SealedHistory()

    class Meta:
        verbose_name = "incident"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "answered_at"], name="tig_incident_open")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "placement": "reference",
            "occurred_on": "workflow date",
            "reported_at": "workflow date",
            "reported_by": "reference",
            "answer_by": "workflow date",
            "answered_at": "workflow date",
            "answered_by": "reference",
            "is_accident": "the reminders at 24 and 48 hours run without keys",
            "declared_at": "workflow date",
            "reminders": "the reminders at 24 and 48 hours run without keys",
        }

    def __str__(self) -> str:
        return f"incident {self.pk}"


class WorkSuspension(_Part):
    """The work stopped by the host or with its post (HOST-08, HOST-11)."""

    placement = models.ForeignKey(TigPlacement, on_delete=models.CASCADE, related_name="work_suspensions")
    starts_on = models.DateField("depuis le")
    ends_on = models.DateField("jusqu’au (exclu)", null=True, blank=True)
    reason = SealedText(label="tig.work_suspension.reason", drawer="content", data_class=INCIDENT, max_length=20)
    decided_by = models.UUIDField("décidée par (fonction)")
    history = SealedHistory()

    class Meta:
        verbose_name = "suspension du travail"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="tig_work_stop_order"
            )
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "placement": "reference",
            "starts_on": "workflow date",
            "ends_on": "workflow date",
            "decided_by": "reference",
        }

    def __str__(self) -> str:
        return f"work suspension {self.pk}"


class ClockSuspension(_Part):
    """The legal time stopped: by the judge, or by law (TIG-09, TIG-10). The host reads no reason.

    Whether the work goes on meanwhile is what the officer says, never read off the reason; the day of the judge is
    sealed, since only a judge's suspension has one (ADR 60).
    """

    placement = models.ForeignKey(TigPlacement, on_delete=models.CASCADE, related_name="clock_suspensions")
    starts_on = models.DateField("depuis le")
    ends_on = models.DateField("jusqu’au (exclu)", null=True, blank=True)
    work_goes_on = models.BooleanField("le travail continue", default=False)
    reason = SealedText(label="tig.clock_suspension.reason", drawer="content", data_class=SENTENCE, max_length=20)
    decided_on = SealedDate(label="tig.clock_suspension.decided_on", drawer="content", data_class=SENTENCE)
    recorded_by = models.UUIDField("enregistrée par (fonction)")
    history = SealedHistory()

    class Meta:
        verbose_name = "suspension du délai"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="tig_clock_stop_order",
                violation_error_message="La reprise ne peut pas précéder la suspension.",
            )
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "placement": "reference",
            "starts_on": "the clock is counted without keys",
            "ends_on": "the clock is counted without keys",
            "work_goes_on": "said by the officer: the plan is counted without keys",
            "recorded_by": "reference",
        }

    def __str__(self) -> str:
        return f"clock suspension {self.pk}"


class OfficerReport(_Part):
    """A report to the magistrate: owed by `due_on` until it left (ASG-09, TNR-05)."""

    placement = models.ForeignKey(TigPlacement, on_delete=models.CASCADE, related_name="reports")
    kind = models.CharField("rapport", max_length=20, choices=codes.ReportKind.choices)
    due_on = models.DateField("à envoyer avant le (inclus)", null=True, blank=True)
    sent_on = models.DateField("envoyé le", null=True, blank=True)
    recorded_by = models.UUIDField("enregistré par (fonction)")
    history = SealedHistory()

    class Meta:
        verbose_name = "rapport au magistrat"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "placement": "reference",
            "kind": "closed list (ASG-09)",
            "due_on": "workflow date",
            "sent_on": "workflow date",
            "recorded_by": "reference",
        }

    def __str__(self) -> str:
        return f"report {self.pk}"


class PhoneCall(models.Model):
    """A telephone call of the SPIP noted by the town's référent: places held until the service confirms. About nobody."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    service = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="service")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    minutes = models.PositiveIntegerField("minutes à faire ici")
    weekly = models.PositiveSmallIntegerField("demi-journées par semaine")
    last_useful_on = models.DateField("dernière date utile")
    recorded_at = models.DateTimeField("noté le")
    recorded_by = models.UUIDField("noté par (fonction)")
    asked_of = models.UUIDField("à confirmer par (fonction)")
    confirm_by = models.DateField("à confirmer avant le (inclus)")
    answer = models.CharField("suite", max_length=20, choices=codes.CallAnswer.choices, blank=True)
    answered_at = models.DateTimeField("suite donnée le", null=True, blank=True)
    token_hash = models.CharField("empreinte du lien", max_length=64, blank=True, db_index=True)

    class Meta:
        verbose_name = "appel du SPIP"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["answer", "confirm_by"], name="tig_call_waiting")]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "service": "reference",
            "post": "reference",
            "minutes": "hours asked for, of nobody yet",
            "weekly": "half-days wanted, of nobody yet",
            "last_useful_on": "workflow date",
            "recorded_at": "workflow date",
            "recorded_by": "reference",
            "asked_of": "reference",
            "confirm_by": "the job that releases places runs without keys",
            "answer": "closed list",
            "answered_at": "workflow date",
            "token_hash": "hash of a random token",
        }

    def __str__(self) -> str:
        return f"call {self.pk}"
