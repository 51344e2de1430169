"""The canonical bytes of an event: each part preceded by its length, so that no text plays another (T-29)."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from casework.audit.tree import leaf_hash

VERSION = 1
REF_SIZE = 16
OBJECT_TYPE_SIZE = 120
"""A model's label, or for a miss the pattern of a route."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CODE = re.compile(r"[A-Za-z0-9._:/<>-]*\Z")


def parts(items: Iterable[bytes]) -> bytes:
    """Return the items, each preceded by its length on four bytes."""
    return b"".join(struct.pack(">I", len(item)) + item for item in items)


def number(value: int) -> bytes:
    """Return a signed integer on eight bytes."""
    return struct.pack(">q", value)


def microseconds(moment: datetime) -> int:
    """Return an aware instant as whole microseconds since 1970, without rounding."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_microseconds(value: int) -> datetime:
    """Return the aware instant that many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=value)


def is_code(value: str, limit: int) -> bool:
    """Say whether a string is a short code: letters, digits and a few signs, never prose."""
    return len(value) <= limit and _CODE.match(value) is not None


def code(value: str, limit: int, what: str) -> str:
    """Return `value` as it is. Raises ValueError when it is not a code (LOG-05): prose may hold a name."""
    if not is_code(value, limit):
        raise ValueError(f"{what} must be a code of at most {limit} characters")
    return value


def fold(value: str, limit: int) -> str:
    """Return `value` if it is a code, else a digest of it: what came with a request never blocks an event."""
    if is_code(value, limit):
        return value
    return "~" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """All that an event commits to, in the order of its encoding."""

    v: int
    log: str
    idx: int
    ts: datetime
    actor_id: UUID | None
    org_id: UUID | None
    mandate_id: UUID | None
    role: str
    session_ref: str
    act: str
    module: str
    object_type: str
    object_ref: str
    subject_refs: bytes
    classes: Sequence[str]
    purpose: str
    outcome: str
    why: str
    n: int
    request_id: str
    net_prefix: str
    columns_version: int
    state_digest: bytes
    salt: bytes

    def encode(self) -> bytes:
        """Return the canonical bytes. Two different events never have the same."""
        refs = self.subject_refs
        return parts(
            (
                number(self.v),
                self.log.encode(),
                number(self.idx),
                number(microseconds(self.ts)),
                self.actor_id.bytes if self.actor_id else b"",
                self.org_id.bytes if self.org_id else b"",
                self.mandate_id.bytes if self.mandate_id else b"",
                self.role.encode(),
                self.session_ref.encode(),
                self.act.encode(),
                self.module.encode(),
                self.object_type.encode(),
                self.object_ref.encode(),
                parts(split_refs(refs)),
                parts(name.encode() for name in self.classes),
                self.purpose.encode(),
                self.outcome.encode(),
                self.why.encode(),
                number(self.n),
                self.request_id.encode(),
                self.net_prefix.encode(),
                number(self.columns_version),
                self.state_digest,
                self.salt,
            )
        )

    def leaf(self) -> bytes:
        """Return the leaf hash of the event."""
        return leaf_hash(self.encode())


def split_refs(packed: bytes) -> list[bytes]:
    """Return the 16-byte references packed in an event."""
    return [packed[at : at + REF_SIZE] for at in range(0, len(packed), REF_SIZE)]
