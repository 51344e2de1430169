"""The gate: a sealed value opens only while a gate covering its subject and class is open.

Low level: only `casework.audit` opens gates, once the event of the read is committed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from operator import attrgetter
from uuid import UUID

from casework.errors import Unaudited
from casework.sealing.keyring import Ring, drawers_of

NOT_COVERED = "opened outside a read gate"
_number = attrgetter("int")


@dataclass(frozen=True)
class Gate:
    """Whose values, of which data classes, may be opened, and what for."""

    subjects: frozenset[UUID]
    classes: frozenset[str]
    purpose: str


class OpenGate:
    """A gate while it is open, with the keys it fetched."""

    __slots__ = ("_numbers", "classes", "ring", "subjects")

    def __init__(self, gate: Gate) -> None:
        self.subjects = gate.subjects
        self.classes = gate.classes
        self.ring = Ring(gate.subjects, drawers_of(gate.classes))
        self._numbers: set[int] | None = None

    @property
    def numbers(self) -> set[int]:
        """The subjects as numbers, which compare faster than UUIDs."""
        if self._numbers is None:
            self._numbers = set(map(_number, self.subjects))
        return self._numbers


_open: ContextVar[tuple[OpenGate, ...]] = ContextVar("casework_open_gates", default=())
open_gates = _open.get


@contextmanager
def opened(gate: Gate) -> Iterator[None]:
    """Open `gate` for the block. Gates nest: a value opens if any open one covers it."""
    standing = OpenGate(gate)
    token = _open.set((*_open.get(), standing))
    try:
        yield
    finally:
        _open.reset(token)
        standing.ring.drop()


def covers(subject_id: UUID, data_class: str) -> bool:
    """Say whether an open gate covers this subject and data class."""
    return any(subject_id in g.subjects and data_class in g.classes for g in _open.get())


def authority(subject_id: UUID, data_class: str) -> OpenGate:
    """Return the innermost open gate that covers this subject and class. Raises Unaudited."""
    for gate in reversed(_open.get()):
        if subject_id in gate.subjects and data_class in gate.classes:
            return gate
    raise Unaudited(NOT_COVERED)
