"""One pupil received during an exclusion, from the place held without a name to the return (domain.md §7, §10.6).

Every row is sealed under the pupil's key. The story of what happened has no column (EXC-20).
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.access.grants import GrantBase
from casework.casefile.revision import Revised
from casework.exclusions import codes
from casework.exclusions.models.base import BASE, EXCLUSION, FAMILY, REASON, RETURN
from casework.exclusions.models.houses import CatalogueActivity, Convention, OpenHalfDay
from casework.partners.models import Organisation, Territory
from casework.sealing.fields import SealedJSON, SealedText
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel


class ExclusionSupport(SealedModel, Revised):
    """The reception of one pupil by one host (rows 26 to 27). `subject_id` is the pupil: one key for a school year."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    # The school: whoever sends the pupil answers for the record.
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="établissement"
    )
    host = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="structure")
    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField("référence", max_length=20, unique=True)
    school_year = models.PositiveSmallIntegerField("année scolaire (début)")
    kind = models.CharField("accueil", max_length=20, choices=codes.Kind.choices)
    level = models.CharField("niveau", max_length=4, choices=codes.Level.choices)
    state = models.CharField("état", max_length=20, choices=codes.State.choices)
    held_at = models.DateTimeField("place tenue le")
    held_until = models.DateField("place tenue jusqu’au (inclus)", null=True, blank=True)
    host_accepted_at = models.DateTimeField("accueil accepté le", null=True, blank=True)
    host_no = models.CharField("refus de la structure", max_length=20, choices=codes.HostNo.choices, blank=True)
    notified_at = models.DateTimeField("élève annoncé le", null=True, blank=True)
    # When the family was told of the procedure, when the head decided, and the days of the sanction (EXC-02, EXC-08).
    procedure_on = models.DateField("famille informée le", null=True, blank=True)
    decided_on = models.DateField("décidée le", null=True, blank=True)
    starts_on = models.DateField("premier jour", null=True, blank=True)
    ends_on = models.DateField("dernier jour (inclus)", null=True, blank=True)
    suspended_until = models.DateField("sursis jusqu’au", null=True, blank=True)
    is_adult = models.BooleanField("élève majeur", default=False)
    # The school says that it is a pupil whom it sent already this school year: distinct pupils are counted by it.
    is_again = models.BooleanField("déjà accueilli cette année", default=False)
    pupil_agreed_on = models.DateField("accord de l’élève le", null=True, blank=True)
    parents_agreed_on = models.DateField("accord des parents le", null=True, blank=True)
    copy_given_on = models.DateField("copie remise le", null=True, blank=True)
    # The named educator: who alone at the host reads the reason code (row 27).
    educator_id = models.UUIDField("éducateur référent (fonction)", null=True, blank=True)
    return_at = models.DateTimeField("rencontre de retour prévue le", null=True, blank=True)
    return_held_on = models.DateField("rencontre de retour tenue le", null=True, blank=True)
    feedback_at = models.DateTimeField("retour écrit le", null=True, blank=True)
    no_return = models.CharField("sans rencontre", max_length=20, choices=codes.NoReturn.choices, blank=True)
    cancelled_for = models.CharField("annulé pour", max_length=20, choices=codes.Cancel.choices, blank=True)
    closed_on = models.DateField("fin le", null=True, blank=True)
    since = models.CharField("nouvelle exclusion depuis", max_length=10, choices=codes.Since.choices, blank=True)
    since_said_on = models.DateField("dit le", null=True, blank=True)
    # {"last_name", "first_name"}: empty while the place is held without a name.
    identity = SealedJSON(label="exclusion_support.support.identity", drawer="identity", data_class=EXCLUSION)
    # {"name", "phone", "other_phone"}: the legal representative.
    contact = SealedJSON(label="exclusion_support.support.contact", drawer="identity", data_class=FAMILY)
    reason = SealedText(
        label="exclusion_support.support.reason", drawer="content", data_class=REASON, max_length=20, blank=True
    )
    # {"attendees": [...], "agreed": [...], "feedback": "..."}: short, and agreed with the family (EXC-20).
    meeting = SealedJSON(label="exclusion_support.support.meeting", drawer="content", data_class=RETURN)
    history = SealedHistory()

    objects: ClassVar[models.Manager[ExclusionSupport]] = models.Manager()

    class Meta:
        verbose_name = "accueil d’un élève exclu"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "state", "school_year"], name="excl_support_state"),
            models.Index(fields=["host", "state"], name="excl_support_host"),
            models.Index(fields=["organisation", "school_year"], name="excl_support_school"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="excl_support_days_order",
                violation_error_message="Le dernier jour doit suivre le premier.",
            ),
            # Its end counts what is left of it.
            models.CheckConstraint(
                condition=~Q(state__in=[str(each) for each in sorted(codes.ENDED)]) | Q(closed_on__isnull=False),
                name="excl_support_end_is_dated",
            ),
            # A place held without a name frees itself.
            models.CheckConstraint(
                condition=~Q(state="place_held") | Q(held_until__isnull=False), name="excl_support_hold_ends"
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "organisation": "reference",
            "host": "reference",
            "convention": "reference",
            "reference": "random reference",
            "school_year": "counts the end of the record without keys (EXC-21)",
            "kind": "closed list: decides the guards",
            "level": "closed list: all that a place without a name says",
            "state": "state",
            "held_at": "workflow date",
            "held_until": "the job that frees places runs without keys",
            "host_accepted_at": "workflow date",
            "host_no": "closed list, never about the pupil",
            "notified_at": "workflow date",
            "procedure_on": "workflow date (EXC-08)",
            "decided_on": "workflow date (EXC-09)",
            "starts_on": "workflow date (EXC-02)",
            "ends_on": "workflow date (EXC-02)",
            "suspended_until": "workflow date (EXC-04)",
            "is_again": "distinct pupils are counted before anything is deleted (EXC-19)",
            "is_adult": "decides whose agreement is asked (EXC-07)",
            "pupil_agreed_on": "workflow date: guards read it without keys",
            "parents_agreed_on": "workflow date: guards read it without keys",
            "copy_given_on": "workflow date",
            "educator_id": "reference",
            "return_at": "workflow date",
            "return_held_on": "workflow date",
            "feedback_at": "workflow date: guards read it without keys",
            "no_return": "closed list",
            "cancelled_for": "closed list",
            "closed_on": "workflow date",
            "since": "closed list: counted before the record is deleted",
            "since_said_on": "workflow date",
        }

    def __str__(self) -> str:
        return self.reference


