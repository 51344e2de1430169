"""One young person's réparation, from the magistrate's order to the outcome (domain.md §5, §10.3).

Every row is sealed under the young person's key; a victim has a key of its own, and its rows name nobody else (row 18).
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.access.grants import GrantBase
from casework.casefile.revision import Revised
from casework.partners.models import Organisation, Territory
from casework.placements.hosts.codes import Half
from casework.placements.hosts.models import HostRequest, Post
from casework.placements.reparation import codes
from casework.sealing.fields import SealedDate, SealedJSON, SealedText
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel

BASE = {
    "id": "technical",
    "subject_id": "key reference",
    "revision": "technical",
    "territory": "reference",
}
ACTIVITY, CONTENT, VICTIM = "reparation_activity", "reparation_content", "reparation_victim"


class Reparation(SealedModel, Revised):
    """One réparation of one minor (rows 16 and 17). `subject_id` is the young person."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="service")
    reference = models.CharField("référence", max_length=20, unique=True)
    track = models.CharField("cadre", max_length=20, choices=codes.Track.choices)
    state = models.CharField("état", max_length=20, choices=codes.State.choices)
    ordered_on = models.DateField("décidée le")
    term_on = models.DateField("terme")
    received_at = models.DateTimeField("reçue le")
    # The mesure éducative judiciaire that carries a module: its own reports are watched (DL-14).
    measure_from = models.DateField("mesure éducative depuis le", null=True, blank=True)
    measure_to = models.DateField("mesure éducative jusqu’au", null=True, blank=True)
    # The two hearings of an educational probation, where the module was ordered in one (MIN-06).
    guilt_on = models.DateField("audience sur la culpabilité", null=True, blank=True)
    sanction_on = models.DateField("audience sur la sanction", null=True, blank=True)
    form = models.CharField("forme", max_length=20, choices=codes.Form.choices, blank=True)
    # A structure accredited for mediation, named by the service (REP-09, D112-31).
    mediator = models.CharField("structure de médiation", max_length=120, blank=True)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    host_agreed_on = models.DateField("accueil accepté le", null=True, blank=True)
    started_on = models.DateField("commencée le", null=True, blank=True)
    reported_on = models.DateField("rapport remis le", null=True, blank=True)
    closed_on = models.DateField("close le", null=True, blank=True)
    # {"last_name", "first_name"}: what the host reads of the person (REP-16).
    identity = SealedJSON(label="reparation.reparation.identity", drawer="identity", data_class=ACTIVITY)
    # {"phone", "address", "parents": [{"name", "phone"}]}
    contact = SealedJSON(label="reparation.reparation.contact", drawer="identity", data_class=CONTENT)
    born_on = SealedDate(label="reparation.reparation.born_on", drawer="identity", data_class=CONTENT)
    facts_on = SealedDate(label="reparation.reparation.facts_on", drawer="content", data_class=CONTENT)
    # {"age_at_facts": 15, "discernment_seen": false}: stored on the first day, never worked out again (MIN-05).
    ages = SealedJSON(label="reparation.reparation.ages", drawer="content", data_class=CONTENT)
    # {"authority", "magistrate", "case_mark"}: who ordered, and the service's own mark.
    order = SealedJSON(label="reparation.reparation.order", drawer="content", data_class=CONTENT)
    facts = SealedText(
        label="reparation.reparation.facts", drawer="content", data_class=CONTENT, max_length=300, blank=True
    )
    conclusion = SealedText(
        label="reparation.reparation.conclusion", drawer="content", data_class=CONTENT, max_length=500, blank=True
    )
    outcome = SealedText(
        label="reparation.reparation.outcome", drawer="content", data_class=CONTENT, max_length=20, blank=True
    )
    history = SealedHistory()

    objects: ClassVar[models.Manager[Reparation]] = models.Manager()

    class Meta:
        verbose_name = "réparation"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "state", "term_on"], name="reparation_terr_state"),
            models.Index(fields=["post", "state"], name="reparation_post_state"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(term_on__gt=F("ordered_on")), name="reparation_term_after",
                violation_error_message="Le terme suit la décision : vérifiez les dates.",
            ),
            models.CheckConstraint(
                condition=~Q(form="mediation") | Q(track="module"), name="reparation_mediation_in_module",
                violation_error_message="La médiation est une forme du module, non de l’alternative.",
            ),
            models.CheckConstraint(
                condition=Q(measure_from__isnull=True) | Q(measure_to__gt=F("measure_from")),
                name="reparation_measure_order",
                violation_error_message="La fin de la mesure suit son début.",
            ),
            # Its end counts the six months that it stays.
            models.CheckConstraint(
                condition=~Q(state__in=[str(each) for each in sorted(codes.ENDED)]) | Q(closed_on__isnull=False),
                name="reparation_end_is_dated",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "organisation": "reference",
            "reference": "random reference",
            "track": "closed list: decides the moves (10.3)",
            "state": "state",
            "ordered_on": "workflow date (DL-13)",
            "term_on": "workflow date (DL-13)",
            "received_at": "workflow date",
            "measure_from": "workflow date (DL-14)",
            "measure_to": "workflow date (DL-14)",
            "guilt_on": "workflow date (MIN-06)",
            "sanction_on": "workflow date (MIN-06)",
            "form": "closed list: guards read it without keys",
            "mediator": "an organisation, not a person",
            "post": "reference",
            "host_agreed_on": "workflow date",
            "started_on": "workflow date",
            "reported_on": "workflow date",
            "closed_on": "workflow date: counts the end of the file without keys",
        }

    def __str__(self) -> str:
        return self.reference


