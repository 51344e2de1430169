"""Territories, organisations, agents, mandates: who works here, for whom, from when to when.

Rows say nothing about a followed person. Staff names and addresses are plain: they are
needed to sign in and to send invitations.
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django_otp.models import Device, ThrottlingMixin

from casework.partners.codes import (
    Formation,
    InvitationKind,
    MandateEnd,
    OrganisationKind,
    Role,
    SeatFunction,
    TerritoryKind,
)
from casework.sealing.fields import SealedText


class Territory(models.Model):
    """A commune, an EPCI, a court district or a département (CLV-07)."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("nature", max_length=20, choices=TerritoryKind.choices)
    name = models.CharField("nom", max_length=120)
    prefix = models.CharField("préfixe des références", max_length=4, unique=True)
    time_zone = models.CharField("fuseau horaire", max_length=40, default="Europe/Paris")
    holiday_set = models.CharField("jours fériés", max_length=20, default="FR")
    school_zone = models.CharField("zone scolaire", max_length=10, default="B")
    sectors = models.JSONField("secteurs", default=list)

    class Meta:
        verbose_name = "territoire"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "kind": "closed list",
            "name": "a place, not a person",
            "prefix": "a place, not a person",
            "time_zone": "setting",
            "holiday_set": "setting",
            "school_zone": "setting",
            "sectors": "at most three coarse sectors (SDC-09)",
        }

    def __str__(self) -> str:
        return self.name


class Organisation(models.Model):
    """A service, school, association or municipality of one territory."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="organisations")
    kind = models.CharField("nature", max_length=40, choices=OrganisationKind.choices)
    name = models.CharField("nom", max_length=120)
    short_name = models.CharField("nom court", max_length=30)
    letter = models.CharField("lettre en réunion", max_length=1, blank=True)
    is_active = models.BooleanField("active", default=True)

    class Meta:
        verbose_name = "organisation"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["territory", "letter"],
                condition=~Q(letter=""),
                name="organisation_letter_once",
                violation_error_message="Cette lettre est déjà prise par un autre service.",
            )
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "kind": "closed list",
            "name": "a body, not a person",
            "short_name": "a body, not a person",
            "letter": "a body, not a person",
            "is_active": "setting",
        }

    def __str__(self) -> str:
        return self.short_name or self.name


class AgentManager(BaseUserManager["Agent"]):
    """Makes agents. There is no superuser."""

    def create_agent(self, email: str, **fields: Any) -> Agent:
        """Return a saved agent without a usable password; the invitation sets it."""
        agent = self.model(email=self.normalize_email(email).lower(), **fields)
        agent.set_unusable_password()
        agent.save(using=self._db)
        return agent

    def get_by_natural_key(self, username: str | None) -> Agent:
        """Return the agent of this e-mail, whatever the case typed."""
        return self.get(email=(username or "").strip().lower())


class Agent(AbstractBaseUser):
    """A person who works with the system. Rights come from mandates only; nobody is a superuser."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("adresse électronique", unique=True)
    first_name = models.CharField("prénom", max_length=80)
    last_name = models.CharField("nom", max_length=80)
    phone = models.CharField("téléphone professionnel", max_length=30, blank=True)
    is_active = models.BooleanField("actif", default=True)
    created_at = models.DateTimeField("créé le", auto_now_add=True)
    last_mandate_id = models.UUIDField("dernière fonction utilisée", null=True, blank=True)
    hide_names = models.BooleanField("masquer les noms par défaut", default=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["first_name", "last_name"]
    objects: ClassVar[AgentManager] = AgentManager()

    class Meta:
        verbose_name = "agent"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "password": "argon2id hash",
            "last_login": "staff accountability",
            "email": "signs in with it",
            "first_name": "staff directory",
            "last_name": "staff directory",
            "phone": "staff directory",
            "is_active": "state",
            "created_at": "technical",
            "last_mandate_id": "reference",
            "hide_names": "setting",
        }

    def __str__(self) -> str:
        return f"agent {self.pk}"

    @property
    def full_name(self) -> str:
        """First name and name, for colleagues."""
        return f"{self.first_name} {self.last_name}".strip()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Return False: rights are decided by access.decide() alone."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """Return False: there is no Django admin here."""
        return False


class MandateQuerySet(models.QuerySet["Mandate"]):
    """Mandates that read like sentences."""

    def live(self, now: Any) -> MandateQuerySet:
        """Return mandates running at instant `now` (half-open: the end is excluded)."""
        return self.filter(starts_at__lte=now).filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))


class Mandate(models.Model):
    """An agent acts for an organisation, in a territory, in one role, between two instants (CLV-24)."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="mandates")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="mandates")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="mandates")
    role = models.CharField("rôle", max_length=30, choices=Role.choices)
    job_title = models.CharField("fonction", max_length=80, blank=True)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin", null=True, blank=True)
    end_reason = models.CharField("motif de fin", max_length=20, choices=MandateEnd.choices, blank=True)
    charter_signed_at = models.DateTimeField("charte signée le", null=True, blank=True)
    charter_version = models.PositiveIntegerField("version de la charte", null=True, blank=True)
    is_service_lead = models.BooleanField("responsable de service", default=False)
    appointed_by = models.UUIDField("désigné par (mandat)", null=True, blank=True)
    revision = models.PositiveIntegerField("révision", default=1)
    mac = models.BinaryField("empreinte", default=b"", editable=False)

    objects: ClassVar[models.Manager[Mandate]] = MandateQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "fonction"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="mandate_ends_after_start",
                violation_error_message="La fin doit suivre le début.",
            )
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "agent": "reference",
            "organisation": "reference",
            "territory": "reference",
            "role": "closed list",
            "job_title": "staff directory",
            "starts_at": "decides access",
            "ends_at": "decides access",
            "end_reason": "closed list",
            "charter_signed_at": "decides access (CLV-25)",
            "charter_version": "reference",
            "is_service_lead": "decides access (row 31a)",
            "appointed_by": "reference",
            "revision": "technical",
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"mandate {self.pk}"


