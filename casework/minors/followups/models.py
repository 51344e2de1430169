"""Young people followed by the group: person, situation, referral, circle, schemes, actions.

Fields, constraints and querysets only. Whatever says something of a person is sealed under that
person's key; each clear column gives its reason. No clear column is a function of a sealed one.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.access.grants import GrantBase
from casework.casefile.models import LocalItem
from casework.casefile.revision import Revised
from casework.minors.followups import codes
from casework.partners.models import Organisation, Territory, WatchGroup
from casework.sealing.fields import SealedDate, SealedJSON, SealedText
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel

_BASE = {
    "id": "technical",
    "subject_id": "key reference",
    "revision": "technical",
    "territory": "reference",
}


class FollowedPerson(SealedModel, Revised):
    """A young person (WL-01 to WL-05, WL-07). `subject_id` is the row's own id."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    last_name = SealedText(
        label="minors.followed_person.last_name",
        drawer="identity",
        data_class="youth_identity",
        max_length=120,
    )
    first_name = SealedText(
        label="minors.followed_person.first_name",
        drawer="identity",
        data_class="youth_identity",
        max_length=120,
    )
    sex = SealedText(label="minors.followed_person.sex", drawer="identity", data_class="youth_identity", max_length=10)
    birth_date = SealedDate(label="minors.followed_person.birth_date", drawer="identity", data_class="youth_identity")
    birth_precision = SealedText(
        label="minors.followed_person.birth_precision",
        drawer="identity",
        data_class="youth_identity",
        max_length=10,
    )
    address = SealedText(
        label="minors.followed_person.address", drawer="content", data_class="youth_identity", max_length=300
    )
    phone = SealedText(
        label="minors.followed_person.phone", drawer="content", data_class="youth_identity", max_length=30
    )
    email = SealedText(
        label="minors.followed_person.email", drawer="content", data_class="youth_identity", max_length=120
    )
    # The anonymous card (row 1a): {"initials": "Y. B.", "birth": "2011-03-12", "sector": "Maille 2"}.
    card = SealedJSON(label="minors.followed_person.card", drawer="identity", data_class="youth_card")
    school_level = SealedText(
        label="minors.followed_person.school_level",
        drawer="content",
        data_class="youth_occupation",
        max_length=20,
    )
    school = SealedText(
        label="minors.followed_person.school", drawer="content", data_class="youth_occupation", max_length=120
    )
    occupation_status = SealedText(
        label="minors.followed_person.occupation_status",
        drawer="content",
        data_class="youth_occupation",
        max_length=20,
    )
    history = SealedHistory()

    class Meta:
        verbose_name = "personne suivie"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = dict(_BASE)

    def __str__(self) -> str:
        return f"person {self.pk}"


class LegalRepresentative(SealedModel, Revised):
    """A parent or guardian, sealed under the young person's key (WL-06, SIT-09)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(FollowedPerson, on_delete=models.CASCADE, related_name="representatives")
    last_name = SealedText(
        label="minors.representative.last_name",
        drawer="content",
        data_class="youth_representatives",
        max_length=120,
    )
    first_name = SealedText(
        label="minors.representative.first_name",
        drawer="content",
        data_class="youth_representatives",
        max_length=120,
    )
    relation = SealedText(
        label="minors.representative.relation",
        drawer="content",
        data_class="youth_representatives",
        max_length=20,
    )
    holds_authority = SealedJSON(
        label="minors.representative.holds_authority", drawer="content", data_class="youth_representatives"
    )
    address = SealedText(
        label="minors.representative.address",
        drawer="content",
        data_class="youth_representatives",
        max_length=300,
    )
    phone = SealedText(
        label="minors.representative.phone",
        drawer="content",
        data_class="youth_representatives",
        max_length=30,
    )
    email = SealedText(
        label="minors.representative.email",
        drawer="content",
        data_class="youth_representatives",
        max_length=120,
    )
    position = models.PositiveSmallIntegerField("ordre", default=0)
    closed_at = models.DateTimeField("fermé le", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "représentant légal"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = _BASE | {
            "person": "reference",
            "position": "order on screen",
            "closed_at": "workflow date (SIT-09)",
        }

    def __str__(self) -> str:
        return f"representative {self.pk}"


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    """Situations that read like sentences. What the viewer may see is `facts.visible_to`."""

    def open(self) -> FollowUpQuerySet:
        """Return situations still worked on."""
        return self.filter(state__in=OPEN_STAGES)

    def to_sort(self) -> FollowUpQuerySet:
        """Return referrals that wait for the coordinator's sorting."""
        return self.filter(state__in=(codes.Stage.REFERRED, codes.Stage.MORE_ASKED), sorted_at__isnull=True)


