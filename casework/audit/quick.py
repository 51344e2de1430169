"""A quick reading of a stretch of a log, past the ORM: it can only say that all is well.

`verify` walks a log row by row and names what is wrong. That costs fifteen times the hashing, nearly all of it to
make Python values that are encoded at once. Here the columns are encoded as the driver gives them. Anything out of
the ordinary (a gap, an emptied row, a purge, a restore, a wrong leaf, a value that no event has) is not judged: the stretch is
left to the walk, which has the last word.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from casework.audit.codes import UNINDEXED_ACTS, Act
from casework.audit.encoding import REF_SIZE, number, parts, split_refs
from casework.audit.models import AuditEvent, AuditSubject
from casework.audit.tree import Frontier

STRETCH = 1000
BEFORE_ALL = -(1 << 62)  # a rank below zero is no rank: the first stretch must see it
_EVENTS, _SUBJECTS = AuditEvent._meta.db_table, AuditSubject._meta.db_table
_KEPT = 5000
_STATEMENTS = frozenset({Act.PURGE, Act.RESTORE})  # what they state is judged by the walk
_RANK_AND_INSTANT = struct.Struct(">IqIq").pack
_LENGTH = struct.Struct(">I").pack
_LENGTHS = [_LENGTH(length) for length in range(256)]
_SMALL = [parts([number(value)]) for value in range(256)]
_ONE_REF = _LENGTH(4 + REF_SIZE) + _LENGTH(REF_SIZE)
_NO_REF = _LENGTH(0)
# The columns as `Content` orders them, but for the log, which all share; then what the walk looks at.
_PLAIN = (
    "v", "idx", "{ts}", "{actor_id}", "{org_id}", "{mandate_id}", "role", "session_ref", "act", "module", "object_type",
    "object_ref", "subject_refs", "{classes}", "purpose", "outcome", "why", "n", "request_id", "net_prefix",
    "columns_version", "state_digest", "salt", "leaf", "root", "id", "purged_by",
)  # fmt: skip
# Instants as text or as microseconds, the rest as text: what a driver makes of them costs more than their hash.
_CASTS = {
    "sqlite": ("ts || ''", "{}"),
    "postgresql": ("(extract(epoch from ts) * 1000000)::bigint", "{}::text"),
}
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 SQLite keeps UTC without saying so


@dataclass(frozen=True)
class Stretch:
    """A stretch of a log in which all is well: from which rank, the root after each event, their instants (µs)."""

    first: int
    roots: Sequence[bytes]
    instants: Sequence[int]


def read(log: str, frontier: Frontier, limit: int) -> Stretch | None:
    """Read the next events of a log up to rank `limit` and add them to the tree; None leaves the tree as it was.

    None also at the end of the log.
    """
    first = frontier.size
    last = min(first + STRETCH - 1, limit)
    if last < first:
        return None
    try:
        rows = _rows(log, first or BEFORE_ALL, last)
        if len(rows) != last - first + 1:
            return None
        told = _index(log, first, last)
        grown = Frontier(first, frontier.hashes)
        encode, sha256 = _Encoder(log).encode, hashlib.sha256
        instants, leaves = [], []
        for expected, row in enumerate(rows, first):
            idx, ts, act, refs, salt, leaf, _, key, purged_by = row[1], row[2], row[8], row[12], *row[22:]
            if idx != expected or salt is None or ts is None or purged_by is not None or act in _STATEMENTS:
                return None
            if told.get(key, b"") != (b"" if act in UNINDEXED_ACTS else refs):
                return None
            instant, encoded = encode(row)
            hashed = sha256(b"\x00" + encoded).digest()
            if hashed != leaf:
                return None
            instants.append(instant)
            leaves.append(hashed)
        roots = grown.extend(leaves)
        if roots != [row[24] for row in rows]:
            return None
    except (TypeError, ValueError, AttributeError, LookupError, OverflowError, struct.error):
        return None  # a column holds what no event can: the walk says which
    frontier.size, frontier.hashes = grown.size, grown.hashes
    return Stretch(first, roots, instants)


def _rows(log: str, first: int, last: int) -> list[tuple[Any, ...]]:
    instant, text = _CASTS[connection.vendor]
    columns = ", ".join(
        instant if name == "{ts}" else text.format(name[1:-1]) if name.startswith("{") else name for name in _PLAIN
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM {_EVENTS} WHERE log = %s AND idx BETWEEN %s AND %s ORDER BY idx, id",  # noqa: S608 our own table  # nosec B608
            [log, first, last],
        )
        return list(cursor.fetchall())


def _index(log: str, first: int, last: int) -> dict[int, bytes]:
    """Return the references that the index of persons holds for each event, packed as the event packs them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT event_id, subject_ref FROM {_SUBJECTS} WHERE event_id IN"  # noqa: S608 our own tables  # nosec B608
            f" (SELECT id FROM {_EVENTS} WHERE log = %s AND idx BETWEEN %s AND %s) ORDER BY event_id, subject_ref",
            [log, first, last],
        )
        found: dict[int, bytes] = {}
        for key, ref in cursor.fetchall():
            found[key] = found.get(key, b"") + ref
        return found


