"""Append events to their logs: the last statements of a transaction (security.md §3.10)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import DateTimeField, JSONField, UUIDField
from django.utils import timezone

from casework.audit import refs
from casework.audit.codes import UNINDEXED_ACTS, Act, Actor, log_of
from casework.audit.encoding import OBJECT_TYPE_SIZE, VERSION, Content, code, fold, split_refs
from casework.audit.models import AuditEvent, AuditHead, AuditSubject
from casework.audit.tree import EMPTY_ROOT, Frontier

_SALT_SIZE = 16
_PARAMETERS = 30_000
"""In one statement: under the limits of SQLite (32 766) and PostgreSQL (65 535)."""
_EVENTS, _SUBJECTS, _HEADS = (model._meta.db_table for model in (AuditEvent, AuditSubject, AuditHead))
_COLUMNS = (*Content.__dataclass_fields__, "leaf", "root")
_ADAPTED = [
    (at, field)
    for at, field in enumerate(AuditEvent._meta.get_field(name) for name in Content.__dataclass_fields__)
    if isinstance(field, UUIDField | DateTimeField | JSONField)
]
"""The columns that each driver writes in its own way; numbers, texts and bytes are written as they are."""
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


def is_pinned() -> bool:
    """Say whether events are written at another time than the server's: the fictitious town tells its past."""
    return _pinned.get() is not None


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


def append(entries: Sequence[Entry]) -> list[int]:
    """Append events, in their order, to the log of each one's territory; return the rank each one took there.

    Must run inside a transaction, as its last statements: the heads are locked here, in ascending order, and
    stay locked until the commit. Raises RuntimeError outside a transaction; a database error leaves nothing.
    """
    if not entries:
        return []
    if not connection.in_atomic_block:
        raise RuntimeError("events are appended inside a transaction")
    frontiers = _locked_frontiers(sorted({log_of(item.territory_id) for item in entries}))
    moment = clock()
    ranks, rows, told = [], [], []
    for item in entries:
        log = log_of(item.territory_id)
        content = _content(log, frontiers[log].size, item, moment)
        ranks.append(content.idx)
        rows.append(_values(content, frontiers[log]))
        if item.act not in UNINDEXED_ACTS:
            told += [(log, content.idx, ref) for ref in split_refs(item.subject_refs)]
    _send([*_events(rows), *_subjects(told), *_heads(frontiers)])
    return ranks


def _send(statements: Sequence[tuple[str, list[Any]]]) -> None:
    """Carry out statements past the ORM, in one go where the driver can: the head of the log waits meanwhile."""
    if connection.vendor == "postgresql":
        statements = [("; ".join(sql for sql, _ in statements), [value for _, given in statements for value in given])]
    with connection.cursor() as cursor:
        for sql, given in statements:
            cursor.execute(sql, given)


def _events(rows: Sequence[list[Any]]) -> Iterator[tuple[str, list[Any]]]:
    """Yield the statements that write events."""
    yield from _values_in(f"INSERT INTO {_EVENTS} ({', '.join(_COLUMNS)}) %s", rows)


def _subjects(rows: Sequence[tuple[str, int, bytes]]) -> Iterator[tuple[str, list[Any]]]:
    """Yield the statements that write which persons each event is about: (log, rank, reference)."""
    yield from _values_in(
        f"INSERT INTO {_SUBJECTS} (event_id, subject_ref) SELECT event.id, told.column3 FROM (%s) AS told"  # noqa: S608 our own tables, values apart  # nosec B608
        f" JOIN {_EVENTS} AS event ON event.log = told.column1 AND event.idx = told.column2",
        rows,
    )


def _values_in(sql: str, rows: Sequence[Sequence[Any]]) -> Iterator[tuple[str, list[Any]]]:
    """Yield `sql` with as many rows of VALUES as a statement takes."""
    step = _PARAMETERS // len(rows[0]) if rows else 1
    for at in range(0, len(rows), step):
        part = rows[at : at + step]
        places = f"({', '.join(['%s'] * len(part[0]))})"
        yield (
            sql.replace("%s", f"VALUES {', '.join([places] * len(part))}", 1),
            [value for row in part for value in row],
        )


def _heads(frontiers: Mapping[str, Frontier]) -> Iterator[tuple[str, list[Any]]]:
    """Yield the statements that move the heads on."""
    for log, frontier in frontiers.items():
        yield (
            f"UPDATE {_HEADS} SET size = %s, frontier = %s, root = %s WHERE log = %s",  # noqa: S608 our own table  # nosec B608
            [frontier.size, frontier.pack(), frontier.root(), log],
        )


def _locked_frontiers(logs: Sequence[str]) -> dict[str, Frontier]:
    """Return the trees of these logs, heads locked in ascending order; the first event of a log makes its head."""
    found = _lock(logs)
    if len(found) < len(logs):
        AuditHead.objects.bulk_create(
            [AuditHead(log=log, size=0, frontier=b"", root=EMPTY_ROOT) for log in logs if log not in found],
            ignore_conflicts=True,
        )
        found = _lock(logs)
    return found


def _lock(logs: Sequence[str]) -> dict[str, Frontier]:
    hold = " FOR UPDATE" if connection.features.has_select_for_update else ""  # SQLite: its one writer holds all
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT log, size, frontier FROM {_HEADS} WHERE log IN ({', '.join(['%s'] * len(logs))})"  # noqa: S608 our own table  # nosec B608
            f" ORDER BY log{hold}",
            list(logs),
        )
        return {log: Frontier.unpack(size, bytes(packed)) for log, size, packed in cursor.fetchall()}


def _content(log: str, idx: int, item: Entry, moment: datetime) -> Content:
    """Return what one event says, at its place in its log."""
    actor = item.actor
    return Content(
        v=VERSION,
        log=log,
        idx=idx,
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


def _values(content: Content, frontier: Frontier) -> list[Any]:
    """Add an event to the tree; return its stored columns, with its leaf and the root after it."""
    leaf = content.leaf()
    root = frontier.append(leaf)
    values = [getattr(content, name) for name in Content.__dataclass_fields__]
    for at, field in _ADAPTED:
        values[at] = field.get_db_prep_save(values[at], connection)
    return [*values, leaf, root]
