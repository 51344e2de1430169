"""Take signed checkpoints: each must continue the one before, or nothing is signed (T-24, T-25).

The frontier kept with the last checkpoint, extended by the leaves since then, must give the root of the head. That
is the consistency proof of RFC 6962, made by whoever holds the leaves, in one pass over what is new.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction

from casework.audit import refs, witness, words
from casework.audit.append import clock
from casework.audit.codes import Act
from casework.audit.forks import Declaration
from casework.audit.models import AuditCheckpoint, AuditEvent, AuditHead
from casework.audit.notes import BadCheckpoint, Checkpoint, is_genuine, parse_checkpoints, sign
from casework.audit.tree import EMPTY_ROOT, HASH_SIZE, Frontier

LATE = timedelta(hours=1)
# How long an answer may wait for the witness after its act; the job waits as long as it takes.
PATIENCE_SECONDS = 2.0
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
logger = logging.getLogger(__name__)


class Fork(Exception):
    """The log does not continue what was signed before: nothing is signed. `idx` is where it may begin."""

    def __init__(self, log: str, idx: int, code: str) -> None:
        super().__init__(f"{log} {idx} {code}")
        self.log, self.idx, self.code = log, idx, code


class WitnessEmpty(Exception):
    """The database remembers checkpoints of a log and the witness none: it was emptied, or is another folder."""


@dataclass(frozen=True)
class Paper:
    """What a document prints of the journal: a QR code and eight words."""

    code: str
    words: list[str]
    size: int


def take(log: str, now: datetime, *, document_ref: str = "") -> Checkpoint | None:
    """Sign and keep a checkpoint of one log; None when nothing is new.

    Raises Fork, WitnessEmpty, WitnessUnavailable, KeystoreUnavailable. Must run outside a transaction.
    """
    last = _last(log)
    # Read after it: another process may sign meanwhile, and a head older than its checkpoint would look cut.
    head = AuditHead.objects.filter(pk=log).first()
    if head is None:
        if last is not None:
            raise Fork(log, 0, f"gone:{last.size}")
        return None
    if last is not None and last.size == head.size and not document_ref:
        if last.root != bytes(head.root):
            raise Fork(log, last.size, "second_root")
        return None
    frontier = _continued(log, last, head)
    made = sign(log, head.size, frontier.root(), now)
    if last is None or last.size < head.size:
        try:
            witness.keep(made)
        except FileExistsError:
            # Another run was faster: the same root, or a fork.
            if not any(item.size == made.size and item.root == made.root for item in witness.kept(log)):
                raise Fork(log, made.size, "second_root") from None
    with transaction.atomic(durable=True):
        AuditCheckpoint.objects.bulk_create(
            [
                AuditCheckpoint(
                    log=log, size=made.size, root=made.root, frontier=frontier.pack(), note=made.note(),
                    signed_at=now, document_ref=document_ref,
                )
            ],
            ignore_conflicts=True,
        )  # fmt: skip
    return made


def _last(log: str) -> Checkpoint | None:
    """Return where a log must go on from: the last that the witness holds, once it is genuine and agrees with ours."""
    last = witness.last(log)
    if last is None and (declared := witness.declarations(log)):
        return _declared(declared[-1])
    ours = AuditCheckpoint.objects.filter(log=log).order_by("-size").first()
    if last is None:
        if ours is not None:
            raise WitnessEmpty(log)
        return None
    if not is_genuine(last):
        raise Fork(log, last.size, "signature")
    if ours is not None and ours.size == last.size and bytes(ours.root) != last.root:
        raise Fork(log, last.size, "second_root")
    return last


def _declared(fork: Declaration) -> Checkpoint:
    """Return where a log goes on from after a fork, if its `restore` event says the same as the witness."""
    told = AuditEvent.objects.filter(log=fork.log, idx=fork.size, act=Act.RESTORE).first()
    if not fork.is_genuine() or told is None or bytes(told.state_digest) != fork.note().encode():
        raise Fork(fork.log, fork.size, "undeclared")
    return Checkpoint(fork.log, fork.size, fork.root)


def _continued(log: str, last: Checkpoint | None, head: AuditHead) -> Frontier:
    """Return the frontier of the head, grown from the last checkpoint. Raises Fork when it does not fit."""
    size, root = (last.size, last.root) if last is not None else (0, EMPTY_ROOT)
    if head.size < size:
        raise Fork(log, head.size, "smaller")
    frontier = _frontier(log, size, root)
    for at in range(size, head.size, 2000):
        rows = AuditEvent.objects.filter(log=log, idx__gte=at, idx__lt=min(at + 2000, head.size)).order_by("idx")
        for event in rows:
            if event.idx != frontier.size:
                raise Fork(log, frontier.size, "gap")
            leaf = bytes(event.leaf)
            if not event.is_empty and event.content().leaf() != leaf:
                raise Fork(log, event.idx, "leaf")
            frontier.append(leaf)
    if frontier.size != head.size or frontier.root() != bytes(head.root):
        raise Fork(log, size, "head")
    return frontier


def _frontier(log: str, size: int, root: bytes) -> Frontier:
    """Return the frontier under a root: the one kept with it if it fits, else grown again from the first leaf."""
    if size == 0:
        return Frontier()
    stored = AuditCheckpoint.objects.filter(log=log, size=size).exclude(frontier=b"").first()
    if stored is not None and len(bytes(stored.frontier)) == size.bit_count() * HASH_SIZE:
        kept = Frontier.unpack(size, bytes(stored.frontier))
        if kept.root() == root:
            return kept
    frontier = Frontier()
    leaves = AuditEvent.objects.filter(log=log, idx__lt=size).order_by("idx").values_list("leaf", flat=True)
    for leaf in leaves.iterator(5000):
        frontier.append(bytes(leaf))
    if frontier.size != size or frontier.root() != root:
        raise Fork(log, 0, "history")
    return frontier


def at_once(log: str) -> None:
    """Take a checkpoint of a log because of what was just committed there; never fail what is already done.

    A witness that is away, or a journal that does not continue, is written in the technical log; the job that runs
    every ten minutes says it again, and fails loudly.
    """
    try:
        with witness.patience(PATIENCE_SECONDS):
            take(log, clock())
    except Exception as fault:  # noqa: BLE001 the act is committed: nothing that happens here may undo its answer
        logger.error("audit.checkpoint_failed", extra={"territory": log, "code": type(fault).__name__})


def take_all(now: datetime) -> list[Checkpoint]:
    """Take a checkpoint of every log that grew. Raises as `take`, at the first log that refuses."""
    from casework.audit.verify import logs

    names = sorted({*logs(), *witness.logs()})
    return [made for log in names if (made := take(log, now)) is not None]


def late(now: datetime) -> list[str]:
    """Return the logs whose oldest event not yet covered by a checkpoint waits for more than an hour."""
    return [log for log in AuditHead.objects.order_by("log").values_list("log", flat=True) if is_late(log, now)]


def is_late(log: str, now: datetime) -> bool:
    """Say whether an event of this log waits for more than an hour to be covered by a checkpoint."""
    since = waiting_since(log)
    return since is not None and since < now - LATE


def waiting_since(log: str) -> datetime | None:
    """Return the date of the oldest event not covered by a checkpoint; None if all are. One that is gone waits since ever."""
    size = AuditHead.objects.filter(pk=log).values_list("size", flat=True).first() or 0
    sizes = AuditCheckpoint.objects.filter(log=log).order_by("-size").values_list("size", flat=True)
    covered = sizes.first() or 0
    if covered >= size:
        return None
    next_one = AuditEvent.objects.filter(log=log, idx=covered).values_list("ts", flat=True).first()
    return next_one or _EVER


def fixed_for(log: str, object_type: str, object_id: object, now: datetime) -> Checkpoint | None:
    """Return the checkpoint of a document, taken at its first printing; None while the log cannot be signed.

    Call it outside a transaction, once the document is final.
    """
    reference = refs.object_ref(object_type, object_id)
    found = AuditCheckpoint.objects.filter(document_ref=reference).first()
    if found is None:
        try:
            take(log, now, document_ref=reference)
        except (Fork, WitnessEmpty, witness.WitnessUnavailable, BadCheckpoint):
            return None
        found = AuditCheckpoint.objects.filter(document_ref=reference).first()
    return parse_checkpoints(found.note)[0] if found is not None else None


def paper_of(log: str, object_type: str, object_id: object, now: datetime) -> Paper | None:
    """Return what a signed document prints of the journal: the same code and words on every copy."""
    checkpoint = fixed_for(log, object_type, object_id, now)
    if checkpoint is None:
        return None
    text = checkpoint.paper()
    return Paper(code=text, words=words.of(text), size=checkpoint.size)
