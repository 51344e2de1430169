"""The journal: who did or saw what, in a Merkle tree per territory; the gate of every read.

    with audit.reading(viewer, subjects=[...], classes=[...], purpose=Purpose.REVIEW): ...
    with audit.writing(viewer, now=now) as w: ...; w.note(Act.CHANGE, obj)
    audit.record(viewer, Act.DENIED, outcome="denied", why="access")

Names are loaded on first use, since models exist only once Django is ready.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from casework.audit.codes import Act, Actor, Purpose, system_actor

if TYPE_CHECKING:
    from casework.audit.actions import Writing, before_write, current, record, writing
    from casework.audit.append import pinned_clock
    from casework.audit.gate import reading
    from casework.audit.reads import Opening, who_opened
    from casework.audit.refs import object_ref, subject_ref

__all__ = [
    "Act", "Actor", "Opening", "Purpose", "Writing", "before_write", "current", "object_ref", "pinned_clock",
    "reading", "record", "subject_ref", "system_actor", "who_opened", "writing",
]  # fmt: skip

_HOMES = {
    "Writing": "actions",
    "before_write": "actions",
    "current": "actions",
    "record": "actions",
    "writing": "actions",
    "pinned_clock": "append",
    "reading": "gate",
    "Opening": "reads",
    "who_opened": "reads",
    "object_ref": "refs",
    "subject_ref": "refs",
}


def __getattr__(name: str) -> Any:
    """Return a public name from the module that holds it."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"casework.audit.{_HOMES[name]}"), name)
