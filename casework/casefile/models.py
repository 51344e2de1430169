"""What every kind of file shares: local lists, school holidays, drafts, once-only tokens, waiting mail."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.casefile.codes import ListCode, SchoolZone
from casework.casefile.endings.codes import HoldReason
from casework.partners.macs import RowMacField
from casework.partners.models import Organisation, Territory
from casework.sealing.fields import SealedBytes, SealedJSON, SealedText
from casework.sealing.models import SealedModel


class LocalItemQuerySet(models.QuerySet["LocalItem"]):
    """Lines of local lists that read like sentences."""

    def of(self, territory: Territory | uuid.UUID, list_code: ListCode | str) -> LocalItemQuerySet:
        """Return the lines of one list of one territory, in its order."""
        territory_id = territory.pk if isinstance(territory, Territory) else territory
        return self.filter(territory_id=territory_id, list_code=list_code).order_by("position", "label")

    def valid_on(self, day: date) -> LocalItemQuerySet:
        """Return the lines proposed on `day` (half-open: `valid_to` is the first day without)."""
        return self.filter(valid_from__lte=day).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day))


class LocalItem(models.Model):
    """A line of a list that a territory keeps for itself: a scheme, a programme, a sector, a redirection."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="local_items")
    list_code = models.CharField("liste", max_length=30, choices=ListCode.choices)
    label = models.CharField("libellé", max_length=100)
    national_code = models.CharField("code national", max_length=40, blank=True)
    valid_from = models.DateField("proposé à partir du")
    valid_to = models.DateField("jusqu’au (exclu)", null=True, blank=True)
    position = models.PositiveSmallIntegerField("ordre", default=0)

    objects: ClassVar[LocalItemQuerySet] = LocalItemQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "ligne d’une liste locale"
        ordering: ClassVar[list[str]] = ["position", "label"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["territory", "list_code", "label"],
                condition=Q(valid_to__isnull=True),
                name="local_item_label_once",
                violation_error_message="Ce libellé est déjà dans la liste.",
            ),
            models.UniqueConstraint(
                fields=["territory", "list_code", "national_code"],
                condition=~Q(national_code=""),
                name="local_item_national_once",
                violation_error_message="Cette ligne nationale est déjà dans la liste.",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="local_item_ends_after_start",
                violation_error_message="La fin doit suivre le début.",
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "list_code": "closed list",
            "label": "a public scheme or sector, not a person",
            "national_code": "closed list",
            "valid_from": "setting",
            "valid_to": "setting",
            "position": "setting",
        }

    def __str__(self) -> str:
        return self.label