class ReparationGrant(GrantBase):
    """A dated right of one mandate on one réparation: the educator in charge, the host's managers."""

    content_object = models.ForeignKey(Reparation, on_delete=models.CASCADE, related_name="grants")

    class Meta(GrantBase.Meta):
        abstract = False
        verbose_name = "accès à une réparation"
        unique_together: ClassVar[list[Any]] = []
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["mandate", "permission", "content_object", "basis"],
                condition=Q(ends_at__isnull=True),
                name="reparation_grant_open_once",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["mandate", "sort_key", "content_object"], name="reparation_grant_list"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {**GrantBase.CLEAR, "content_object": "reference"}


class _Part(SealedModel, Revised):
    """What hangs on one réparation."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class Agreement(_Part):
    """What the minor or the parents said, when, and the signed document (REP-04 to REP-06). Replaced, never rewritten."""

    reparation = models.ForeignKey(Reparation, on_delete=models.CASCADE, related_name="agreements")
    party = models.CharField("de", max_length=10, choices=codes.Party.choices)
    answer = models.CharField("dit", max_length=20, choices=codes.Answer.choices)
    said_on = models.DateField("le")
    summoned_on = models.DateField("parents convoqués le", null=True, blank=True)
    document_id = models.UUIDField("document", null=True, blank=True)
    recorded_at = models.DateTimeField("enregistré le")
    recorded_by = models.UUIDField("enregistré par (fonction)")
    replaced_at = models.DateTimeField("remplacé le", null=True, blank=True)
    signatories = SealedText(
        label="reparation.agreement.signatories", drawer="content", data_class=CONTENT, max_length=120, blank=True
    )
    history = SealedHistory()

    class Meta:
        verbose_name = "accord ou observations"
        ordering: ClassVar[list[str]] = ["said_on", "id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["reparation", "party"], condition=Q(replaced_at__isnull=True), name="reparation_one_agreement"
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "reparation": "reference",
            "party": "closed list",
            "answer": "closed list: guards read it without keys",
            "said_on": "workflow date",
            "summoned_on": "workflow date (CJPM L422-2)",
            "document_id": "reference",
            "recorded_at": "workflow date",
            "recorded_by": "reference",
            "replaced_at": "workflow date",
        }

    def __str__(self) -> str:
        return f"agreement {self.pk}"


class Victim(_Part):
    """A victim asked for an agreement (REP-07; row 18). `subject_id` is the victim's own id: another key."""

    reparation = models.ForeignKey(Reparation, on_delete=models.CASCADE, related_name="victims")
    answer = models.CharField("réponse", max_length=20, choices=codes.VictimAnswer.choices, blank=True)
    asked_on = models.DateField("sollicitée le")
    answered_on = models.DateField("a répondu le", null=True, blank=True)
    document_id = models.UUIDField("document", null=True, blank=True)
    recorded_by = models.UUIDField("enregistrée par (fonction)")
    # A JSON object: last_name, first_name, phone.
    identity = SealedJSON(label="reparation.victim.identity", drawer="identity", data_class=VICTIM)
    history = SealedHistory()

    class Meta:
        verbose_name = "victime"
        ordering: ClassVar[list[str]] = ["asked_on", "id"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(answer="") ^ Q(answered_on__isnull=False), name="reparation_victim_answer_is_dated",
                violation_error_message="Indiquez quand la victime a répondu.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "reparation": "reference",
            "answer": "closed list: guards read it without keys",
            "asked_on": "workflow date",
            "answered_on": "workflow date",
            "document_id": "reference",
            "recorded_by": "reference",
        }

    def __str__(self) -> str:
        return f"victim {self.pk}"