class ExclusionGrant(GrantBase):
    """A dated right of one mandate on one support: who sends the pupil, who receives."""

    content_object = models.ForeignKey(ExclusionSupport, on_delete=models.CASCADE, related_name="grants")

    class Meta(GrantBase.Meta):
        abstract = False
        verbose_name = "accès à un accueil"
        unique_together: ClassVar[list[Any]] = []
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["mandate", "permission", "content_object", "basis"], condition=Q(ends_at__isnull=True),
                name="exclusion_grant_open_once",
            )
        ]  # fmt: skip
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["mandate", "sort_key", "content_object"], name="exclusion_grant_list"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {**GrantBase.CLEAR, "content_object": "reference"}


class SupportHalfDay(SealedModel, Revised):
    """One half-day of one pupil: its place among those announced, its theme, who leads it, who came (EXC-20)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    support = models.ForeignKey(ExclusionSupport, on_delete=models.CASCADE, related_name="half_days")
    opening = models.ForeignKey(OpenHalfDay, on_delete=models.PROTECT, related_name="taken")
    slot = models.PositiveSmallIntegerField("place")
    # As announced when the place was taken: what a list reads without joining.
    day = models.DateField("jour")
    half = models.CharField("demi-journée", max_length=2, choices=codes.Half.choices)
    theme = models.CharField("thème", max_length=20, choices=codes.Theme.choices, blank=True)
    activity = models.ForeignKey(
        CatalogueActivity, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="activité"
    )
    leader_id = models.UUIDField("menée par (fonction)", null=True, blank=True)
    presence = models.CharField("présence", max_length=10, choices=codes.Presence.choices, blank=True)
    recorded_at = models.DateTimeField("inscrite le", null=True, blank=True)
    recorded_by = models.UUIDField("inscrite par (fonction)", null=True, blank=True)
    school_warned_at = models.DateTimeField("vie scolaire prévenue le", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "demi-journée d’accueil"
        ordering: ClassVar[list[str]] = ["day", "half", "id"]
        constraints: ClassVar[list[Any]] = [
            # What stops two schools that want the last place, whatever the code above thinks.
            models.UniqueConstraint(fields=["opening", "slot"], name="exclusion_place_once"),
            models.UniqueConstraint(
                fields=["support", "day", "half"], name="exclusion_half_day_once",
                violation_error_message="Cette demi-journée est déjà prévue.",
            ),
            models.CheckConstraint(condition=Q(slot__gte=1), name="exclusion_slot_from_one"),
            models.CheckConstraint(
                condition=Q(presence="") ^ Q(recorded_at__isnull=False), name="exclusion_presence_is_dated"
            ),
        ]  # fmt: skip
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["day", "half"], name="excl_half_day_day")]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "support": "reference",
            "opening": "reference",
            "slot": "technical",
            "day": "the calendar is counted by the database",
            "half": "closed list",
            "theme": "closed list",
            "activity": "reference to what a body offers",
            "leader_id": "reference",
            "presence": "closed list",
            "recorded_at": "workflow date",
            "recorded_by": "reference",
            "school_warned_at": "workflow date",
        }

    def __str__(self) -> str:
        return f"half-day {self.pk}"


class SchoolWork(SealedModel, Revised):
    """Work that the teachers send for the pupil (EXC-12): a subject and what is to be done."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    support = models.ForeignKey(ExclusionSupport, on_delete=models.CASCADE, related_name="works")
    sent_at = models.DateTimeField("envoyé le")
    sent_by = models.UUIDField("envoyé par (fonction)")
    document_id = models.UUIDField("document", null=True, blank=True)
    done_at = models.DateTimeField("fait le", null=True, blank=True)
    subject = SealedText(label="exclusion_support.work.subject", drawer="content", data_class=EXCLUSION, max_length=60)
    content = SealedText(
        label="exclusion_support.work.content", drawer="content", data_class=EXCLUSION, max_length=500, blank=True
    )
    history = SealedHistory()

    class Meta:
        verbose_name = "travail envoyé"
        ordering: ClassVar[list[str]] = ["sent_at", "id"]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "support": "reference",
            "sent_at": "workflow date",
            "sent_by": "reference",
            "document_id": "reference",
            "done_at": "workflow date",
        }

    def __str__(self) -> str:
        return f"work {self.pk}"
