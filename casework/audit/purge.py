"""Empty events at their term: content and salt go, rank, leaf and root stay (LOG-02, LOG-09, T-27).

Each batch is one transaction: a `purge` event that states, signed, which rows it empties and up to when, then the
emptying itself. The row at the limit stays until the next purge: its date, which its leaf commits to, proves that
all before it had reached their term. Whoever has no key forges no purge; whoever has it still cannot empty what is
recent.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q, QuerySet, TextField
from django.db.models.functions import Cast

from casework.audit import notes
from casework.audit.append import Entry, append, entry
from casework.audit.codes import Act, Actor
from casework.audit.encoding import microseconds, number, parts
from casework.audit.models import AppendOnlyQuerySet, AuditAuthority, AuditEvent, AuditSubject
from casework.sealing.providers import provider

POLICY = "log09.12.36"
OBJECT_TYPE = "audit.purge"
TERM = timedelta(days=365)
LONG_TERM = timedelta(days=3 * 365)
ARCHIVE = "archive."
"""Begins the reason of the event that opens an archived record: kept for the long term, as all of VIF."""
_BATCH = 5_000
_HEADER = struct.Struct(">Bqqq32s16s16s")  # version, limit, first instant kept, count, digest, asked by, agreed by
_VERSION = 1
_SIGNATURE_SIZE = 64


class NotAuthorised(Exception):
    """No standing agreement of two persons covers this log today."""


@dataclass(frozen=True)
class Statement:
    """What a purge event states: rows below `limit`, older than `before`, `count` of them with this digest."""

    log: str
    limit: int
    before: int
    count: int
    digest: bytes
    asked_by: UUID
    agreed_by: UUID
    signature: bytes = b""

    def message(self) -> bytes:
        """Return what is signed."""
        return parts((b"casework.audit/purge/1", self.log.encode(), self._header()))

    def _header(self) -> bytes:
        return _HEADER.pack(
            _VERSION, self.limit, self.before, self.count, self.digest, self.asked_by.bytes, self.agreed_by.bytes
        )  # fmt: skip

    def signed(self) -> Statement:
        """Return the statement with our signature."""
        return replace(self, signature=provider().sign(self.message()))

    def pack(self) -> bytes:
        """Return what the event keeps."""
        return self._header() + self.signature

    def is_genuine(self) -> bool:
        """Say whether our key signed it for this log, in the name of two persons."""
        return self.asked_by != self.agreed_by and notes.genuine_bytes(self.message(), self.signature)


def unpack(log: str, blob: bytes) -> Statement:
    """Return the statement of a purge event. Raises ValueError."""
    if len(blob) != _HEADER.size + _SIGNATURE_SIZE:
        raise ValueError("not a purge statement")
    version, limit, before, count, digest, asked_by, agreed_by = _HEADER.unpack(blob[: _HEADER.size])
    if version != _VERSION:
        raise ValueError("unknown purge statement")
    return Statement(
        log, limit, before, count, digest, UUID(bytes=asked_by), UUID(bytes=agreed_by), blob[_HEADER.size :]
    )  # fmt: skip


def digest_of(indices: Iterable[int]) -> bytes:
    """Return the digest of the ranks that a purge empties, in ascending order."""
    whole = hashlib.sha256()
    for idx in indices:
        whole.update(number(idx))
    return whole.digest()


def authorise(log: str, *, asked_by: UUID, agreed_by: UUID, starts_at: datetime, ends_at: datetime) -> None:
    """Record the standing agreement of two persons. The caller carries the approval out, in its transaction."""
    if asked_by == agreed_by:
        raise ValueError("two persons are needed")
    AuditAuthority.objects.bulk_create(
        [
            AuditAuthority(
                log=log, policy=POLICY, asked_by=asked_by, agreed_by=agreed_by, starts_at=starts_at, ends_at=ends_at,
                signature=provider().sign(_authority(log, asked_by, agreed_by, starts_at, ends_at)),
            )
        ]
    )  # fmt: skip


def _authority(log: str, asked_by: UUID, agreed_by: UUID, starts_at: datetime, ends_at: datetime) -> bytes:
    return parts(
        (
            b"casework.audit/authority/1", POLICY.encode(), log.encode(), asked_by.bytes, agreed_by.bytes,
            number(microseconds(starts_at)), number(microseconds(ends_at)),
        )
    )  # fmt: skip


def authority(log: str, now: datetime) -> AuditAuthority | None:
    """Return the agreement in force for a log: signed by us, in the name of two persons; None if there is none."""
    rows = AuditAuthority.objects.filter(log=log, policy=POLICY, starts_at__lte=now, ends_at__gt=now).order_by("-id")
    for row in rows:
        message = _authority(row.log, row.asked_by, row.agreed_by, row.starts_at, row.ends_at)
        if row.asked_by != row.agreed_by and notes.genuine_bytes(message, bytes(row.signature)):
            agreed: AuditAuthority = row
            return agreed
    return None


def due(log: str, now: datetime) -> int:
    """Return how many events of a log have reached their term and are still full."""
    limit = _limit(log, now)
    return _expired(log, limit, now).count() if limit is not None else 0


def run(log: str, now: datetime, *, by: Actor) -> int:
    """Empty what has reached its term in one log; return how many events. Resumable: each batch stands alone.

    Raises NotAuthorised when something is due and no two persons agreed.
    """
    emptied = 0
    while done := _batch(log, now, by):
        emptied += done
    return emptied


def _batch(log: str, now: datetime, by: Actor) -> int:
    limit = _limit(log, now)
    if limit is None:
        return 0
    rows = list(_expired(log, limit, now).order_by("idx").values_list("idx", "pk")[:_BATCH])
    if not rows:
        return 0
    agreed = authority(log, now)
    if agreed is None:
        raise NotAuthorised(log)
    indices, keys = [idx for idx, _ in rows], [pk for _, pk in rows]
    statement = Statement(
        log, limit, microseconds(now - TERM), len(rows), digest_of(indices), agreed.asked_by, agreed.agreed_by
    ).signed()  # fmt: skip
    with transaction.atomic(durable=True):
        # The event first, so that the rows name it; the head stays locked for this batch only.
        (idx,) = append([_entry(statement, by)])
        _empty(keys, idx)
    return len(rows)


def _entry(statement: Statement, by: Actor) -> Entry:
    item = entry(
        by, Act.PURGE, territory_id=by.territory_id, module="audit", object_type=OBJECT_TYPE, why=POLICY,
        n=statement.count,
    )  # fmt: skip
    return replace(item, state_digest=statement.pack())


def _empty(keys: Sequence[int], purge_idx: int) -> None:
    rows = AuditEvent.objects.filter(pk__in=keys)
    # Past the refusal of `update`: this is the one change that the triggers let through.
    super(AppendOnlyQuerySet, rows).update(
        ts=None, actor_id=None, org_id=None, mandate_id=None, role="", session_ref="", act="", module="",
        object_type="", object_ref="", subject_refs=b"", classes=[], purpose="", outcome="", why="", n=0,
        request_id="", net_prefix="", columns_version=0, state_digest=b"", salt=None, purged_by=purge_idx,
    )  # fmt: skip
    index = AuditSubject.objects.filter(event_id__in=keys)
    index._raw_delete(index.db)


def _limit(log: str, now: datetime) -> int | None:
    """Return the rank of the last event that has reached its term: it stays, as proof of the age of all before."""
    old = AuditEvent.objects.filter(log=log, ts__lte=now - TERM).aggregate(last=Max("idx"))["last"]
    return None if old is None else int(old)


def _expired(log: str, limit: int, now: datetime) -> QuerySet[AuditEvent]:
    """Return the full rows below the limit whose own term is reached; what purges and restores state stays for good."""
    rows = AuditEvent.objects.filter(log=log, idx__lt=limit, ts__lte=now - TERM).exclude(
        act__in=(Act.PURGE, Act.RESTORE)
    )
    named = Q(why__startswith=ARCHIVE) | Q(module="vif") | Q(_classes__contains='"vif_') | Q(_classes__contains='"tgd')
    full: QuerySet[AuditEvent] = rows.annotate(_classes=Cast("classes", TextField())).exclude(
        named & Q(ts__gt=now - LONG_TERM)
    )
    return full