class EthicsCharter(models.Model):
    """A version of the charter that members sign before any nominative exchange (CLV-25, CHA-05)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="charters")
    version = models.PositiveIntegerField("version")
    text = models.TextField("texte")
    adopted_on = models.DateField("adoptée le")

    class Meta:
        verbose_name = "charte déontologique"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["territory", "version"], name="charter_version_once")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "version": "reference",
            "text": "a public document",
            "adopted_on": "a public document",
        }

    def __str__(self) -> str:
        return f"charte v{self.version}"


class WatchGroup(models.Model):
    """A working group of the CLSPD, created under CSI L132-5 (CLV-03). The cellule is one."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="watch_groups")
    name = models.CharField("nom", max_length=120)

    class Meta:
        verbose_name = "groupe de travail"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "name": "a body, not a person",
        }

    def __str__(self) -> str:
        return self.name


class GroupRules(models.Model):
    """A version of the group's règlement intérieur; without one in force, no nominative exchange (CLV-06)."""

    group = models.ForeignKey(WatchGroup, on_delete=models.PROTECT, related_name="rules")
    version = models.PositiveIntegerField("version")
    adopted_on = models.DateField("adopté le")
    valid_from = models.DateField("en vigueur du")
    valid_to = models.DateField("au (exclu)", null=True, blank=True)
    who_knows_enabled = models.BooleanField("« Qui connaît ? » autorisé", default=False)
    formation = models.CharField(
        "formation", max_length=20, choices=Formation.choices, default=Formation.BY_CIRCLE
    )
    dpo_note_on = models.DateField("note du DPO du", null=True, blank=True)
    minimum_presence = models.PositiveSmallIntegerField("présence minimale", null=True, blank=True)
    prosecutor_opinion_required = models.BooleanField("avis préalable du parquet", default=False)
    silence_days = models.PositiveSmallIntegerField("approbation tacite (jours ouvrés)", default=5)

    class Meta:
        verbose_name = "règlement intérieur"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["group", "version"], name="group_rules_version_once"),
            models.CheckConstraint(
                condition=~Q(formation="single") | Q(dpo_note_on__isnull=False),
                name="single_formation_needs_dpo_note",
                violation_error_message="La formation unique demande une note datée du DPO.",
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            name: "rules of the group: a public document"
            for name in (
                "id",
                "group",
                "version",
                "adopted_on",
                "valid_from",
                "valid_to",
                "who_knows_enabled",
                "formation",
                "dpo_note_on",
                "minimum_presence",
                "prosecutor_opinion_required",
                "silence_days",
            )
        }

    def __str__(self) -> str:
        return f"règlement v{self.version}"