OPEN_STAGES = (
    codes.Stage.REFERRED,
    codes.Stage.MORE_ASKED,
    codes.Stage.INFORMED,
    codes.Stage.FOLLOWED,
    codes.Stage.SUSPENDED,
)


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
            models.Index(fields=["territory", "state", "reference"], name="followup_terr_state"),
            models.Index(fields=["territory", "next_review_on"], name="followup_review"),
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
        clear: ClassVar[dict[str, str]] = _BASE | {
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


class Referral(SealedModel, Revised):
    """A saisine: coded origin, reasons and gateway (SIT-01, SIT-02, SIT-08, WL-09, WL-10)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="referrals")
    origin = models.CharField("origine", max_length=30, choices=codes.ReferralOrigin.choices)
    gateway = models.CharField("cadre légal", max_length=30, choices=codes.Gateway.choices)
    urgency = models.CharField("urgence", max_length=10, choices=codes.Urgency.choices, default=codes.Urgency.NORMAL)
    reasons = SealedJSON(label="minors.referral.reasons", drawer="content", data_class="youth_referral")
    referred_by = SealedText(
        label="minors.referral.referred_by", drawer="content", data_class="youth_referral", max_length=120
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    author_mandate_id = models.UUIDField("auteur (fonction)", null=True, blank=True)
    received_at = models.DateTimeField("reçue le")
    sorting = models.CharField("tri", max_length=20, choices=codes.Sorting.choices, default=codes.Sorting.WAITING)
    sorted_at = models.DateTimeField("triée le", null=True, blank=True)
    sorted_by = models.UUIDField("triée par (fonction)", null=True, blank=True)
    redirected_to = models.ForeignKey(LocalItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    more_asked = SealedText(
        label="minors.referral.more_asked", drawer="content", data_class="youth_referral", max_length=200
    )
    batch = models.UUIDField("liste", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "saisine"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "sorting", "received_at"], name="referral_queue"),
            models.Index(fields=["author_mandate_id"], name="referral_author"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = _BASE | {
            "follow_up": "reference",
            "origin": "closed list (SIT-01)",
            "gateway": "closed list (SIT-08)",
            "urgency": "closed list",
            "organisation": "reference",
            "author_mandate_id": "reference",
            "received_at": "workflow date",
            "sorting": "closed list",
            "sorted_at": "workflow date",
            "sorted_by": "reference",
            "redirected_to": "closed list",
            "batch": "technical",
        }

    def __str__(self) -> str:
        return f"referral {self.pk}"


class ReferralLink(models.Model):
    """A single-use link by which a school, a landlord or the police refer without an account."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="referral_links")
    origin = models.CharField("origine", max_length=30, choices=codes.ReferralOrigin.choices)
    token_hash = models.CharField("empreinte du lien", max_length=64, unique=True)
    expires_at = models.DateTimeField("valable jusqu’au")
    created_at = models.DateTimeField("créé le")
    created_by = models.UUIDField("créé par (fonction)")
    used_at = models.DateTimeField("utilisé le", null=True, blank=True)
    revoked_at = models.DateTimeField("annulé le", null=True, blank=True)
    referral = models.ForeignKey(Referral, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    outside_status = models.CharField("suite", max_length=10, choices=codes.OutsideStatus.choices, blank=True)

    class Meta:
        verbose_name = "lien de saisine"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "organisation": "reference",
            "origin": "closed list",
            "token_hash": "hash of a random token",
            "expires_at": "decides access",
            "created_at": "technical",
            "created_by": "reference",
            "used_at": "decides access",
            "revoked_at": "decides access",
            "referral": "reference",
            "outside_status": "closed list: reçue, étudiée, close",
        }

    def __str__(self) -> str:
        return f"referral link {self.pk}"


class Notice(SealedModel, Revised):
    """The information of one recipient: the youth, or one holder of parental authority (SIT-07, SIT-09)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="notices")
    representative = models.ForeignKey(
        LegalRepresentative, on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    status = models.CharField(
        "état", max_length=20, choices=codes.NoticeStatus.choices, default=codes.NoticeStatus.TO_DO
    )
    informed_on = models.DateField("informé le", null=True, blank=True)
    informed_by = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="par"
    )
    channel = models.CharField("comment", max_length=20, choices=codes.NoticeChannel.choices, blank=True)
    attempts = SealedJSON(label="minors.notice.attempts", drawer="content", data_class="youth_representatives")
    motive = models.CharField("motif", max_length=20, choices=codes.WithholdMotive.choices, blank=True)
    decided_by = models.UUIDField("décidé par (fonction)", null=True, blank=True)
    review_on = models.DateField("à revoir le", null=True, blank=True)
    confirmed_at = models.DateTimeField("confirmé le", null=True, blank=True)
    confirmed_by = models.UUIDField("confirmé par (fonction)", null=True, blank=True)
    letter_printed_at = models.DateTimeField("courrier imprimé le", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "information"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=~Q(status="informed") | (Q(informed_on__isnull=False) & ~Q(channel="")),
                name="notice_informed_is_dated",
                violation_error_message="Indiquez la date et la manière d’informer.",
            ),
            models.CheckConstraint(
                condition=~Q(status="withheld")
                | (~Q(motive="") & Q(decided_by__isnull=False) & Q(review_on__isnull=False)),
                name="notice_withheld_is_motivated",
                violation_error_message="Ne pas informer demande un motif, un auteur et une date de révision.",
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = _BASE | {
            "follow_up": "reference",
            "representative": "reference",
            "status": "closed list",
            "informed_on": "workflow date",
            "informed_by": "reference",
            "channel": "closed list",
            "motive": "closed list",
            "decided_by": "reference",
            "review_on": "workflow date",
            "confirmed_at": "workflow date",
            "confirmed_by": "reference",
            "letter_printed_at": "workflow date",
        }

    def __str__(self) -> str:
        return f"notice {self.pk}"


class CircleMembership(SealedModel, Revised):
    """A service in the circle of a situation, from, to, why (CLV-26, peers A6)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="circle")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    in_charge = models.UUIDField("intervenant (fonction)", null=True, blank=True)
    starts_at = models.DateTimeField("depuis")
    ends_at = models.DateTimeField("jusqu’au", null=True, blank=True)
    reason = models.CharField("motif d’entrée", max_length=20, choices=codes.CircleReason.choices)
    end_reason = models.CharField("motif de sortie", max_length=20, choices=codes.CircleEnd.choices, blank=True)
    involvement = models.CharField("intervention", max_length=20, choices=codes.Involvement.choices, blank=True)
    involvement_on = models.DateField("dit le", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "service du cercle"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["follow_up", "organisation"],
                condition=Q(ends_at__isnull=True),
                name="circle_service_once",
                violation_error_message="Ce service est déjà dans le cercle.",
            )
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = _BASE | {
            "follow_up": "reference",
            "organisation": "reference",
            "in_charge": "reference",
            "starts_at": "decides access",
            "ends_at": "decides access",
            "reason": "closed list",
            "end_reason": "closed list",
            "involvement": "what the service says of itself, three equal answers",
            "involvement_on": "workflow date",
        }

    def __str__(self) -> str:
        return f"circle {self.pk}"


