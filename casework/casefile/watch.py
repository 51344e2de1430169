"""What each subject tells the journal about its records: enough to read a pseudonym and to watch, no content.

The journal keeps HMAC references only; a room that holds records registers here so that the data protection officer
reads the reference people say aloud, and so that the watch rules know whose file was on an agenda.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from casework.audit import Actor


@dataclass(frozen=True)
class Record:
    """One record: whose, under which id its page opens, and its reference."""

    subject_id: UUID
    object_id: UUID
    reference: str


class Room(Protocol):
    """What a room of followed people tells."""

    module: str

    def records(self, territory_id: UUID) -> list[Record]:
        """Return every record still there, closed ones included: one query."""

    def subject_of(self, territory_id: UUID, reference: str) -> Record | None:
        """Return the record of a reference as people write it, closed ones included."""

    def surnames(self, actor: Actor, territory_id: UUID, subject_ids: Iterable[UUID]) -> dict[UUID, str]:
        """Return the surnames of these people, opened under a gate of `actor` (a job, never a person)."""

    def on_agenda(self, territory_id: UUID, since: date, until: date) -> set[tuple[UUID, date]]:
        """Return who was on the agenda of which day."""


_ROOMS: dict[str, Room] = {}


def register(room: Room) -> None:
    """Add a room; the same module twice counts once."""
    _ROOMS[room.module] = room


def records(territory_id: UUID) -> list[Record]:
    """Return the records of every room."""
    return [record for room in _ROOMS.values() for record in room.records(territory_id)]


def subject_of(territory_id: UUID, reference: str) -> Record | None:
    """Return the record of whichever room holds this reference."""
    return next((found for room in _ROOMS.values() if (found := room.subject_of(territory_id, reference))), None)


def surnames(actor: Actor, territory_id: UUID, subject_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the surnames of these people."""
    wanted = list(subject_ids)
    merged: dict[UUID, str] = {}
    for room in _ROOMS.values() if wanted else ():
        merged |= room.surnames(actor, territory_id, wanted)
    return merged


def on_agenda(territory_id: UUID, since: date, until: date) -> set[tuple[UUID, date]]:
    """Return who was on the agenda of which day, in any room."""
    return {pair for room in _ROOMS.values() for pair in room.on_agenda(territory_id, since, until)}