class _Encoder:
    """The canonical bytes of events of one log, from the columns as the driver gives them (`Content.encode`).

    What few events differ in is encoded once.
    """

    def __init__(self, log: str) -> None:
        self._log = _text(log)
        self._kept: dict[Any, bytes] = {}
        self._instant: Callable[[Any], int] = int if connection.vendor == "postgresql" else _instant

    def encode(self, row: Sequence[Any]) -> tuple[int, bytes]:
        """Return the instant of an event, in microseconds since 1970, and its canonical bytes."""
        v, idx, ts, _, _, _, _, _, _, _, _, object_ref, refs, _, _, _, _, n, request, net, columns, digest, salt, *_ = (
            row
        )
        instant, kept, who, what = self._instant(ts), self._kept, row[3:11], row[13:17]
        try:
            who_bytes, what_bytes = kept[who], kept[what]
        except KeyError:
            if len(kept) > _KEPT:
                kept.clear()
            who_bytes = kept[who] = b"".join([*map(_uuid, who[:3]), *map(_text, who[3:])])
            classes = parts(name.encode() for name in json.loads(what[0]))
            what_bytes = kept[what] = parts([classes]) + b"".join(map(_text, what[1:]))
        object_ref, request, net = object_ref.encode(), request.encode(), net.encode()
        return instant, b"".join(
            (
                _number(v), self._log, _RANK_AND_INSTANT(8, idx, 8, instant), who_bytes,
                _LENGTHS[len(object_ref)], object_ref, _references(refs), what_bytes, _number(n),
                _LENGTHS[len(request)], request, _LENGTHS[len(net)], net, _number(columns),
                _length(digest), digest, _LENGTHS[len(salt)], salt,
            )
        )  # fmt: skip


def _number(value: int) -> bytes:
    """Return a number as `encoding` writes it: nearly all are small."""
    return _SMALL[value] if 0 <= value < 256 else parts([number(value)])


def _length(value: bytes) -> bytes:
    """Return the length before a part that may be long: a purge, an authority."""
    return _LENGTHS[len(value)] if len(value) < 256 else _LENGTH(len(value))


def _references(packed: bytes) -> bytes:
    """Return the references of the persons, encoded; nearly every event has one or none."""
    if len(packed) == REF_SIZE:
        return _ONE_REF + packed
    return parts([parts(split_refs(packed))]) if packed else _NO_REF


def _text(value: str) -> bytes:
    return parts([value.encode()])


def _uuid(value: str | None) -> bytes:
    return parts([bytes.fromhex(value.replace("-", "")) if value else b""])


def _instant(value: str) -> int:
    since = datetime.fromisoformat(value) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
