"""The host: who it is, where the prospecting stands, its accreditations (HOST-01 to HOST-05), its tutors."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.casefile.models import LocalItem
from casework.casefile.revision import Revised
from casework.partners.models import Organisation, Territory
from casework.placements.hosts import codes
from casework.placements.hosts.models.base import BASE
from casework.sealing.fields import SealedText
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel


class HostStructure(SealedModel, Revised):
    """An organisation that receives, or could. `subject_id` is its own id: its key seals its contacts."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="compte"
    )
    name = models.CharField("nom", max_length=120)
    legal_kind = models.CharField("nature", max_length=30, choices=codes.LegalKind.choices)
    stage = models.CharField("étape", max_length=20, choices=codes.HostStage.choices)
    decline_reason = models.CharField("motif du refus", max_length=20, choices=codes.DeclineReason.choices, blank=True)
    stage_on = models.DateField("depuis le")
    contact = SealedText(label="hosts.structure.contact", data_class="tig_posts", max_length=120)
    phone = SealedText(label="hosts.structure.phone", data_class="tig_posts", max_length=30)
    email = SealedText(label="hosts.structure.email", data_class="tig_posts", max_length=120)
    address = models.CharField("adresse", max_length=200, blank=True)
    sector = models.ForeignKey(
        LocalItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="secteur"
    )
    agreement_from = models.DateField("convention à partir du", null=True, blank=True)
    agreement_to = models.DateField("convention jusqu’au", null=True, blank=True)
    funding_line = models.CharField(
        "financement", max_length=20, choices=codes.FundingLine.choices, default=codes.FundingLine.NONE
    )
    next_step = models.CharField("prochaine étape", max_length=20, choices=codes.NextStep.choices, blank=True)
    next_on = models.DateField("pour le", null=True, blank=True)
    # HOST-05: what changed in the file is said by the host; the authority then marks it as seen.
    change_reported_on = models.DateField("changement signalé le", null=True, blank=True)
    created_by = models.UUIDField("inscrite par (fonction)", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "structure d’accueil"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "stage", "name"], name="host_terr_stage"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["territory", "name"], name="host_name_once",
                violation_error_message="Cette structure est déjà dans la liste.",
            ),
            models.CheckConstraint(
                condition=Q(agreement_to__isnull=True) | Q(agreement_from__isnull=True)
                | Q(agreement_to__gte=F("agreement_from")),
                name="host_agreement_ends_after",
                violation_error_message="La fin de la convention doit suivre son début.",
            ),
            models.CheckConstraint(
                condition=Q(next_step="") | Q(next_on__isnull=False), name="host_next_step_is_dated",
                violation_error_message="Indiquez pour quand est la prochaine étape.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "organisation": "reference",
            "name": "an organisation, not a person",
            "legal_kind": "closed list (HOST-01)",
            "stage": "state",
            "decline_reason": "closed list",
            "stage_on": "workflow date",
            "address": "of an organisation",
            "sector": "reference",
            "agreement_from": "workflow date",
            "agreement_to": "workflow date",
            "funding_line": "closed list",
            "next_step": "closed list",
            "next_on": "workflow date",
            "change_reported_on": "workflow date (HOST-05)",
            "created_by": "reference",
        }

    def __str__(self) -> str:
        return f"host {self.pk}"


class ProspectNote(SealedModel):
    """One line on an exchange with a possible host: about an organisation, sealed under its key, gone with it.

    No history: a line that should not have been written is deleted for good.
    """

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    host = models.ForeignKey(HostStructure, on_delete=models.CASCADE, related_name="notes")
    text = SealedText(label="hosts.note.text", data_class="tig_posts", max_length=200)
    written_at = models.DateTimeField("écrite le")
    written_by = models.UUIDField("écrite par (fonction)")

    class Meta:
        verbose_name = "note de prospection"
        ordering: ClassVar[list[str]] = ["-written_at", "-id"]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "subject_id": "key reference",
            "territory": "reference",
            "host": "reference",
            "written_at": "workflow date: the last exchange, from which the end of the record is counted",
            "written_by": "reference",
        }

    def __str__(self) -> str:
        return f"note {self.pk}"


