"""How an agent comes in: invitation, second factors, recovery codes, failures counted, sessions."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone
from django_otp.models import Device, DeviceManager, ThrottlingMixin

from casework.partners import totp
from casework.partners.codes import (
    InvitationKind,
)
from casework.partners.macs import AuthenticRow, RowMacField
from casework.partners.models.agents import Agent
from casework.sealing.fields import SealedJSON, SealedText
from casework.sealing.models import SealedRow


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
        if not self.verify_is_allowed()[0]:  # type: ignore[no-untyped-call]  # django-otp has no types
            return False
        step = totp.matching_step(self.seed or "", token, now=now, after=self.last_step)
        if step is None:
            self.throttle_increment(commit=False)  # type: ignore[no-untyped-call]  # django-otp has no types
        else:
            self.last_step = step
            self.throttle_reset(commit=False)  # type: ignore[no-untyped-call]  # django-otp has no types
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