class SchemeStatus(SealedModel, Revised):
    """One scheme of the territory for one situation: active, asked, refused, not tried (peers A4, WL-11)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="schemes")
    item = models.ForeignKey(LocalItem, on_delete=models.PROTECT, related_name="+")
    state = models.CharField("état", max_length=20, choices=codes.SchemeState.choices)
    since = models.DateField("depuis le")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    history = SealedHistory()

    class Meta:
        verbose_name = "dispositif"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["follow_up", "item"], name="scheme_once_per_situation")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = _BASE | {
            "follow_up": "reference",
            "item": "closed list of the territory",
            "state": "closed list",
            "since": "workflow date",
            "ends_on": "workflow date",
            "owner": "reference",
        }

    def __str__(self) -> str:
        return f"scheme {self.pk}"


class Action(SealedModel, Revised):
    """Who does what before when (WL-15). `result` empty: still open."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="actions")
    kind = models.CharField("action", max_length=30, choices=codes.ActionType.choices)
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="par")
    owner_mandate_id = models.UUIDField("par (fonction)", null=True, blank=True)
    precision = SealedText(label="minors.action.precision", drawer="content", data_class="youth_review", max_length=100)
    decided_on = models.DateField("décidée le")
    due_on = models.DateField("pour le")
    after = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="then", verbose_name="après"
    )
    result = models.CharField("résultat", max_length=20, choices=codes.ActionResult.choices, blank=True)
    closed_on = models.DateField("close le", null=True, blank=True)
    decided_in = models.UUIDField("réunion", null=True, blank=True)
    waited_sessions = models.PositiveSmallIntegerField("réunions passées", default=0)
    created_by = models.UUIDField("créée par (fonction)", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "action"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "owner", "result", "due_on"], name="action_due"),
            models.Index(fields=["follow_up", "result"], name="action_open"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = _BASE | {
            "follow_up": "reference",
            "kind": "closed list",
            "owner": "reference",
            "owner_mandate_id": "reference",
            "decided_on": "workflow date",
            "due_on": "workflow date",
            "after": "reference",
            "result": "closed list",
            "closed_on": "workflow date",
            "decided_in": "reference",
            "waited_sessions": "workflow count",
            "created_by": "reference",
        }

    def __str__(self) -> str:
        return f"action {self.pk}"


class KnownJudicialMeasure(SealedModel, Revised):
    """A judicial measure recorded by PJJ only (WL-16, WL-19, GDP-09). Others may know that one exists."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="judicial_measures")
    kind = SealedText(
        label="minors.judicial_measure.kind", drawer="content", data_class="youth_judicial", max_length=40
    )
    starts_on = SealedDate(label="minors.judicial_measure.starts_on", drawer="content", data_class="youth_judicial")
    ends_on = SealedDate(label="minors.judicial_measure.ends_on", drawer="content", data_class="youth_judicial")
    recorded_by = models.UUIDField("saisie par (fonction)")
    history = SealedHistory()

    class Meta:
        verbose_name = "mesure judiciaire connue"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = _BASE | {"follow_up": "reference", "recorded_by": "reference"}

    def __str__(self) -> str:
        return f"judicial measure {self.pk}"


class SensitiveElement(SealedModel, Revised):
    """A sensitive fact strictly necessary to the programme, short-lived, motivated (WL-18, GDP-08)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="sensitive_elements")
    kind = SealedText(
        label="minors.sensitive_element.kind", drawer="content", data_class="youth_sensitive", max_length=40
    )
    necessity = SealedText(
        label="minors.sensitive_element.necessity",
        drawer="content",
        data_class="youth_sensitive",
        max_length=100,
    )
    recorded_by = models.UUIDField("saisi par (fonction)")
    expires_on = models.DateField("effacé le")
    history = SealedHistory()

    class Meta:
        verbose_name = "élément sensible"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = _BASE | {
            "follow_up": "reference",
            "recorded_by": "reference",
            "expires_on": "retention date",
        }

    def __str__(self) -> str:
        return f"sensitive element {self.pk}"


