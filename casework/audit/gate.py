"""The read gate: nothing is opened without being written down first (design.md §2, rule 3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from casework.audit import journal, refs
from casework.audit.append import append, clock, entry
from casework.audit.codes import (
    COVERED_ACTS,
    OPENING_ACTS,
    SITTING_PURPOSES,
    Act,
    Actor,
    Purpose,
)
from casework.audit.encoding import REF_SIZE, fold
from casework.audit.models import AuditEvent
from casework.errors import TooManyReads
from casework.sealing import gate as sealing_gate

COVER = timedelta(minutes=15)
BROWSING = timedelta(minutes=10)
_CLOCK_TOLERANCE = timedelta(seconds=2)
_KEPT = 300
_MARGIN = 40


@dataclass(frozen=True)
class _Told:
    """A read under way: its event is committed, its gate is open."""

    actor: Actor
    act: Act
    purpose: Purpose
    subjects: frozenset[UUID]
    classes: frozenset[str]


_under_way: ContextVar[tuple[_Told, ...]] = ContextVar("casework_reads_under_way", default=())


@contextmanager
def reading(
    actor: Actor,
    *,
    subjects: Iterable[UUID],
    classes: Iterable[str],
    purpose: Purpose,
    act: Act = Act.VIEW,
    module: str = "minors",
    object_type: str = "",
    object_ids: Iterable[UUID] = (),
    territory_id: UUID | None = None,
) -> Iterator[None]:
    """Commit the event of a read, then open the sealing gate on these subjects and classes.

    A committed event of the same session, agent, mandate, purpose and act, of the last fifteen minutes, on
    at least these subjects and classes, covers the read: no second event. Exports, prints and reveals are
    never covered; an empty list tells nothing. A read inside another one of the same actor, purpose and act, on
    no more subjects nor classes, is part of it: it stands in the same gate. Raises TooManyReads (T-44);
    RuntimeError inside a transaction, whose rollback would take the event away; any error of the database leaves
    the gate closed (T-23).
    """
    wanted, names = frozenset(subjects), frozenset(str(name) for name in classes)
    _refuse_inside_transaction()
    if wanted and _is_part_of_another(actor, wanted, names, purpose, act):
        yield
        return
    packed = refs.subject_bytes(wanted)
    lately = _lately(actor) if wanted else []
    told = _covered(lately, actor, packed, names, purpose, act) if wanted else act in COVERED_ACTS
    if not told:
        ids = tuple(object_ids)
        item = entry(
            actor,
            act,
            territory_id=territory_id or actor.territory_id,
            subject_refs=packed,
            classes=names,
            module=module,
            object_type=object_type,
            object_ref=refs.object_ref(object_type, ids[0]) if len(ids) == 1 else "",
            purpose=purpose.value,
        )
        with transaction.atomic(durable=True):
            append([item])
            _refuse_browsing(actor, wanted, act, purpose, lately)
    token = _under_way.set((*_under_way.get(), _Told(actor, act, purpose, wanted, names)))
    try:
        with sealing_gate.opened(sealing_gate.Gate(subjects=wanted, classes=names, purpose=purpose.value)):
            yield
    finally:
        _under_way.reset(token)


@dataclass(frozen=True)
class _Event:
    """What a committed event of this agent, a few minutes old, told."""

    session_ref: str
    mandate_id: UUID | None
    act: str
    purpose: str
    n: int
    subject_refs: bytes
    classes: frozenset[str]
    ts: datetime


def _lately(actor: Actor) -> list[_Event]:
    """Return what this agent did in the last fifteen minutes, last first: one query for cover and cap."""
    if actor.agent_id is None:
        return []
    now = clock()
    rows = AuditEvent.objects.filter(
        actor_id=actor.agent_id, ts__gt=now - COVER, ts__lte=now + _CLOCK_TOLERANCE, outcome="ok"
    ).exclude(act=Act.ROW)
    columns = ("session_ref", "mandate_id", "act", "purpose", "n", "subject_refs", "classes", "ts")
    return [
        _Event(session, mandate, act, purpose, n, bytes(refs_), frozenset(classes), ts)
        for session, mandate, act, purpose, n, refs_, classes, ts in rows.order_by("-ts").values_list(*columns)[:_KEPT]
    ]


def _refuse_browsing(
    actor: Actor, wanted: frozenset[UUID], act: Act, purpose: Purpose, lately: Sequence[_Event]
) -> None:
    """Raise TooManyReads at one file too many in ten minutes, meetings apart (T-44).

    Counted under the lock of the head, that the event just appended holds: requests side by side wait for one
    another. Far below the cap, what was read before the lock is enough: the margin is more than the requests that
    a server answers at once. The refusal takes the event away, and is written down by whoever answers the request.
    """
    if actor.agent_id is None or act not in OPENING_ACTS or purpose.value in SITTING_PURPOSES:
        return
    if not 0 < len(wanted) <= journal.ONE_FILE:
        return
    since = clock() - BROWSING
    seen = {
        event.subject_refs[at : at + REF_SIZE]
        for event in lately
        if event.act in OPENING_ACTS and event.n <= journal.ONE_FILE and event.ts > since
        for at in range(0, len(event.subject_refs), REF_SIZE)
    }
    if len(seen) + len(wanted) <= settings.READ_CAP - _MARGIN:
        return
    if journal.opened_lately(actor.agent_id, clock(), BROWSING) > settings.READ_CAP:
        raise TooManyReads(
            f"Vous avez ouvert {settings.READ_CAP} fiches différentes en dix minutes : c’est la limite. "
            "Reprenez dans quelques minutes. Le délégué à la protection des données en est informé."
        )


def _is_part_of_another(
    actor: Actor, wanted: frozenset[UUID], names: frozenset[str], purpose: Purpose, act: Act
) -> bool:
    """Say whether a read under way in this very call already tells and opens all this."""
    return act in COVERED_ACTS and any(
        (told.actor, told.act, told.purpose) == (actor, act, purpose)
        and wanted <= told.subjects
        and names <= told.classes
        for told in _under_way.get()
    )


def _refuse_inside_transaction() -> None:
    """Raise RuntimeError inside an atomic block, that of a test case apart (as Django's `durable` does)."""
    if connection.atomic_blocks and not getattr(connection.atomic_blocks[-1], "_from_testcase", False):
        raise RuntimeError("a read gate cannot be opened inside a transaction")


def _covered(
    lately: Sequence[_Event], actor: Actor, packed: list[bytes], names: frozenset[str], purpose: Purpose, act: Act
) -> bool:
    """Say whether a committed event of the last fifteen minutes already tells this read."""
    if act not in COVERED_ACTS or actor.agent_id is None or not actor.session_ref:
        return False
    mine = (fold(actor.session_ref, 64), actor.mandate_id, act.value, purpose.value)
    return any(
        names <= event.classes and _holds(event.subject_refs, packed)
        for event in lately
        if (event.session_ref, event.mandate_id, event.act, event.purpose) == mine
    )


def _holds(blob: bytes, wanted: list[bytes]) -> bool:
    """Say whether the references packed in an event include all the wanted ones."""
    if len(blob) < len(wanted) * REF_SIZE:
        return False
    return frozenset(wanted) <= {blob[at : at + REF_SIZE] for at in range(0, len(blob), REF_SIZE)}
