"""Who works here, for whom, from when to when. Staff names and addresses are plain: they are needed to sign in and to invite."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.db import models, transaction
from django.db.models import F, Q

from casework.partners.codes import (
    MandateEnd,
    Role,
)
from casework.partners.macs import AuthenticRow, RowMacField, row_is_genuine
from casework.partners.models.places import Organisation, Territory


def running(now: datetime, prefix: str = "") -> Q:
    """Return the condition that a dated row runs at `now`: its start counts, its end does not."""
    return Q(**{f"{prefix}starts_at__lte": now}) & (
        Q(**{f"{prefix}ends_at__isnull": True}) | Q(**{f"{prefix}ends_at__gt": now})
    )


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
