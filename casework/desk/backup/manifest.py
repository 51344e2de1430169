"""What a copy says of itself, signed by the installation and sealed at the end of its box.

Numbers and hashes only: no name, no value. The signature is what tells a copy from one that anybody could encrypt to
the same public key.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from casework.audit import notes
from casework.desk.backup.refusals import BackupRefused
from casework.sealing.providers import provider

_CONTEXT: Final = b"casework/backup/manifest/v1\n"
_SIGNATURE: Final = 64
_LENGTH: Final = 4
FORMAT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """One copy: which, of what, with how many rows, and the state of the journal in it."""

    copy: str
    kind: str
    made_at: str
    release: str
    engine: str
    sha256: str
    size: int
    migrations: list[str]
    tables: dict[str, int]
    logs: list[list[Any]] = field(default_factory=list)
    """[log, size, root in hex] for each log, smallest name first; data only."""

    @property
    def moment(self) -> datetime:
        """When the copy was made."""
        return datetime.strptime(self.made_at, FORMAT).replace(tzinfo=UTC)


def pack(manifest: Manifest) -> bytes:
    """Return the manifest, its signature, and the length that lets it be found from the end."""
    body = json.dumps(asdict(manifest), sort_keys=True).encode()
    return body + provider().sign(_CONTEXT + body) + len(body).to_bytes(_LENGTH, "big")


def unpack(tail: bytes) -> tuple[Manifest, int]:
    """Return the manifest at the end of some bytes, and its whole length. Raises BackupRefused damaged or forged."""
    size = int.from_bytes(tail[-_LENGTH:], "big")
    whole = size + _SIGNATURE + _LENGTH
    if size == 0 or whole > len(tail):
        raise BackupRefused("damaged")
    body = tail[-whole : -whole + size]
    signature = tail[-whole + size : -_LENGTH]
    if not notes.genuine_bytes(_CONTEXT + body, signature):
        raise BackupRefused("forged")
    try:
        return Manifest(**json.loads(body)), whole
    except (TypeError, ValueError):
        raise BackupRefused("damaged") from None
