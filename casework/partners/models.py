"""Territories, organisations, agents, mandates: who works here, for whom, from when to when.

Rows say nothing about a followed person. Staff names and addresses are plain: they are
needed to sign in and to send invitations.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django_otp.models import Device, DeviceManager, ThrottlingMixin

from casework.partners import totp
from casework.partners.codes import (
    Formation,
    InvitationKind,
    MandateEnd,
    OrganisationKind,
    Role,
    SeatFunction,
    TerritoryKind,
)
from casework.partners.macs import AuthenticRow, RowMacField, row_is_genuine
from casework.sealing.fields import SealedJSON, SealedText
from casework.sealing.models import SealedRow


def running(now: datetime, prefix: str = "") -> Q:
    """Return the condition that a dated row runs at `now`: its start counts, its end does not."""
    return Q(**{f"{prefix}starts_at__lte": now}) & (
        Q(**{f"{prefix}ends_at__isnull": True}) | Q(**{f"{prefix}ends_at__gt": now})
    )


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


class Agent(AuthenticRow, AbstractBaseUser):
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
    idle_warned_at = models.DateTimeField("prévenu de l’inactivité le", null=True, blank=True)
    revision = models.PositiveIntegerField("révision", default=1)
    # A password, an address or a state written by SQL no longer matches it: nobody signs in with it (T-36).
    mac = RowMacField("empreinte", label="partners.agent", over=("id", "password", "is_active", "email", "revision"))

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
            "idle_warned_at": "staff accountability",
            "revision": "technical",
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"agent {self.pk}"

    def check_password(self, raw_password: str | None) -> bool:
        """Say whether this is the password; a hash of former strength is made again, seal included."""
        return check_password(raw_password, self.password, self._strengthen)

    def _strengthen(self, raw_password: str) -> None:
        with transaction.atomic():
            row = type(self).objects.select_for_update().get(pk=self.pk)
            if row.password != self.password or not row_is_genuine(row):
                return  # changed meanwhile, or by SQL: writing it would seal it
            row.set_password(raw_password)
            row.revision += 1
            row.save(update_fields=["password", "revision"])
        self.password, self.revision, self.mac = row.password, row.revision, row.mac

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

    def live(self, now: datetime) -> MandateQuerySet:
        """Return mandates running at instant `now` (half-open: the end is excluded, CLV-24)."""
        return self.filter(running(now))


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
    # Written by the field itself at each save; a row changed by SQL no longer matches it (T-36).
    mac = RowMacField(
        "empreinte",
        label="partners.mandate",
        over=(
            "id",
            "agent_id",
            "organisation_id",
            "territory_id",
            "role",
            "starts_at",
            "ends_at",
            "charter_signed_at",
            "charter_version",
            "is_service_lead",
            "revision",
        ),
    )

    objects = MandateQuerySet.as_manager()

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

    def runs(self, now: datetime) -> bool:
        """Say whether the mandate runs at `now`; at its very end it no longer does (CLV-24)."""
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at)

    @property
    def label(self) -> str:
        """The service and the role, as the header shows them."""
        service = str(self.organisation)
        function = self.job_title or self.get_role_display()
        return service if function == service else f"{service} – {function}"


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


class CharterSignature(models.Model):
    """Who signed which version of the charter, kept when a later one is adopted (CLV-25, CHA-05)."""

    charter = models.ForeignKey(EthicsCharter, on_delete=models.PROTECT, related_name="signatures")
    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="signatures")
    signed_at = models.DateTimeField("signée le")

    class Meta:
        verbose_name = "signature de la charte"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["charter", "mandate"], name="charter_signed_once")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "charter": "reference",
            "mandate": "reference",
            "signed_at": "staff accountability",
        }

    def __str__(self) -> str:
        return f"charter signature {self.pk}"


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


class GroupRules(AuthenticRow):
    """A version of the group's règlement intérieur; without one in force, no nominative exchange (CLV-06)."""

    group = models.ForeignKey(WatchGroup, on_delete=models.PROTECT, related_name="rules")
    version = models.PositiveIntegerField("version")
    adopted_on = models.DateField("adopté le")
    valid_from = models.DateField("en vigueur du")
    valid_to = models.DateField("au (exclu)", null=True, blank=True)
    who_knows_enabled = models.BooleanField("« Qui connaît ? » autorisé", default=False)
    formation = models.CharField("formation", max_length=20, choices=Formation.choices, default=Formation.BY_CIRCLE)
    dpo_note_on = models.DateField("note du DPO du", null=True, blank=True)
    minimum_presence = models.PositiveSmallIntegerField("présence minimale", null=True, blank=True)
    prosecutor_opinion_required = models.BooleanField("avis préalable du parquet", default=False)
    silence_days = models.PositiveSmallIntegerField("approbation tacite (jours ouvrés)", default=5)
    mac = RowMacField(
        "empreinte",
        label="partners.group_rules",
        over=(
            "group_id", "version", "adopted_on", "valid_from", "valid_to", "who_knows_enabled", "formation", "dpo_note_on",
            "minimum_presence", "prosecutor_opinion_required", "silence_days",
        ),
    )  # fmt: skip

    class Meta:
        verbose_name = "règlement intérieur"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["group", "version"], name="group_rules_version_once"),
            models.CheckConstraint(
                condition=~Q(formation="single") | Q(dpo_note_on__isnull=False),
                name="single_needs_dpo_note",
                violation_error_message="La formation unique demande une note datée du DPO.",
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = dict.fromkeys(
            (
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
            ),
            "rules of the group: a public document",
        ) | {"mac": "authenticity of the row"}

    def __str__(self) -> str:
        return f"règlement v{self.version}"

    def in_force(self, on: date) -> bool:
        """Say whether this version is in force on a day (its last day is excluded, CLV-06)."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


class GroupMembership(AuthenticRow):
    """An organisation sits in a group between two instants (CLV-20, CLV-24)."""

    group = models.ForeignKey(WatchGroup, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin", null=True, blank=True)
    dated_facts_enabled = models.BooleanField("un fait daté par préparation", default=False)
    mac = RowMacField(
        "empreinte",
        label="partners.group_membership",
        over=("group_id", "organisation_id", "starts_at", "ends_at", "dated_facts_enabled"),
    )

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
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"membership {self.pk}"


class Seat(AuthenticRow):
    """Who represents or stands in for a service in a group, named by its lead, for dates."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    membership = models.ForeignKey(GroupMembership, on_delete=models.PROTECT, related_name="seats")
    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="seats")
    function = models.CharField("fonction", max_length=20, choices=SeatFunction.choices)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin", null=True, blank=True)
    named_by = models.UUIDField("désigné par (mandat)", null=True, blank=True)
    mac = RowMacField(
        "empreinte",
        label="partners.seat",
        over=("id", "membership_id", "mandate_id", "function", "starts_at", "ends_at"),
    )

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
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"seat {self.pk}"