class SchoolHoliday(models.Model):
    """School holidays of a zone, edited on screen: the State publishes them, no package keeps them."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    zone = models.CharField("zone", max_length=10, choices=SchoolZone.choices)
    label = models.CharField("vacances", max_length=60)
    starts_on = models.DateField("premier jour")
    ends_on = models.DateField("dernier jour (inclus)")

    class Meta:
        verbose_name = "vacances scolaires"
        ordering: ClassVar[list[str]] = ["starts_on", "zone"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["zone", "starts_on"],
                name="school_holiday_once",
                violation_error_message="Ces vacances sont déjà dans le calendrier.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="school_holiday_ends_after",
                violation_error_message="Le dernier jour doit suivre le premier.",
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = dict.fromkeys(
            ("id", "zone", "label", "starts_on", "ends_on"), "public calendar"
        )

    def __str__(self) -> str:
        return f"{self.label} ({self.zone})"


class Draft(SealedModel):
    """What somebody typed and has not sent: for its owner's mandate only; gone on sending or after 30 days.

    `subject_id`: the person the form is about (also one not created yet), else the agent.
    """

    mandate_id = models.UUIDField("fonction", db_index=True, editable=False)
    form_key = models.CharField("formulaire", max_length=120)
    payload = SealedJSON(label="casefile.draft.payload", drawer="content", data_class="draft")
    created_at = models.DateTimeField("créé le")
    updated_at = models.DateTimeField("enregistré le", db_index=True)

    class Meta:
        verbose_name = "brouillon"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["mandate_id", "form_key"], name="draft_once_per_form")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "subject_id": "key reference",
            "mandate_id": "decides access",
            "form_key": "name of a form and opaque id",
            "created_at": "technical",
            "updated_at": "the purge job runs without keys",
        }

    def __str__(self) -> str:
        return f"draft {self.pk}"


class OnceToken(models.Model):
    """A form that was carried out, and the answer it got (R-07). Written in the transaction of the act."""

    token_hash = models.CharField("empreinte du jeton", max_length=64, unique=True)
    form_hash = models.CharField("empreinte du formulaire", max_length=64, db_index=True)
    mandate_id = models.UUIDField("fonction", null=True, blank=True)
    fingerprint = models.CharField("empreinte du contenu", max_length=64)
    result = models.CharField("réponse", max_length=300, blank=True)
    created_at = models.DateTimeField("envoyé le", db_index=True)

    class Meta:
        verbose_name = "formulaire envoyé"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "token_hash": "hash of a random token",
            "form_hash": "hash of a random token",
            "mandate_id": "reference",
            "fingerprint": "MAC under the random token, which is not kept: tells nothing without it",
            "result": "path of a page: opaque ids only",
            "created_at": "technical",
        }

    def __str__(self) -> str:
        return f"once {self.pk}"


class OutboxMail(SealedModel):
    """A message waiting to leave. Nothing about a followed person; sealed for the one-time links in it.

    `subject_id` is one constant (mailer.KEY_ID): no person's key is concerned.
    """

    to = models.EmailField("destinataire")
    subject = models.CharField("objet", max_length=120)
    body = SealedText(label="casefile.outbox_mail.body", drawer="content", data_class="outbox")
    queued_at = models.DateTimeField("écrit le")
    next_attempt_at = models.DateTimeField("prochain essai", db_index=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    last_error = models.CharField("dernier incident", max_length=60, blank=True)
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)
    gave_up_at = models.DateTimeField("abandonné le", null=True, blank=True)

    class Meta:
        verbose_name = "message"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(gave_up_at__isnull=True),
                name="outbox_sent_or_given_up",
            )
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "subject_id": "key reference (one constant)",
            "to": "staff directory, or a professional who refers",
            "subject": "fixed words, no person",
            "queued_at": "technical",
            "next_attempt_at": "technical",
            "attempts": "technical",
            "last_error": "class name of the error",
            "sent_at": "technical",
            "gave_up_at": "technical",
        }

    def __str__(self) -> str:
        return f"mail {self.pk}"


class ErasureStep(models.TextChoices):
    """How far an erasure went (design.md §5). Each step is done once the row says the next one."""

    ROWS = "rows", "fiches à détruire"
    HISTORY = "history", "historique à détruire"
    KEYS = "keys", "clés à détruire"
    EPOCH = "epoch", "clé maîtresse à remplacer"
    DONE = "done", "terminé"


class Erasure(models.Model):
    """One destruction, from its beginning to its certificate. No reference, no name: what is gone is gone."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    # None: a copy of the keystore brought the keys back, and no row says where the person was.
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    number = models.CharField("numéro", max_length=20, unique=True)
    reason = models.CharField("motif", max_length=40)
    visa = models.CharField("visa des archives", max_length=40, blank=True)
    approval_id = models.UUIDField("accord à deux", null=True, blank=True)
    step = models.CharField("étape", max_length=10, choices=ErasureStep.choices, default=ErasureStep.ROWS)
    epoch = models.PositiveIntegerField("époque à quitter", null=True, blank=True)
    row_count = models.PositiveIntegerField("fiches détruites", default=0)
    history_count = models.PositiveIntegerField("versions détruites", default=0)
    key_count = models.PositiveIntegerField("clés détruites", default=0)
    began_at = models.DateTimeField("commencé le")
    ended_at = models.DateTimeField("terminé le", null=True, blank=True)
    signature = models.BinaryField("signature", default=b"", editable=False)

    class Meta:
        verbose_name = "effacement"
        ordering: ClassVar[list[str]] = ["began_at", "id"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(step="done", ended_at__isnull=False) | (~Q(step="done") & Q(ended_at__isnull=True)),
                name="erasure_done_has_end",
            )
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "number": "number of the act, not of a record",
            "reason": "closed list",
            "visa": "number given by the archives, to a list",
            "approval_id": "reference",
            "step": "state",
            "epoch": "technical",
            "row_count": "a number",
            "history_count": "a number",
            "key_count": "a number",
            "began_at": "date of the act",
            "ended_at": "date of the act",
            "signature": "signature of the lines above",
        }

    def __str__(self) -> str:
        return self.number


