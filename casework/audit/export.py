"""The journal as JSON lines that another hand can check: `tools/verify_journal.py` reads them, without us.

First line: what it is and the public key. Then one line per event, in order, with all that its leaf commits to; an
emptied one keeps rank, leaf and the purge that it names. Last line: the signed checkpoint of that size.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from casework.audit.encoding import microseconds
from casework.audit.models import AuditEvent, AuditHead
from casework.audit.notes import Checkpoint, key_line, sign
from casework.audit.proofs import tree_of

FORMAT = "casework.audit/export/1"
PROOF_FORMAT = "casework.audit/proof/1"


def line(event: AuditEvent) -> dict[str, Any]:
    """Return one event as plain JSON."""
    told: dict[str, Any] = {"idx": event.idx, "leaf": bytes(event.leaf).hex()}
    if event.is_empty:
        return {**told, "purged_by": event.purged_by}
    content = event.content()
    for name in content.__dataclass_fields__:
        value = getattr(content, name)
        if isinstance(value, bytes):
            value = value.hex()
        elif isinstance(value, UUID):
            value = str(value)
        elif isinstance(value, datetime):
            value = microseconds(value)
        told[name] = value
    return told


def lines(log: str, now: datetime) -> Iterator[str]:
    """Yield the lines of one log, as it is now. Raises AuditHead.DoesNotExist."""
    head = AuditHead.objects.get(pk=log)
    yield _json({"format": FORMAT, "log": log, "key": key_line()})
    rows = AuditEvent.objects.filter(log=log, idx__lt=head.size).order_by("idx", "id")
    for event in rows.iterator(2000):
        yield _json(line(event))
    yield _json({"checkpoint": sign(log, head.size, bytes(head.root), now).note()})


def proof(events: Iterable[AuditEvent], checkpoint: Checkpoint) -> str:
    """Return some events of one log with their inclusion proofs against a signed checkpoint, as one JSON text."""
    tree = tree_of(checkpoint.log, checkpoint.size)
    return _json(
        {
            "format": PROOF_FORMAT,
            "log": checkpoint.log,
            "key": key_line(),
            "checkpoint": checkpoint.note(),
            "events": [
                {**line(event), "path": [item.hex() for item in tree.path(event.idx)]}
                for event in events
                if event.idx < checkpoint.size
            ],
        }
    )


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
