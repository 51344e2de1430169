"""A security key in a few lines: makes a key pair for a site, signs its challenges, counts (WebAuthn level 2, ES256)."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

ORIGIN = "http://testserver"
PRESENT, ATTESTED = 0x01, 0x40


class Authenticator:
    """One key on one site. `count` starts at 1 and goes up at each signature."""

    def __init__(self, *, origin: str = ORIGIN, rp_id: str = "testserver", counts: bool = True) -> None:
        self.origin, self.rp_id, self.counts = origin, rp_id, counts
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(32)
        self.count = 0

    def create(self, options: str | dict[str, Any]) -> str:
        """Return what a browser sends after `navigator.credentials.create`."""
        asked = json.loads(options) if isinstance(options, str) else options
        numbers = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose
        data = self._authenticator_data(PRESENT | ATTESTED) + attested
        return self._answer(
            "webauthn.create", asked["challenge"],
            attestationObject=bytes_to_base64url(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            transports=["usb"],
        )  # fmt: skip

    def get(self, options: str | dict[str, Any], *, flags: int = PRESENT) -> str:
        """Return what a browser sends after `navigator.credentials.get`."""
        asked = json.loads(options) if isinstance(options, str) else options
        data = self._authenticator_data(flags)
        client = self._client_data("webauthn.get", asked["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            "webauthn.get", asked["challenge"],
            authenticatorData=bytes_to_base64url(data), signature=bytes_to_base64url(signature), userHandle=None,
        )  # fmt: skip

    def _authenticator_data(self, flags: int) -> bytes:
        if self.counts:
            self.count += 1
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        assert base64url_to_bytes(challenge)
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, kind: str, challenge: str, **response: Any) -> str:
        client = bytes_to_base64url(self._client_data(kind, challenge))
        return json.dumps(
            {
                "id": bytes_to_base64url(self.id), "rawId": bytes_to_base64url(self.id), "type": "public-key",
                "response": {"clientDataJSON": client, **response},
            }
        )  # fmt: skip
