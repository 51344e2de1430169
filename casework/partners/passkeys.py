"""Security keys and passkeys (WebAuthn): the challenge, what a browser must answer, what is kept of it.

A passkey is a second factor here, always after the password, and proves possession alone: the finger or the face that
some devices ask for is neither required nor known to us (MFA-01, MFA-03).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import webauthn
from django.conf import settings
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from casework.errors import InputRefused
from casework.partners.models import Agent, Passkey
from casework.sealing.keys import system_key

PATIENCE_MS = 120_000
LONGEST_ANSWER = 20_000
UNREADABLE = "La clé n’a pas répondu comme attendu. Réessayez, ou servez-vous du code de votre téléphone."


@dataclass(frozen=True)
class Material:
    """What a key gave when it was added: enough to check what it signs, nothing that signs."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what is sealed."""
        return {
            "id": bytes_to_base64url(self.credential_id),
            "key": bytes_to_base64url(self.public_key),
            "transports": list(self.transports),
        }


def material_of(passkey: Passkey) -> Material:
    """Return what is kept of a key. Inside an open read gate on the agent's credentials."""
    kept = passkey.material
    return Material(
        credential_id=base64url_to_bytes(kept["id"]),
        public_key=base64url_to_bytes(kept["key"]),
        sign_count=passkey.sign_count,
        transports=tuple(kept["transports"]),
    )


def key_hash(credential_id: bytes) -> str:
    """Return the name under which a key is found: keyed, since the same key may serve on other sites."""
    return hmac.digest(system_key("partners.passkey"), credential_id, "sha256").hex()


def creation_options(agent: Agent, held: Iterable[Material], *, origin: str, challenge: bytes) -> str:
    """Return what the browser is asked to make, in JSON; a key already there is not added twice."""
    options = webauthn.generate_registration_options(
        rp_id=_rp_id(origin),
        rp_name=str(settings.OTP_TOTP_ISSUER),
        user_name=agent.email,
        user_display_name=agent.full_name,
        user_id=hmac.digest(system_key("partners.passkey"), b"handle" + agent.pk.bytes, "sha256"),
        challenge=challenge,
        timeout=PATIENCE_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.DISCOURAGED,
        ),
        exclude_credentials=_described(held),
    )
    return options_to_json(options)


def request_options(held: Iterable[Material], *, origin: str, challenge: bytes) -> str:
    """Return what the browser is asked to sign, in JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=_rp_id(origin),
        challenge=challenge,
        timeout=PATIENCE_MS,
        allow_credentials=_described(held),
        user_verification=UserVerificationRequirement.DISCOURAGED,
    )
    return options_to_json(options)


def challenge_in(answer: str) -> str:
    """Return the challenge that a browser's answer says it signed, "" if it cannot be read. Proves nothing by itself."""
    try:
        client_data = json.loads(base64url_to_bytes(json.loads(answer)["response"]["clientDataJSON"]))
        return str(client_data["challenge"]) if len(answer) <= LONGEST_ANSWER else ""
    except (ValueError, KeyError, TypeError):
        return ""


def credential_id_in(answer: str) -> bytes:
    """Return the identifier of the key that answered, b"" if it cannot be read."""
    try:
        return base64url_to_bytes(str(json.loads(answer)["rawId"]))
    except (ValueError, KeyError, TypeError):
        return b""


def registered(answer: str, *, origin: str, challenge: bytes) -> Material:
    """Return the new key that signed `challenge` for this site. Raises InputRefused."""
    try:
        found = webauthn.verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=_rp_id(origin), expected_origin=origin
        )
        transports = json.loads(answer)["response"].get("transports") or []
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError):
        raise InputRefused(UNREADABLE) from None
    known = {each.value for each in AuthenticatorTransport}
    return Material(
        credential_id=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        transports=tuple(each for each in transports if each in known),
    )


def verified(answer: str, material: Material, *, origin: str, challenge: bytes) -> int | None:
    """Return the new counter of the key if it signed `challenge` for this site, None otherwise.

    A counter that does not go up is a copied key: refused.
    """
    try:
        return webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_rp_id(origin),
            expected_origin=origin,
            credential_public_key=material.public_key,
            credential_current_sign_count=material.sign_count,
        ).new_sign_count
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError):
        return None


def _described(held: Iterable[Material]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=each.credential_id, transports=[AuthenticatorTransport(name) for name in each.transports]
        )
        for each in held
    ]


def _rp_id(origin: str) -> str:
    return urlsplit(origin).hostname or ""
