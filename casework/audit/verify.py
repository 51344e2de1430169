"""Verify the journal: say « ok », or the first bad index of each log (security.md §3.10).

Reads every event in order, recomputes its leaf and the root after it, then compares the head, the index of
persons and the checkpoints kept elsewhere. A log that was rebuilt from end to end, head included, is only
betrayed by a checkpoint: that is what `--since` is for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Protocol

from django.apps import apps
from django.db.models import Model

from casework.audit import digests, quick, refs
from casework.audit.codes import UNINDEXED_ACTS, Act
from casework.audit.encoding import from_microseconds, microseconds, number
from casework.audit.forks import Declaration
from casework.audit.models import AuditEvent, AuditHead, AuditSubject
from casework.audit.notes import BadCheckpoint, Checkpoint, parse_checkpoints
from casework.audit.purge import TERM, Statement, unpack
from casework.audit.tree import EMPTY_ROOT, Frontier

__all__ = ["BadCheckpoint", "Checkpoint", "Fault", "Report", "RowFault", "parse_checkpoints", "verify", "verify_all"]

_CHUNK = quick.STRETCH
_BACKWARDS = timedelta(seconds=2)
_BACKWARDS_US = 2_000_000
_SLACK = 60_000_000  # a job decides at one instant and writes a moment later


class _Hash(Protocol):
    """What hashlib returns."""

    def update(self, data: bytes, /) -> None:
        """Add bytes."""

    def digest(self) -> bytes:
        """Return the hash so far."""


class Unreadable(Exception):
    """A row holds what no event can; `idx` is where."""

    def __init__(self, idx: int) -> None:
        super().__init__(idx)
        self.idx = idx


@dataclass(frozen=True)
class Fault:
    """What is wrong, where: a code and the first bad index."""

    code: str
    idx: int


@dataclass
class _Emptied:
    """The rows that name one purge: how many, which, from where to where."""

    count: int = 0
    ranks: _Hash = field(default_factory=hashlib.sha256)
    first: int = -1
    last: int = -1

    def add(self, idx: int) -> None:
        """Count one row; ranks come in ascending order."""
        self.first = idx if self.count == 0 else self.first
        self.last = idx
        self.count += 1
        self.ranks.update(number(idx))


@dataclass
class Purges:
    """What a walk saw of the purges of one log: T-27."""

    emptied: dict[int | None, _Emptied] = field(default_factory=dict)
    statements: dict[int, tuple[bytes, datetime]] = field(default_factory=dict)
    end: datetime | None = None
    """The date of the first full row after the last emptied one: a purge leaves the row at its limit."""

    @property
    def waiting(self) -> bool:
        """Say whether the next full row matters: it bears the date up to which rows were emptied."""
        return bool(self.emptied) and self.end is None

    def see(self, event: AuditEvent) -> None:
        """Take one event of the walk into account."""
        if event.is_empty:
            named = event.purged_by if event.salt is None and event.ts is None else None
            self.emptied.setdefault(named, _Emptied()).add(event.idx)
            self.end = None
            return
        if event.ts is None:
            return
        if event.act == Act.PURGE:
            self.statements[event.idx] = (bytes(event.state_digest), event.ts)
        if self.waiting:
            self.end = event.ts

    def first_bad(self, log: str) -> int | None:
        """Return the lowest rank emptied without a purge that covers it, or before its term; None if all is well."""
        found = {idx: self._statement(log, idx, rows) for idx, rows in self.emptied.items()}
        newest = max((item.before for item in found.values() if item is not None), default=0)
        old = self.end is not None and microseconds(self.end) <= newest
        return min((self.emptied[idx].first for idx, item in found.items() if item is None or not old), default=None)

    def _statement(self, log: str, idx: int | None, rows: _Emptied) -> Statement | None:
        """Return the purge that these rows name, if it is ours, says exactly these rows, and waited for their term."""
        if idx is None or idx not in self.statements:
            return None
        blob, made_at = self.statements[idx]
        try:
            statement = unpack(log, blob)
        except ValueError:
            return None
        says = (statement.count, statement.digest) == (rows.count, rows.ranks.digest()) and rows.last < statement.limit
        waited = statement.before <= microseconds(made_at - TERM) + _SLACK
        return statement if says and waited and statement.is_genuine() else None


@dataclass
class Report:
    """What the verification of one log found."""

    log: str
    size: int = 0
    root: bytes = EMPTY_ROOT
    fault: Fault | None = None
    clock_steps: list[int] = field(default_factory=list)
    """Events dated more than two seconds before the one they follow: a clock was set back, not tampering."""
    last: datetime | None = None
    purges: Purges = field(default_factory=Purges)
    forks: list[Declaration] = field(default_factory=list)
    """Returns to an older size that the log tells and that somebody outside was told of (R-02)."""

    @property
    def ok(self) -> bool:
        """Say whether nothing is wrong."""
        return self.fault is None

    def abandons(self, checkpoint: Checkpoint) -> bool:
        """Say whether a checkpoint that differs saw what a declared fork gave up."""
        return any(fork.abandons(checkpoint) for fork in self.forks)

    def worst(self, code: str, idx: int) -> None:
        """Keep the fault with the lowest index."""
        if self.fault is None or idx < self.fault.idx:
            self.fault = Fault(code, idx)


@dataclass(frozen=True)
class RowFault:
    """A protected row that is not what its last event says."""

    object_type: str
    object_ref: str
    code: str
    log: str
    idx: int


def logs() -> list[str]:
    """Return the names of all logs, those whose head or whose events were taken away included."""
    heads = AuditHead.objects.values_list("log", flat=True)
    return sorted({*heads, *AuditEvent.objects.order_by().values_list("log", flat=True).distinct()})


def checkpoint(log: str) -> Checkpoint:
    """Return the checkpoint of a log as its head says now. Raises AuditHead.DoesNotExist."""
    head = AuditHead.objects.get(pk=log)
    return Checkpoint(log, head.size, bytes(head.root))


def verify(log: str, checkpoints: Iterable[Checkpoint] = (), declared: Iterable[Declaration] = ()) -> Report:
    """Verify one log against itself, its head and the checkpoints of that log.

    `declared`: the forks that were declared outside. One that the log does not tell, or tells otherwise, excuses nothing.
    """
    head, limit = _snapshot(log)
    report = Report(log)
    forks: dict[int, list[Declaration]] = {}
    for fork in declared:
        if fork.log == log:
            forks.setdefault(fork.size, []).append(fork)
    known: dict[int, list[Checkpoint]] = {}
    for item in checkpoints:
        if item.log == log:
            known.setdefault(item.size, []).append(item)
    frontier = Frontier()
    _against(report, known, 0, EMPTY_ROOT)
    try:
        _read(report, frontier, limit, known, forks)
    except Unreadable as error:
        report.worst("unreadable", min(error.idx, frontier.size))
    if not report.ok:
        return report
    _head(report, head, frontier)
    beyond = (item for size, items in known.items() if size > report.size for item in items)
    if not all(report.abandons(item) for item in beyond):
        report.worst("truncated", report.size)
    if (idx := report.purges.first_bad(log)) is not None:
        report.worst("emptied", idx)
    return report


def _read(
    report: Report, frontier: Frontier, limit: int, known: Mapping[int, Sequence[Checkpoint]],
    forks: Mapping[int, Sequence[Declaration]],
) -> None:  # fmt: skip
    """Add the events of a log to the tree and to the report, up to the first fault: quickly, or else row by row."""
    after = (quick.BEFORE_ALL, 0)
    while report.ok:
        stretch = None if report.purges.waiting else quick.read(report.log, frontier, limit)
        if stretch is not None:
            _take(report, stretch, known)
            after = (frontier.size, 0)
            continue
        chunk = _chunk(report.log, after, limit)
        if not chunk:
            return
        _walk(report, chunk, frontier, known, forks)
        after = (chunk[-1].idx, chunk[-1].pk)


def _take(report: Report, stretch: quick.Stretch, known: Mapping[int, Sequence[Checkpoint]]) -> None:
    """Add a stretch in which all is well to the report, and compare it with the checkpoints of its sizes."""
    last = microseconds(report.last) if report.last else None
    for idx, instant in enumerate(stretch.instants, stretch.first):
        if last is not None and instant < last - _BACKWARDS_US:
            report.clock_steps.append(idx)
        last = instant
    report.last = from_microseconds(stretch.instants[-1])
    report.size, report.root = stretch.first + len(stretch.roots), stretch.roots[-1]
    for size in sorted(known):
        if stretch.first < size <= report.size:
            _against(report, known, size, stretch.roots[size - stretch.first - 1])


def _walk(
    report: Report, chunk: Sequence[AuditEvent], frontier: Frontier, known: Mapping[int, Sequence[Checkpoint]],
    forks: Mapping[int, Sequence[Declaration]],
) -> None:  # fmt: skip
    """Add some events to the tree and to the report; stop at the first fault."""
    indexed = _indexed(chunk)
    for event in chunk:
        expected = frontier.size
        code = _bad(event, frontier)
        if code is None and event.act not in UNINDEXED_ACTS and indexed.get(event.pk, set()) != _told(event):
            code = "subjects"
        if code is not None:
            report.worst(code, min(event.idx, expected))
            return
        report.purges.see(event)
        if event.act == Act.RESTORE:
            report.forks.extend(fork for fork in forks.get(event.idx, ()) if _tells(event, fork, report.root))
        if event.ts is not None:
            if report.last is not None and event.ts < report.last - _BACKWARDS:
                report.clock_steps.append(event.idx)
            report.last = event.ts
        report.size, report.root = frontier.size, bytes(event.root)
        _against(report, known, report.size, report.root)
        if not report.ok:
            return


def _tells(event: AuditEvent, fork: Declaration, root: bytes) -> bool:
    """Say whether an event declares this very fork, from the root that the log has just there."""
    return fork.root == root and bytes(event.state_digest) == fork.note().encode() and fork.is_genuine()


def _told(event: AuditEvent) -> frozenset[bytes]:
    """Return the references that the index must hold for an event; none once it is emptied."""
    return frozenset() if event.is_empty else event.refs()


def verify_all(checkpoints: Iterable[Checkpoint] = (), declared: Iterable[Declaration] = ()) -> list[Report]:
    """Verify every log, those that only a checkpoint remembers included."""
    kept, forks = list(checkpoints), list(declared)
    return [verify(log, kept, forks) for log in sorted({*logs(), *(item.log for item in kept)})]


def verify_rows() -> tuple[int, list[RowFault]]:
    """Compare each row with its last event; return how many were compared and the faults (T-03, T-32).

    Faults: `changed` (the row is not what was last written), `missing` (it was deleted without an event) and,
    for the models of `digests.txt`, `unknown` (a row that no event tells).
    """
    faults: list[RowFault] = []
    compared = 0
    written = AuditEvent.objects.exclude(object_ref="").filter(outcome="ok")
    types = set(written.exclude(state_digest=b"").order_by().values_list("object_type", flat=True).distinct())
    for label in sorted(types | set(digests.register())):
        model = _model(label)
        if model is None:
            continue
        lasts = _last_events(label)
        for ids in _batches(model._base_manager.order_by("pk").values_list("pk", flat=True).iterator(2000)):
            named = {pk: refs.object_ref(label, pk) for pk in ids}
            versions: dict[int, list[object]] = {}
            for pk, ref in named.items():
                if ref in lasts:
                    versions.setdefault(lasts[ref][2], []).append(pk)
                elif label in digests.register():
                    faults.append(RowFault(label, ref, "unknown", "", -1))
            for version, pks in versions.items():
                _, found = digests.stored_digests(model, pks, version)
                for pk in pks:
                    log, idx, _, digest = lasts.pop(named[pk])
                    compared += 1
                    if found.get(pk) != digest and not _caught_up(model, pk, named[pk]):
                        faults.append(RowFault(label, named[pk], "changed", log, idx))
        faults.extend(
            RowFault(label, ref, "missing", log, idx) for ref, (log, idx, _, digest) in lasts.items() if digest
        )
    return compared, faults


def _last_events(label: str) -> dict[str, tuple[str, int, int, bytes]]:
    """Return {object_ref: (log, idx, columns version, digest)} of the last write of each row of a model.

    A deletion is kept with an empty digest.
    """
    rows = (
        AuditEvent.objects.filter(object_type=label, outcome="ok")
        .exclude(object_ref="")
        .order_by("id")
        .values_list("object_ref", "log", "idx", "columns_version", "state_digest", "act")
    )
    lasts: dict[str, tuple[str, int, int, bytes]] = {}
    for ref, log, idx, version, digest, act in rows.iterator(2000):
        if digest or act == Act.DELETE:
            lasts[ref] = (log, idx, version, bytes(digest))
    return lasts


def _caught_up(model: type[Model], pk: object, ref: str) -> bool:
    """Say whether a row that differed is right by its newest event: it was written while we looked."""
    label = model._meta.label_lower
    newest = AuditEvent.objects.filter(object_type=label, object_ref=ref, outcome="ok").order_by("-id").first()
    if newest is None:
        return False
    if newest.act == Act.DELETE:
        return not model._base_manager.filter(pk=pk).exists()
    _, found = digests.stored_digests(model, [pk], newest.columns_version)
    return found.get(pk) == bytes(newest.state_digest)


def _model(label: str) -> type[Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def _batches(ids: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(ids, _CHUNK)):
        yield batch


def _snapshot(log: str) -> tuple[AuditHead | None, int]:
    """Return the head and the last index of one instant, without a lock: read twice until both agree."""
    while True:
        head = AuditHead.objects.filter(pk=log).first()
        top = AuditEvent.objects.filter(log=log).order_by("-idx").values_list("idx", flat=True).first()
        again = AuditHead.objects.filter(pk=log).values_list("size", flat=True).first()
        if again == (head.size if head else None):
            return head, max(-1 if top is None else top, head.size - 1 if head else -1)


def _chunk(log: str, after: tuple[int, int], limit: int) -> list[AuditEvent]:
    """Return the next events of a log in order, up to an index, after (idx, id), so that a repeated idx is seen.

    Raises Unreadable at the first row that cannot be loaded.
    """
    rows = AuditEvent.objects.filter(log=log, idx__gte=after[0], idx__lte=limit).exclude(idx=after[0], id__lte=after[1])
    page = rows.order_by("idx", "id")
    try:
        return list(page[:_CHUNK])
    except (TypeError, ValueError, OverflowError):
        try:
            return list(page[:1])  # row by row, up to the one at fault
        except (TypeError, ValueError, OverflowError) as error:
            raise Unreadable(page.values_list("idx", flat=True)[0]) from error


def _indexed(chunk: Sequence[AuditEvent]) -> dict[int, set[bytes]]:
    """Return the references that the index of persons holds for some events."""
    found: dict[int, set[bytes]] = {}
    pairs = AuditSubject.objects.filter(event_id__in=[event.pk for event in chunk])
    for event_id, ref in pairs.values_list("event_id", "subject_ref"):
        found.setdefault(event_id, set()).add(bytes(ref))
    return found


def _bad(event: AuditEvent, frontier: Frontier) -> str | None:
    """Add an event to the tree; return what is wrong with it, or None."""
    if event.idx != frontier.size:
        return "gap" if event.idx > frontier.size else "repeated"
    try:
        told, root = bytes(event.leaf), bytes(event.root)
        leaf = told if event.is_empty else event.content().leaf()
    except (TypeError, ValueError, AttributeError, OverflowError):
        return "unreadable"  # a column holds what no event can
    if leaf != told:
        return "leaf"
    return None if frontier.append(leaf) == root else "root"


def _against(report: Report, known: Mapping[int, Sequence[Checkpoint]], size: int, root: bytes) -> None:
    """Compare with the checkpoints of that size: a difference lies after the last one that was equal."""
    if any(item.root != root and not report.abandons(item) for item in known.get(size, ())):
        report.worst("fork", max((kept for kept in known if kept < size), default=0))


def _head(report: Report, head: AuditHead | None, frontier: Frontier) -> None:
    """Compare the head with the tree of the events."""
    if head is None:
        if frontier.size:
            report.worst("head", 0)
        return
    if head.size != frontier.size:
        report.worst("truncated" if head.size > frontier.size else "head", min(head.size, frontier.size))
        return
    if bytes(head.root) == frontier.root() and bytes(head.frontier) == frontier.pack():
        return
    try:
        stored = Frontier.unpack(head.size, bytes(head.frontier))
    except ValueError:
        report.worst("head", 0)
        return
    differing = [
        start
        for (start, _), ours, theirs in zip(frontier.spans(), frontier.hashes, stored.hashes, strict=True)
        if ours != theirs
    ]
    report.worst("fork" if differing else "head", min(differing, default=max(head.size - 1, 0)))
