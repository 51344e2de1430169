"""The second factor: the seed is opened under the read gate, for its owner only (MFA-01, MFA-04).

The one place that makes and checks one-time links and recovery codes.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

import django_otp
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password

from casework import audit
from casework.audit import Actor, Purpose
from casework.partners import genuine, totp
from casework.partners.models import Agent, Invitation, RecoveryCode, TotpDevice

INVITATION_LASTS = timedelta(days=7)
RECOVERY_CODES = 8
# Without look-alikes (0 O, 1 I L): copied by hand on a bad day.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CREDENTIALS = "credentials"


@dataclass(frozen=True)
class Enrolment:
    """What the agent's application needs, shown once on their own screen."""

    typed_key: str
    uri: str


def opened(actor: Actor, agent: Agent) -> AbstractContextManager[None]:
    """Open the gate on the agent's own credentials; its event is committed first."""
    return audit.reading(
        actor,
        subjects=[agent.pk],
        classes=[CREDENTIALS],
        purpose=Purpose.ADMINISTRATION,
        module="partners",
        object_type="partners.agent",
        object_ids=[agent.pk],
    )


def enrolment(device: TotpDevice, agent: Agent, actor: Actor) -> Enrolment:
    """Return the key of a device being set up. A confirmed device never shows its key again."""
    if device.confirmed or device.user_id != agent.pk:
        raise ValueError("only one's own new device shows its key")
    with opened(actor, agent):
        seed = device.seed or ""
    issuer = str(settings.OTP_TOTP_ISSUER)
    return Enrolment(typed_key=totp.spaced(seed), uri=totp.uri(seed, account=agent.email, issuer=issuer))


def check_code(device: TotpDevice | None, agent: Agent, typed: str, actor: Actor) -> bool:
    """Say whether `typed` is the code of now on this device, used for the first time (±1 step, throttled)."""
    if device is None:
        return False
    with opened(actor, agent):
        return django_otp.verify_token(agent, device.persistent_id, typed) is not None


def code_wait(device: TotpDevice | None) -> int:
    """Return how many seconds the device asks to wait after failures, 0 if none."""
    if device is None:
        return 0
    allowed, data = device.verify_is_allowed()  # type: ignore[no-untyped-call]
    if allowed or not data:
        return 0
    from django.utils import timezone

    return max(1, int((data["locked_until"] - timezone.now()).total_seconds()) + 1)


def new_token() -> tuple[str, str]:
    """Return a one-time token of 256 bits, and the hash under which it is kept."""
    token = secrets.token_urlsafe(32)
    return token, token_hash(token)


def token_hash(token: str) -> str:
    """Return the hash of a token; the token itself is random enough for a plain one."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_invitation(hashed: str, now: datetime) -> Invitation | None:
    """Return the invitation of this hash if its link still works."""
    found = Invitation.objects.filter(token_hash=hashed).select_related("agent").first()
    if found is None or not found.is_open(now) or not found.agent.is_active:
        return None
    if genuine.checked(found) is None or genuine.checked(found.agent) is None:
        return None
    return found


def new_recovery_codes() -> list[str]:
    """Return fresh codes, « 7KQF2-M9XRD » : 49 bits each."""
    return [
        "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(2)) for _ in range(RECOVERY_CODES)
    ]


def tidy_recovery_code(typed: str) -> str:
    """Return a typed recovery code as it was made: capitals, one dash, no space."""
    signs = "".join(sign for sign in typed.upper() if sign.isalnum())
    return f"{signs[:5]}-{signs[5:]}"


def looks_like_recovery_code(typed: str) -> bool:
    """Say whether a recovery code was typed where the code of the phone was asked: ten signs, not six."""
    return len(tidy_recovery_code(typed)) == 11


def hash_recovery_code(code: str) -> str:
    """Return the salted slow hash kept in the place of a code (PWD-04)."""
    return make_password(code)


def matching_recovery_code(agent: Agent, typed: str) -> RecoveryCode | None:
    """Return the unused code that was typed. Each try costs as many hashes as codes are left."""
    code = tidy_recovery_code(typed)
    if len(code) != 11:
        return None
    for row in genuine.kept(RecoveryCode.objects.filter(agent=agent, used_at=None).order_by("pk")):
        if check_password(code, row.code_hash):
            return row
    return None