class Accreditation(SealedModel, Revised):
    """The authority's decision to let a private host receive, for one public, five years (HOST-02 to HOST-05)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    host = models.ForeignKey(HostStructure, on_delete=models.CASCADE, related_name="accreditations")
    audience = models.CharField("public", max_length=10, choices=codes.AccreditedFor.choices)
    state = models.CharField("état", max_length=20, choices=codes.AccreditationState.choices)
    asked_on = models.DateField("demandée le")
    opinions_asked_on = models.DateField("avis demandés le", null=True, blank=True)
    opinions_received_on = models.DateField("avis reçus le", null=True, blank=True)
    decided_on = models.DateField("décision du", null=True, blank=True)
    number = models.CharField("numéro", max_length=40, blank=True)
    is_national = models.BooleanField("habilitation nationale", default=False)
    expires_on = models.DateField("valable jusqu’au", null=True, blank=True)
    observations_on = models.DateField("observations de la structure le", null=True, blank=True)
    withdrawn_on = models.DateField("retirée le", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "habilitation"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "state", "expires_on"], name="accreditation_clock"),
            models.Index(fields=["host", "audience"], name="accreditation_host"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["host", "audience"], condition=Q(state__in=["asked", "opinions_asked"]),
                name="accreditation_one_request",
                violation_error_message="Une demande d’habilitation est déjà en cours pour ce public.",
            ),
            models.CheckConstraint(
                condition=~Q(state="granted") | (Q(decided_on__isnull=False) & Q(expires_on__isnull=False)),
                name="accreditation_is_dated",
                violation_error_message="Une habilitation a une date de décision et une date de fin.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "host": "reference",
            "audience": "closed list",
            "state": "state",
            "asked_on": "workflow date",
            "opinions_asked_on": "workflow date",
            "opinions_received_on": "workflow date",
            "decided_on": "workflow date",
            "number": "number of an administrative decision on an organisation",
            "is_national": "setting",
            "expires_on": "workflow date (DL-09)",
            "observations_on": "workflow date (HOST-05)",
            "withdrawn_on": "workflow date",
        }

    def __str__(self) -> str:
        return f"accreditation {self.pk}"


class Supervisor(SealedModel, Revised):
    """A tutor or a manager of posts, professional of the host (HOST-07, HOST-09), with or without an account."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    host = models.ForeignKey(HostStructure, on_delete=models.CASCADE, related_name="supervisors")
    mandate_id = models.UUIDField("fonction", null=True, blank=True)
    name = SealedText(label="hosts.supervisor.name", data_class="tig_posts", max_length=120)
    is_manager = models.BooleanField("responsable de poste", default=False)
    # Since when this tutor may note presence on a telephone; empty: never enrolled, or taken back.
    phone_since = models.DateTimeField("téléphone autorisé depuis", null=True, blank=True)
    left_on = models.DateField("jusqu’au", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "tuteur"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(phone_since__isnull=True) | Q(mandate_id__isnull=False),
                name="supervisor_phone_has_account",
                violation_error_message="Il faut un compte pour noter les présences sur un téléphone.",
            ),
            models.UniqueConstraint(
                fields=["host", "mandate_id"], condition=Q(mandate_id__isnull=False, left_on__isnull=True),
                name="supervisor_account_once",
                violation_error_message="Cette personne est déjà dans la liste des tuteurs.",
            )
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "host": "reference",
            "mandate_id": "reference",
            "is_manager": "state",
            "phone_since": "workflow date",
            "left_on": "workflow date",
        }

    def __str__(self) -> str:
        return f"supervisor {self.pk}"


class Training(SealedModel, Revised):
    """One training followed by a tutor (seed action 8)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    supervisor = models.ForeignKey(Supervisor, on_delete=models.CASCADE, related_name="trainings")
    held_on = models.DateField("suivie le")
    topic = models.CharField("sujet", max_length=20, choices=codes.TrainingTopic.choices)
    given_by = models.CharField(
        "donnée par", max_length=10, choices=codes.TrainingGivenBy.choices, blank=True, default=""
    )

    class Meta:
        verbose_name = "formation de tuteur"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["supervisor", "held_on", "topic"], name="training_once",
                violation_error_message="Cette formation est déjà notée.",
            )
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "supervisor": "reference",
            "held_on": "workflow date",
            "topic": "closed list",
            "given_by": "closed list",
        }

    def __str__(self) -> str:
        return f"training {self.pk}"