class Invitation(AuthenticRow):
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
    mac = RowMacField(
        "empreinte",
        label="partners.invitation",
        over=("id", "agent_id", "kind", "token_hash", "expires_at", "used_at", "revoked_at"),
    )

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
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    def is_open(self, now: datetime) -> bool:
        """Say whether the link still works: not used, not revoked, not expired."""
        return self.used_at is None and self.revoked_at is None and now < self.expires_at


class TotpDevice(AuthenticRow, SealedRow, ThrottlingMixin, Device):
    """A TOTP generator. django-otp keeps seeds in clear; here the seed is sealed under the agent's key."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    subject_id = models.UUIDField("clé", editable=False)
    seed = SealedText(label="partners.totp_device.seed", drawer="content", data_class="credentials")
    last_step = models.BigIntegerField("dernier pas utilisé", default=-1)
    created_at = models.DateTimeField("créé le", auto_now_add=True)
    # The seed has its own authenticity: it opens for this row and this agent only.
    mac = RowMacField(
        "empreinte", label="partners.totp_device", over=("id", "user_id", "subject_id", "confirmed", "last_step")
    )

    objects: ClassVar[DeviceManager] = DeviceManager()

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
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"totp {self.pk}"

    @property
    def persistent_id(self) -> str:
        """Name of this device for django-otp, which reads the part after the bar as an integer."""
        return f"{self._meta.label_lower}/{self.id.int}"

    def get_throttle_factor(self) -> int:
        """Return the wait in seconds after one failure; it doubles with each further one."""
        return 1

    def verify_token(self, token: str) -> bool:
        """Say whether `token` is the code of now, within one step, never used before.

        Call it through `django_otp.verify_token`, which locks the row, inside an open read gate on
        the agent's credentials. Failures slow the next tries down.
        """
        now = timezone.now()
        if not self.verify_is_allowed()[0]:  # type: ignore[no-untyped-call]
            return False
        step = totp.matching_step(self.seed or "", token, now=now, after=self.last_step)
        if step is None:
            self.throttle_increment(commit=False)  # type: ignore[no-untyped-call]
        else:
            self.last_step = step
            self.throttle_reset(commit=False)  # type: ignore[no-untyped-call]
        self.save(update_fields=["last_step", "throttling_failure_timestamp", "throttling_failure_count"])
        return step is not None


class Passkey(AuthenticRow, SealedRow, Device):
    """A security key or a passkey (WebAuthn), beside the phone. Its public key opens under the agent's key only.

    Whoever writes the database cannot make one: `material` does not open for another row nor another agent.
    """

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    subject_id = models.UUIDField("clé", editable=False)
    key_hash = models.CharField("empreinte de l’identifiant", max_length=64, unique=True)
    material = SealedJSON(label="partners.passkey.material", drawer="content", data_class="credentials")
    sign_count = models.PositiveBigIntegerField("compteur de la clé", default=0)
    created_at = models.DateTimeField("ajoutée le", auto_now_add=True)
    used_at = models.DateTimeField("utilisée le", null=True, blank=True)
    mac = RowMacField(
        "empreinte",
        label="partners.passkey",
        over=("id", "user_id", "subject_id", "confirmed", "key_hash", "sign_count"),
    )

    objects: ClassVar[DeviceManager] = DeviceManager()

    class Meta:
        verbose_name = "clé de sécurité"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "subject_id": "key reference (the agent's id)",
            "user": "reference",
            "name": "what the agent calls it",
            "confirmed": "state",
            "key_hash": "keyed hash of a random identifier",
            "sign_count": "replay protection",
            "created_at": "technical",
            "used_at": "staff accountability",
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"passkey {self.pk}"

    @property
    def persistent_id(self) -> str:
        """Name of this device for django-otp, which reads the part after the bar as an integer."""
        return f"{self._meta.label_lower}/{self.id.int}"

    def verify_token(self, token: str) -> bool:
        """Return False: a passkey signs a challenge, it shows no code."""
        return False


class RecoveryCode(AuthenticRow):
    """A single-use recovery code, kept as a salted slow hash."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField("empreinte", max_length=128)
    used_at = models.DateTimeField("utilisé le", null=True, blank=True)
    mac = RowMacField("empreinte", label="partners.recovery_code", over=("agent_id", "code_hash", "used_at"))

    class Meta:
        verbose_name = "code de secours"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "agent": "reference",
            "code_hash": "salted hash",
            "used_at": "state",
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class SignInCounter(models.Model):
    """Failed sign-ins of one account name or one network, under a keyed hash: neither can be read here."""

    key_hash = models.CharField("empreinte", primary_key=True, max_length=64)
    failures = models.PositiveIntegerField("échecs", default=0)
    failed_at = models.DateTimeField("dernier échec le")

    class Meta:
        verbose_name = "échecs de connexion"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "key_hash": "keyed hash of what was typed",
            "failures": "throttle",
            "failed_at": "throttle",
        }

    def __str__(self) -> str:
        return "sign-in counter"


class AgentSession(AbstractBaseSession):
    """A browser session. Its primary key is a keyed hash of the cookie: a stolen row does not sign in (T-45)."""

    agent_id = models.UUIDField("agent", null=True, blank=True, db_index=True)
    started_at = models.DateTimeField("ouverte le")
    seen_at = models.DateTimeField("dernière activité")

    objects: ClassVar[BaseSessionManager[Any]] = BaseSessionManager()

    class Meta:
        verbose_name = "session"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "session_key": "keyed hash of the cookie",
            "session_data": "ids and instants only, sealed",
            "expire_date": "technical",
            "agent_id": "reference",
            "started_at": "staff accountability",
            "seen_at": "staff accountability",
        }

    def __str__(self) -> str:
        return "session"

    def get_decoded(self) -> dict[str, Any]:
        """Return what the session holds."""
        from casework.partners.session_store import opened_body

        return opened_body(self)

    @classmethod
    def get_session_store_class(cls) -> Any:
        """Return our store."""
        from casework.partners.session_store import SessionStore

        return SessionStore