class Tombstone(models.Model):
    """The mark of an erased subject: its id is never used again, and a restored copy of it is recognised."""

    erasure = models.ForeignKey(Erasure, on_delete=models.PROTECT, related_name="tombstones")
    mark = models.CharField("marque", max_length=64, db_index=True)
    subject = models.UUIDField("sujet, jusqu’à la fin", null=True, blank=True)

    class Meta:
        verbose_name = "marque d’effacement"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["erasure", "mark"], name="tombstone_once_per_erasure")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "erasure": "reference",
            "mark": "hash of a random id",
            "subject": "random id, kept until the erasure ends",
        }

    def __str__(self) -> str:
        return f"tombstone {self.pk}"


class LegalHold(models.Model):
    """Nothing of one person's record is destroyed while it runs. Set by one, lifted by two; no word, a code only."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    subject_id = models.UUIDField("personne concernée", db_index=True)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField("motif", max_length=12, choices=HoldReason.choices)
    set_at = models.DateTimeField("imposée le")
    set_by = models.UUIDField("imposée par (agent)")
    set_as = models.UUIDField("imposée par (fonction)")
    ended_at = models.DateTimeField("levée le", null=True, blank=True)
    approval_id = models.UUIDField("accord de levée", null=True, blank=True)
    mac = RowMacField(
        "empreinte",
        label="casefile.legal_hold",
        over=(
            "id", "subject_id", "territory_id", "reason", "set_at", "set_by", "set_as", "ended_at", "approval_id",
        ),
    )  # fmt: skip

    class Meta:
        verbose_name = "conservation imposée"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(approval_id__isnull=False), name="legal_hold_lifted_by_two"
            ),
            models.UniqueConstraint(fields=["subject_id"], condition=Q(ended_at__isnull=True), name="legal_hold_once"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "subject_id": "reference",
            "territory": "reference",
            "reason": "closed list",
            "set_at": "date of the act",
            "set_by": "staff accountability",
            "set_as": "reference",
            "ended_at": "date of the act",
            "approval_id": "reference",
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"hold {self.pk}"


class AttachedFile(SealedModel):
    """A document handed in about a record: what it is, whose, since when. Its content is a row of its own.

    `data_class` is the row of the matrix that decides who reads it; `subject_id` the person's.
    """

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    record_id = models.UUIDField("fiche", db_index=True, editable=False)
    kind = models.CharField("nature", max_length=30)
    data_class = models.CharField("catégorie de données", max_length=30)
    name = SealedText(label="casefile.file.name", drawer="content", data_class="attached_file", max_length=120)
    details = SealedJSON(label="casefile.file.details", drawer="content", data_class="attached_file")
    added_at = models.DateTimeField("déposé le")
    added_by = models.UUIDField("déposé par (fonction)")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "pièce jointe"
        ordering: ClassVar[list[str]] = ["-added_at", "id"]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "subject_id": "key reference",
            "territory": "reference",
            "record_id": "reference",
            "kind": "closed list",
            "data_class": "decides access",
            "added_at": "date of the act",
            "added_by": "staff accountability",
            "organisation": "reference",
        }

    def __str__(self) -> str:
        return f"file {self.pk}"


class FileContent(SealedModel):
    """The bytes of one file, sealed in chunks. Never loaded by a list; never changed: another file is another row."""

    file = models.OneToOneField(AttachedFile, on_delete=models.CASCADE, related_name="content")
    content = SealedBytes(label="casefile.file.content", drawer="content", data_class="attached_file")

    class Meta:
        verbose_name = "contenu d’une pièce"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {"id": "technical", "subject_id": "key reference", "file": "reference"}

    def __str__(self) -> str:
        return f"content {self.pk}"