class WhoKnows(SealedModel, Revised):
    """« Qui connaît ? »: one service asked about one situation, one of four equal answers (CLV-29)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="who_knows")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("demandé le")
    asked_by = models.UUIDField("demandé par (fonction)")
    closes_at = models.DateTimeField("se ferme le")
    answer = SealedText(label="minors.who_knows.answer", drawer="content", data_class="youth_review", max_length=20)
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    answered_by = models.UUIDField("répondu par (fonction)", null=True, blank=True)
    fields_closed_at = models.DateTimeField("champs fermés le", null=True, blank=True)

    class Meta:
        verbose_name = "question « Qui connaît ? »"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["follow_up", "organisation"], name="who_knows_once_per_service")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = _BASE | {
            "follow_up": "reference",
            "organisation": "reference",
            "asked_at": "workflow date",
            "asked_by": "reference",
            "closes_at": "decides access",
            "answered_at": "workflow date",
            "answered_by": "reference",
            "fields_closed_at": "decides access",
        }

    def __str__(self) -> str:
        return f"who knows {self.pk}"


class RestrictedPoint(SealedModel, Revised):
    """A point restreint between meetings: two to four services of the circle on one situation."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="restricted_points")
    held_at = models.DateTimeField("tenu le")
    channel = models.CharField("comment", max_length=10, choices=codes.PointChannel.choices)
    organisations = models.ManyToManyField(Organisation, related_name="+")
    called_by = models.UUIDField("à l’initiative de (fonction)")
    precision = SealedText(
        label="minors.restricted_point.precision", drawer="content", data_class="youth_review", max_length=100
    )
    tabled_in = models.UUIDField("rapporté en réunion", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "point restreint"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = _BASE | {
            "follow_up": "reference",
            "held_at": "workflow date",
            "channel": "closed list",
            "organisations": "reference",
            "called_by": "reference",
            "tabled_in": "reference",
        }

    def __str__(self) -> str:
        return f"restricted point {self.pk}"


class MayorDisclosure(SealedModel, Revised):
    """One page for the mayor, nothing of the session (MAY-04 to MAY-06, domain.md §11 row 9)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="mayor_disclosures")
    reference = models.CharField("référence", max_length=20, unique=True)
    act = models.CharField("acte demandé", max_length=20, choices=codes.MayorAct.choices)
    gateway = models.CharField("cadre légal", max_length=30, choices=codes.Gateway.choices)
    ground = SealedText(
        label="minors.mayor_disclosure.ground", drawer="content", data_class="mayor_disclosure", max_length=30
    )
    # {"last_name", "first_name", "birth_date", "address", "representatives": [{"name", "relation", "address"}]}
    identity = SealedJSON(label="minors.mayor_disclosure.identity", drawer="content", data_class="mayor_disclosure")
    prosecutor_opinion = models.CharField(
        "avis du parquet", max_length=20, choices=codes.ProsecutorOpinion.choices, blank=True
    )
    prosecutor_opinion_on = models.DateField("avis du", null=True, blank=True)
    created_by = models.UUIDField("établie par (fonction)")
    sent_at = models.DateTimeField("transmise le", null=True, blank=True)
    acknowledged_at = models.DateTimeField("reçue le", null=True, blank=True)
    acknowledged_by = models.UUIDField("reçue par (fonction)", null=True, blank=True)
    outcome = models.CharField("suite", max_length=10, choices=codes.MayorOutcome.choices, blank=True)
    outcome_on = models.DateField("suite du", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "information du maire"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = _BASE | {
            "follow_up": "reference",
            "reference": "random reference",
            "act": "closed list",
            "gateway": "closed list",
            "prosecutor_opinion": "closed list",
            "prosecutor_opinion_on": "workflow date",
            "created_by": "reference",
            "sent_at": "workflow date",
            "acknowledged_at": "workflow date",
            "acknowledged_by": "reference",
            "outcome": "closed list",
            "outcome_on": "workflow date",
        }

    def __str__(self) -> str:
        return self.reference


class PossibleDuplicate(models.Model):
    """A silent task for the coordinator: two situations may be one person (T-20). Nobody else learns of it."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    newer = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="+")
    older = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="+")
    found_at = models.DateTimeField("trouvé le")
    resolved_at = models.DateTimeField("traité le", null=True, blank=True)
    merged = models.BooleanField("réunies", null=True, blank=True)

    class Meta:
        verbose_name = "doublon possible"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["newer", "older"], name="duplicate_pair_once")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "newer": "reference",
            "older": "reference",
            "found_at": "workflow date",
            "resolved_at": "workflow date",
            "merged": "state",
        }

    def __str__(self) -> str:
        return f"possible duplicate {self.pk}"


