"""Append events to their logs: the last statements of a transaction (security.md §3.10)."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from casework.audit import refs
from casework.audit.codes import UNINDEXED_ACTS, Act, Actor, log_of
from casework.audit.encoding import OBJECT_TYPE_SIZE, VERSION, Content, code, fold, split_refs
from casework.audit.models import AuditEvent, AuditHead, AuditSubject
from casework.audit.tree import EMPTY_ROOT, Frontier

_SALT_SIZE = 16
_pinned: ContextVar[datetime | None] = ContextVar("audit_clock", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event before it has a place in its log."""

    actor: Actor
    act: Act
    territory_id: UUID | None
    module: str = ""
    object_type: str = ""
    object_ref: str = ""
    subject_refs: bytes = b""
    classes: tuple[str, ...] = ()
    purpose: str = ""
    outcome: str = "ok"
    why: str = ""
    n: int = 0
    columns_version: int = 0
    state_digest: bytes = b""


def entry(
    actor: Actor,
    act: Act,
    *,
    territory_id: UUID | None,
    subjects: frozenset[UUID] = frozenset(),
    subject_refs: Sequence[bytes] = (),
    classes: frozenset[str] = frozenset(),
    module: str = "",
    object_type: str = "",
    object_ref: str = "",
    purpose: str = "",
    outcome: str = "ok",
    why: str = "",
    n: int = 0,
) -> Entry:
    """Return an event ready to be appended: `subjects`, or their references where the caller has them already.

    Raises ValueError when a code is prose (LOG-05).
    """
    packed = subject_refs or refs.subject_bytes(subjects)
    return Entry(
        actor=actor,
        act=act,
        territory_id=territory_id,
        module=code(module, 30, "module"),
        object_type=fold(object_type, OBJECT_TYPE_SIZE),
        object_ref=object_ref,
        subject_refs=b"".join(packed),
        classes=tuple(sorted(code(str(name), 60, "class") for name in classes)),
        purpose=str(purpose),
        outcome=code(outcome, 20, "outcome"),
        why=code(why, 60, "why"),
        n=n or len(packed),
    )


def clock() -> datetime:
    """Return the time written in events: the server's, whatever the caller says (T-30)."""
    return _pinned.get() or timezone.now()


@contextmanager
def pinned_clock(moment: datetime) -> Iterator[None]:
    """Write events at `moment`: only for the fictitious town and tests. Raises RuntimeError in production."""
    if settings.IS_PRODUCTION:
        raise RuntimeError("the clock of the journal cannot be set in production")
    token = _pinned.set(moment)
    try:
        yield
    finally:
        _pinned.reset(token)


def append(entries: Sequence[Entry]) -> list[AuditEvent]:
    """Append events, in their order, to the log of each one's territory.

    Must run inside a transaction, as its last statements: the heads are locked here, in ascending order, and
    stay locked until the commit. Raises RuntimeError outside a transaction; a database error leaves nothing.
    """
    if not entries:
        return []
    if not connection.in_atomic_block:
        raise RuntimeError("events are appended inside a transaction")
    by_log: dict[str, list[Entry]] = defaultdict(list)
    for item in entries:
        by_log[log_of(item.territory_id)].append(item)
    heads = _locked_heads(sorted(by_log))
    moment = clock()
    events: list[AuditEvent] = []
    for log in sorted(by_log):
        head = heads[log]
        frontier = Frontier.unpack(head.size, bytes(head.frontier))
        events.extend(_event(log, frontier, item, moment) for item in by_log[log])
        head.size, head.frontier, head.root = frontier.size, frontier.pack(), frontier.root()
    AuditEvent.objects.bulk_create(events, batch_size=500)
    _index(
        [
            (event.pk, ref)
            for event in events
            if event.act not in UNINDEXED_ACTS
            for ref in split_refs(bytes(event.subject_refs))
        ]
    )
    for head in heads.values():
        head.save(update_fields=["size", "frontier", "root"])
    return events


def _index(rows: list[tuple[int, bytes]]) -> None:
    """Write which persons each event is about, past the ORM: a list tells fifty of them before it may show one."""
    if not rows:
        return
    table = AuditSubject._meta.db_table
    with connection.cursor() as cursor:
        for at in range(0, len(rows), 400):  # two values a row: under the limit of any SQLite
            part = rows[at : at + 400]
            values = ", ".join(["(%s, %s)"] * len(part))
            cursor.execute(
                f"INSERT INTO {table} (event_id, subject_ref) VALUES {values}",  # noqa: S608 our own table, values apart  # nosec B608
                [value for row in part for value in row],
            )


def _locked_heads(logs: Sequence[str]) -> dict[str, AuditHead]:
    """Return the heads of these logs, locked in ascending order; the first event of a log makes its head."""
    found = _lock(logs)
    if len(found) < len(logs):
        AuditHead.objects.bulk_create(
            [AuditHead(log=log, size=0, frontier=b"", root=EMPTY_ROOT) for log in logs if log not in found],
            ignore_conflicts=True,
        )
        found = _lock(logs)
    return found


def _lock(logs: Sequence[str]) -> dict[str, AuditHead]:
    return {head.log: head for head in AuditHead.objects.select_for_update().filter(log__in=logs).order_by("log")}


def _event(log: str, frontier: Frontier, item: Entry, moment: datetime) -> AuditEvent:
    """Return the row of one event at the next place of its log, with its leaf and the root after it."""
    actor = item.actor
    content = Content(
        v=VERSION,
        log=log,
        idx=frontier.size,
        ts=moment,
        actor_id=actor.agent_id,
        org_id=actor.organisation_id,
        mandate_id=actor.mandate_id,
        role=fold(str(actor.role), 30),
        session_ref=fold(actor.session_ref, 64),
        act=item.act.value,
        module=item.module,
        object_type=item.object_type,
        object_ref=item.object_ref,
        subject_refs=item.subject_refs,
        classes=list(item.classes),
        purpose=item.purpose,
        outcome=item.outcome,
        why=item.why,
        n=item.n,
        request_id=fold(actor.request_id, 64),
        net_prefix=fold(actor.net_prefix, 50),
        columns_version=item.columns_version,
        state_digest=item.state_digest,
        salt=secrets.token_bytes(_SALT_SIZE),
    )
    leaf = content.leaf()
    root = frontier.append(leaf)
    return AuditEvent(leaf=leaf, root=root, **{name: getattr(content, name) for name in Content.__dataclass_fields__})