class GroupMembership(models.Model):
    """An organisation sits in a group between two instants (CLV-20, CLV-24)."""

    group = models.ForeignKey(WatchGroup, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin", null=True, blank=True)
    dated_facts_enabled = models.BooleanField("un fait daté par préparation", default=False)

    class Meta:
        verbose_name = "siège d’un service"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["group", "organisation"],
                condition=Q(ends_at__isnull=True),
                name="organisation_sits_once",
            )
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "group": "reference",
            "organisation": "reference",
            "starts_at": "decides access",
            "ends_at": "decides access",
            "dated_facts_enabled": "setting",
        }

    def __str__(self) -> str:
        return f"membership {self.pk}"


class Seat(models.Model):
    """Who represents or stands in for a service in a group, named by its lead, for dates."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    membership = models.ForeignKey(GroupMembership, on_delete=models.PROTECT, related_name="seats")
    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="seats")
    function = models.CharField("fonction", max_length=20, choices=SeatFunction.choices)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin", null=True, blank=True)
    named_by = models.UUIDField("désigné par (mandat)", null=True, blank=True)

    class Meta:
        verbose_name = "représentation"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "membership": "reference",
            "mandate": "reference",
            "function": "closed list",
            "starts_at": "decides access",
            "ends_at": "decides access",
            "named_by": "reference",
        }

    def __str__(self) -> str:
        return f"seat {self.pk}"


class Invitation(models.Model):
    """A one-time link. Only the hash of its token is kept; the link carries no personal data."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="invitations")
    kind = models.CharField("objet", max_length=20, choices=InvitationKind.choices)
    token_hash = models.CharField("empreinte du lien", max_length=64, unique=True)
    expires_at = models.DateTimeField("valable jusqu’au")
    used_at = models.DateTimeField("utilisée le", null=True, blank=True)
    revoked_at = models.DateTimeField("annulée le", null=True, blank=True)
    created_at = models.DateTimeField("créée le")
    created_by = models.UUIDField("créée par (mandat)", null=True, blank=True)

    class Meta:
        verbose_name = "invitation"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "agent": "reference",
            "kind": "closed list",
            "token_hash": "hash of a random token",
            "expires_at": "decides access",
            "used_at": "decides access",
            "revoked_at": "decides access",
            "created_at": "technical",
            "created_by": "reference",
        }

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class TotpDevice(ThrottlingMixin, Device):
    """A TOTP generator. django-otp keeps seeds in clear; here the seed is sealed under the agent's key."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    subject_id = models.UUIDField("clé", editable=False)
    seed = SealedText(label="partners.totp_device.seed", drawer="content", data_class="credentials")
    last_step = models.BigIntegerField("dernier pas utilisé", default=-1)
    created_at = models.DateTimeField("créé le", auto_now_add=True)

    class Meta:
        verbose_name = "application d’authentification"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "subject_id": "key reference (the agent's id)",
            "user": "reference",
            "name": "fixed word",
            "confirmed": "state",
            "last_step": "replay protection",
            "created_at": "technical",
            "throttling_failure_timestamp": "throttle",
            "throttling_failure_count": "throttle",
        }

    def __str__(self) -> str:
        return f"totp {self.pk}"


class RecoveryCode(models.Model):
    """A single-use recovery code, kept as a salted slow hash."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField("empreinte", max_length=128)
    used_at = models.DateTimeField("utilisé le", null=True, blank=True)

    class Meta:
        verbose_name = "code de secours"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "agent": "reference",
            "code_hash": "salted hash",
            "used_at": "state",
        }

    def __str__(self) -> str:
        return f"recovery code {self.pk}"
