"""What a restore writes in each log, and what it declares to the witness (R-02)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from uuid import UUID

from django.db import transaction

from casework.audit import checkpoints, witness
from casework.audit.append import append, clock, entry
from casework.audit.codes import INSTALLATION, Act, system_actor
from casework.audit.forks import Declaration
from casework.audit.models import AuditHead
from casework.audit.tree import EMPTY_ROOT


def tell(log: str, *, by: tuple[str, str] | None) -> Declaration | None:
    """Append `restore(from size, root)` to a log just put back: its first event since.

    With `by`, the references of the two persons who opened the copy, and where the witness had seen more, the event
    holds a signed declaration of the fork, handed to the witness too with a checkpoint; it is returned. Without, it is a
    drill, and nobody outside is told. Raises WitnessUnavailable, WitnessRefuses, BadCheckpoint; must run outside a transaction.
    """
    head = AuditHead.objects.filter(pk=log).first()
    size, root = (head.size, bytes(head.root)) if head is not None else (0, EMPTY_ROOT)
    fork = None
    if by is not None and (seen := witness.highest(log)) is not None and seen.size > size:
        moment = clock().astimezone(UTC).replace(microsecond=0)
        fork = Declaration(log, seen.size, seen.root, size, root, by, moment).signed()
    territory = None if log == INSTALLATION else UUID(log)
    item = entry(
        system_actor(territory), Act.RESTORE, territory_id=territory, module="audit", object_type="backup",
        why="backup.restore", n=size,
    )  # fmt: skip
    with transaction.atomic(durable=True):
        append([replace(item, state_digest=fork.note().encode() if fork else root)])
    if fork is not None:
        witness.declare(fork)
    if by is not None:
        checkpoints.at_once(log)
    return fork