class PlaceRequest(_Part, HostRequest):
    """A host asked to receive this young person: it reads half-days and no name before its yes (REP-11, REP-16).

    The half-days are bookings held by this request; with the yes, by the réparation.
    """

    reparation = models.ForeignKey(Reparation, on_delete=models.CASCADE, related_name="requests")
    history = SealedHistory()

    class Meta:
        verbose_name = "demande d’accueil en réparation"
        ordering: ClassVar[list[str]] = ["asked_at", "id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["reparation"], condition=Q(answer=""), name="reparation_one_open_request"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | HostRequest.CLEAR | {"reparation": "reference"}

    def __str__(self) -> str:
        return f"request {self.pk}"


class Session(_Part):
    """A meeting or a half-day of activity, then who came (row 16). A correction keeps what it was in the history."""

    reparation = models.ForeignKey(Reparation, on_delete=models.CASCADE, related_name="sessions")
    kind = models.CharField("nature", max_length=20, choices=codes.SessionKind.choices)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    day = models.DateField("jour")
    half = models.CharField("demi-journée", max_length=2, choices=Half.choices)
    starts_at = models.TimeField("début")
    ends_at = models.TimeField("fin")
    presence = models.CharField("présence", max_length=10, choices=codes.Presence.choices, blank=True)
    parents = models.CharField("parents", max_length=10, choices=codes.ParentsPart.choices, blank=True)
    recorded_at = models.DateTimeField("inscrite le", null=True, blank=True)
    recorded_by = models.UUIDField("inscrite par (fonction)", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "séance de réparation"
        ordering: ClassVar[list[str]] = ["day", "starts_at", "id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["reparation", "day", "half"], name="reparation_session_once",
                violation_error_message="Une séance est déjà prévue sur cette demi-journée.",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="reparation_session_ends_after",
                violation_error_message="L’heure de fin doit suivre l’heure de début.",
            ),
        ]  # fmt: skip
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["post", "day"], name="reparation_session_post")]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "reparation": "reference",
            "kind": "closed list",
            "post": "reference",
            "day": "the calendar is counted by the database",
            "half": "closed list",
            "starts_at": "setting of a session",
            "ends_at": "setting of a session",
            "presence": "closed list",
            "parents": "closed list",
            "recorded_at": "workflow date",
            "recorded_by": "reference",
        }

    def __str__(self) -> str:
        return f"session {self.pk}"


class ExpectedOutcome(_Part):
    """What is expected, then how far it was reached (peers D3)."""

    reparation = models.ForeignKey(Reparation, on_delete=models.CASCADE, related_name="goals")
    position = models.PositiveSmallIntegerField("rang")
    rated_at = models.DateTimeField("évalué le", null=True, blank=True)
    goal = SealedText(label="reparation.goal.goal", drawer="content", data_class=CONTENT, max_length=20)
    result = SealedText(label="reparation.goal.result", drawer="content", data_class=CONTENT, max_length=10, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "résultat attendu"
        ordering: ClassVar[list[str]] = ["position", "id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["reparation", "position"], name="reparation_goal_position"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "reparation": "reference",
            "position": "order on the page",
            "rated_at": "workflow date: guards read it without keys",
        }

    def __str__(self) -> str:
        return f"goal {self.pk}"


class DifficultyNotice(_Part):
    """A difficulty that the magistrate is told of (REP-15), and the answer."""

    reparation = models.ForeignKey(Reparation, on_delete=models.CASCADE, related_name="difficulties")
    told_on = models.DateField("magistrat informé le")
    answered_on = models.DateField("répondu le", null=True, blank=True)
    answer = models.CharField("réponse", max_length=10, choices=codes.DifficultyAnswer.choices, blank=True)
    recorded_by = models.UUIDField("enregistrée par (fonction)")
    kind = SealedText(label="reparation.difficulty.kind", drawer="content", data_class=CONTENT, max_length=20)
    precision = SealedText(
        label="reparation.difficulty.precision", drawer="content", data_class=CONTENT, max_length=200, blank=True
    )
    history = SealedHistory()

    class Meta:
        verbose_name = "difficulté signalée"
        ordering: ClassVar[list[str]] = ["told_on", "id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["reparation"], condition=Q(answer=""), name="reparation_one_open_difficulty"
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "reparation": "reference",
            "told_on": "workflow date (REP-15)",
            "answered_on": "workflow date",
            "answer": "closed list",
            "recorded_by": "reference",
        }

    def __str__(self) -> str:
        return f"difficulty {self.pk}"


class ReportSent(_Part):
    """A report that left for the magistrate (REP-10, REP-13)."""

    reparation = models.ForeignKey(Reparation, on_delete=models.CASCADE, related_name="reports")
    kind = models.CharField("rapport", max_length=20, choices=codes.ReportKind.choices)
    sent_on = models.DateField("remis le")
    recorded_by = models.UUIDField("enregistré par (fonction)")
    history = SealedHistory()

    class Meta:
        verbose_name = "rapport remis"
        ordering: ClassVar[list[str]] = ["sent_on", "id"]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "reparation": "reference",
            "kind": "closed list",
            "sent_on": "workflow date (DL-13, DL-14)",
            "recorded_by": "reference",
        }

    def __str__(self) -> str:
        return f"report {self.pk}"