class AnonymousCount(models.Model):
    """What stays when rows are erased: a number per month and kind."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("nature", max_length=20, choices=codes.CountKind.choices)
    month = models.DateField("mois")
    total = models.PositiveIntegerField("nombre", default=0)

    class Meta:
        verbose_name = "compte anonyme"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["territory", "kind", "month"], name="count_once_a_month")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "kind": "closed list",
            "month": "a month, not a person",
            "total": "a count, not a person",
        }

    def __str__(self) -> str:
        return f"count {self.pk}"


class ImportBatch(SealedModel, Revised):
    """A spreadsheet being taken over: rows stay sealed under this batch's key until imported or discarded."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(WatchGroup, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("déposé le")
    created_by = models.UUIDField("déposé par (fonction)")
    table = SealedJSON(label="minors.import_batch.table", drawer="content", data_class="youth_identity")
    mapping = SealedJSON(label="minors.import_batch.mapping", drawer="content", data_class="youth_identity")
    refused = SealedJSON(label="minors.import_batch.refused", drawer="content", data_class="youth_identity")
    written = models.PositiveIntegerField("lignes importées", default=0)
    counted = models.JSONField("lignes comptées", default=dict)
    imported_at = models.DateTimeField("importé le", null=True, blank=True)
    deletion_signed_at = models.DateTimeField("suppression attestée le", null=True, blank=True)
    deletion_signed_by = models.UUIDField("attestée par (fonction)", null=True, blank=True)

    class Meta:
        verbose_name = "reprise d’un tableau"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = _BASE | {
            "group": "reference",
            "created_at": "workflow date",
            "created_by": "reference",
            "written": "a count",
            "counted": "counts",
            "imported_at": "workflow date",
            "deletion_signed_at": "workflow date",
            "deletion_signed_by": "reference",
        }

    def __str__(self) -> str:
        return f"import {self.pk}"


def month_of(moment: datetime) -> date:
    """Return the first day of the month of `moment` (the grain of anonymous counts)."""
    return moment.date().replace(day=1)
