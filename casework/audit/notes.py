"""Signed checkpoints as text: C2SP tlog-checkpoint in a C2SP signed note, one language for server, witness and paper.

casework.audit/<log>
<size>
<base64 root>
date 2026-12-08T15:00:00Z

— casework.audit <base64 of 4 bytes of key hash, then the Ed25519 signature of the lines above>
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from casework.audit.tree import HASH_SIZE
from casework.sealing.providers import provider

ORIGIN = "casework.audit/"
KEY_NAME = "casework.audit"
DASH = "\N{EM DASH} "
DATE = "date "
FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_ED25519 = b"\x01"


class BadCheckpoint(ValueError):
    """A checkpoint file cannot be read as such."""


@dataclass(frozen=True)
class Checkpoint:
    """What a log was at one moment, kept outside: C2SP text of origin, size and base64 root."""

    log: str
    size: int
    root: bytes
    signed_at: datetime | None = None
    signatures: tuple[str, ...] = ()

    def text(self) -> str:
        """Return the lines that are signed; without a date, the three to keep."""
        date = f"{DATE}{self.signed_at.astimezone(UTC).strftime(FORMAT)}\n" if self.signed_at else ""
        return f"{self.paper()}{date}"

    def paper(self) -> str:
        """Return origin, size and root: what a QR code says."""
        return f"{ORIGIN}{self.log}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    def note(self) -> str:
        """Return the text and its signatures."""
        return f"{self.text()}\n" + "".join(f"{DASH}{line}\n" for line in self.signatures)


def key_line() -> str:
    """Return the public key as a C2SP verifier key, the line that a witness keeps."""
    public = provider().public_key()
    return f"{KEY_NAME}+{_key_hash(public).hex()}+{base64.b64encode(_ED25519 + public).decode()}"


def _key_hash(public: bytes) -> bytes:
    return hashlib.sha256(KEY_NAME.encode() + b"\n" + _ED25519 + public).digest()[:4]


def sign(log: str, size: int, root: bytes, signed_at: datetime) -> Checkpoint:
    """Return a signed checkpoint. The caller has checked that it continues the one before."""
    moment = signed_at.astimezone(UTC).replace(microsecond=0)
    unsigned = Checkpoint(log, size, root, moment)
    return Checkpoint(log, size, root, moment, (signature_of(unsigned.text()),))


def signature_of(text: str) -> str:
    """Return our signature of some lines, as a signed note writes it."""
    signature = _key_hash(provider().public_key()) + provider().sign(text.encode())
    return f"{KEY_NAME} {base64.b64encode(signature).decode()}"


def claims_our_key(checkpoint: Checkpoint) -> bool:
    """Say whether a signature bears the name of our key; witnesses may add theirs."""
    return any(line.startswith(f"{KEY_NAME} ") for line in checkpoint.signatures)


def is_genuine(checkpoint: Checkpoint) -> bool:
    """Say whether our own key signed this checkpoint."""
    return is_signed(checkpoint.text(), checkpoint.signatures)


def is_signed(text: str, signatures: Iterable[str]) -> bool:
    """Say whether one of these signatures of some lines is ours."""
    public = provider().public_key()
    for line in signatures:
        name, _, encoded = line.partition(" ")
        try:
            blob = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error):
            continue
        if name == KEY_NAME and blob[:4] == _key_hash(public):
            return genuine_bytes(text.encode(), blob[4:])
    return False


def genuine_bytes(message: bytes, signature: bytes) -> bool:
    """Say whether our own key signed these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(provider().public_key()).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def parse_checkpoints(text: str) -> list[Checkpoint]:
    """Return the checkpoints of a file, signed or not. Raises BadCheckpoint when a block is not one."""
    found: list[Checkpoint] = []
    block: list[str] = []
    for line in (*(raw.strip() for raw in text.splitlines()), ""):
        if line.startswith(DASH.strip()):
            if not found or block:
                raise BadCheckpoint("unreadable checkpoint")
            last = found.pop()
            signature = line.removeprefix(DASH.strip()).strip()
            found.append(Checkpoint(last.log, last.size, last.root, last.signed_at, (*last.signatures, signature)))
        elif line.startswith(ORIGIN) and block:
            found.append(_parse(block))
            block = [line]
        elif line:
            block.append(line)
        elif block:
            found.append(_parse(block))
            block = []
    return found


def _parse(block: list[str]) -> Checkpoint:
    try:
        size, root = int(block[1]), base64.b64decode(block[2], validate=True)
        dates = [line.removeprefix(DATE) for line in block[3:] if line.startswith(DATE)]
        signed_at = datetime.strptime(dates[0], FORMAT).replace(tzinfo=UTC) if dates else None
    except (IndexError, ValueError, binascii.Error) as error:
        raise BadCheckpoint("unreadable checkpoint") from error
    if not block[0].startswith(ORIGIN) or size < 0 or len(root) != HASH_SIZE or len(block) > 3 + len(dates):
        raise BadCheckpoint("unreadable checkpoint")
    return Checkpoint(block[0].removeprefix(ORIGIN), size, root, signed_at)
