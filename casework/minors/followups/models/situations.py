"""The followed situation, its states and dates, and who may open it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.access.grants import GrantBase
from casework.casefile.models import LocalItem
from casework.casefile.revision import Revised
from casework.minors.followups import codes
from casework.minors.followups.models.base import BASE
from casework.minors.followups.models.people import FollowedPerson
from casework.partners.models import Organisation, Territory, WatchGroup
from casework.sealing.fields import SealedDate, SealedJSON
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel

OPEN_STAGES = (
    codes.Stage.REFERRED,
    codes.Stage.MORE_ASKED,
    codes.Stage.INFORMED,
    codes.Stage.FOLLOWED,
    codes.Stage.SUSPENDED,
)


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    """Situations that read like sentences. What the viewer may see is `facts.visible_to`."""

    def open(self) -> FollowUpQuerySet:
        """Return situations still worked on."""
        return self.filter(state__in=OPEN_STAGES)

    def to_sort(self) -> FollowUpQuerySet:
        """Return referrals that wait for the coordinator's sorting."""
        return self.filter(state__in=(codes.Stage.REFERRED, codes.Stage.MORE_ASKED), sorted_at__isnull=True)


class FollowUp(SealedModel, Revised):
    """A followed situation: one record per person (SIT-03, WL-08 to WL-17). `subject_id` is the person's id."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="follow_ups")
    group = models.ForeignKey(WatchGroup, on_delete=models.PROTECT, related_name="follow_ups")
    person = models.OneToOneField(FollowedPerson, on_delete=models.CASCADE, related_name="follow_up")
    reference = models.CharField("référence", max_length=20, unique=True)
    state = models.CharField("état", max_length=20, choices=codes.Stage.choices)
    received_at = models.DateTimeField("reçue le")
    sorted_at = models.DateTimeField("triée le", null=True, blank=True)
    started_on = models.DateField("suivie depuis le", null=True, blank=True)
    ended_on = models.DateField("terminée le", null=True, blank=True)
    end_reason = models.CharField("motif de fin", max_length=20, choices=codes.EndReason.choices, blank=True)
    suspend_reason = models.CharField(
        "motif de suspension", max_length=20, choices=codes.SuspendReason.choices, blank=True
    )
    information_put_off = models.CharField(
        "information différée", max_length=20, choices=codes.WithholdMotive.choices, blank=True
    )
    information_due_on = models.DateField("information à donner avant le", null=True, blank=True)
    lead_organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="référent de parcours",
    )
    lead_mandate_id = models.UUIDField("référent de parcours (fonction)", null=True, blank=True)
    programme = models.ForeignKey(
        LocalItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="programme"
    )
    next_review_on = models.DateField("à revoir le", null=True, blank=True)
    last_reviewed_on = models.DateField("revue le", null=True, blank=True)
    sessions_missed = models.PositiveSmallIntegerField("réunions sans examen", default=0)
    erase_on = models.DateField("à effacer le", null=True, blank=True)
    # Kept when the record is reopened: a second end of the same year is of a person already counted (ADR 75).
    counted_in = models.PositiveSmallIntegerField("fin comptée en", null=True, blank=True)
    is_takeover = models.BooleanField("reprise de l’ancien suivi", default=False)
    merged_into = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="merged_from")
    purge_on = SealedDate(label="minors.follow_up.purge_on", drawer="identity", data_class="youth_card")
    purge_check_on = models.DateField("année de contrôle")
    # Coded social assessment, one domain at a time (WL-20): {"schooling": "difficulty", ...}.
    assessment = SealedJSON(label="minors.follow_up.assessment", drawer="content", data_class="youth_review")
    history = SealedHistory()

    objects: ClassVar[models.Manager[FollowUp]] = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = "situation"
        indexes: ClassVar[list[models.Index]] = [
            # The order of the lists, of one stage and of all: a page is cut by walking, never by sorting.
            models.Index(fields=["territory", "state", "next_review_on", "reference"], name="followup_stage_order"),
            models.Index(fields=["territory", "next_review_on", "reference"], name="followup_order"),
            models.Index(fields=["purge_check_on"], name="followup_purge"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")) | Q(started_on__isnull=True),
                name="followup_end_after_start",
                violation_error_message="La fin du suivi ne peut pas précéder son début.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["ended", "archived"]) | (Q(ended_on__isnull=False) & ~Q(end_reason="")),
                name="followup_end_is_coded",
                violation_error_message="Une fin de suivi demande une date et un motif.",
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "group": "reference (WL-12)",
            "person": "reference",
            "reference": "random reference",
            "state": "state",
            "received_at": "workflow date",
            "sorted_at": "workflow date",
            "started_on": "workflow date (WL-08)",
            "ended_on": "workflow date (WL-17)",
            "end_reason": "closed list",
            "suspend_reason": "closed list",
            "information_put_off": "closed list (SIT-07)",
            "information_due_on": "workflow date (DL-02)",
            "lead_organisation": "reference (WL-14)",
            "lead_mandate_id": "reference (WL-14)",
            "programme": "closed list (WL-13)",
            "next_review_on": "workflow date",
            "last_reviewed_on": "workflow date",
            "sessions_missed": "workflow count (DL-05)",
            "erase_on": "workflow date",
            "counted_in": "year of an end that the file tells in clear",
            "is_takeover": "workflow",
            "merged_into": "reference",
            "purge_check_on": "1 January of the purge year, all that the job may know (RET-05)",
        }

    def __str__(self) -> str:
        return self.reference


class FollowUpGrant(GrantBase):
    """A dated right of one mandate on one situation (design.md §4). Written by access.grants only."""

    content_object = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="grants")

    class Meta(GrantBase.Meta):
        abstract = False
        verbose_name = "accès à une situation"
        unique_together: ClassVar[list[Any]] = []
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["mandate", "permission", "content_object", "basis"],
                condition=Q(ends_at__isnull=True),
                name="followup_grant_open_once",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["mandate", "sort_key", "content_object"], name="followup_grant_list"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {**GrantBase.CLEAR, "content_object": "reference"}
