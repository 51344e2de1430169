"""What each room of followed people tells this floor about its records, without a word of their content.

A room registers itself (design.md §3): access finds a record by the reference people say aloud, or in an emergency by
an exact identity, and never learns more than an id, a reference and who answers for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from casework.access.policy import Basis
from casework.access.viewer import Viewer
from casework.audit import Writing
from casework.partners.codes import Role
from casework.partners.models import Mandate


@dataclass(frozen=True, kw_only=True)
class Target:
    """One record of one room."""

    module: str
    object_id: UUID
    subject_id: UUID
    territory_id: UUID
    reference: str
    url: str


class Room(Protocol):
    """What a room of followed people answers. None of it depends on who asks, unless a viewer is given."""

    module: str
    prefix: str
    """What its references begin with; "" for a room whose references everybody may read."""
    speaks_to: frozenset[Role]
    """Who may speak of a record by its reference: to any other role it is absent (a walled room names its own side)."""

    def by_reference(self, territory_id: UUID, reference: str, now: datetime) -> Target | None:
        """Return the record spoken of, open and before its purge date; None otherwise."""

    def by_subjects(self, territory_id: UUID, subject_ids: Iterable[UUID]) -> Mapping[UUID, Target]:
        """Return the records of these subjects, by subject; those that are gone are left out."""

    def by_identity(self, viewer: Viewer, last: str, first: str, born: date, now: datetime) -> Target | None:
        """Return the one record of this exact name and birth date that the role of `viewer` could open."""

    def in_charge(self, target: Target, now: datetime) -> list[Mandate]:
        """Return who answers for the record: its lead professional."""

    def owns(self, viewer: Viewer, target: Target, now: datetime) -> bool:
        """Say whether `viewer` answers requests of access to the record."""

    def admit(self, *, by: Viewer, target: Target, mandate: Mandate, now: datetime) -> None:
        """Let the service of `mandate` in, with this agent in charge. Raises GuardRefused."""

    def open(
        self, w: Writing, *, target: Target, mandate: Mandate, basis: Basis, ends_at: datetime, reason: str, by: Viewer
    ) -> None:
        """Give one dated right, inside the transaction of the act."""

    def close(self, w: Writing, *, target: Target, mandate_id: UUID, bases: Iterable[Basis], at: datetime) -> None:
        """End such rights before their time."""

    def close_all(self, w: Writing, *, mandate_id: UUID, bases: Iterable[Basis], at: datetime) -> None:
        """End such rights of one function on every record."""

    def of_service(self, viewer: Viewer, now: datetime) -> list[Target]:
        """Return the open records that the service of `viewer` works on, whoever in it is in charge."""


_ROOMS: dict[str, Room] = {}


def register(room: Room) -> None:
    """Add a room; the same module twice counts once."""
    _ROOMS[room.module] = room


def room(module: str) -> Room:
    """Return the room of a module. Raises KeyError."""
    return _ROOMS[module]


def rooms() -> tuple[Room, ...]:
    """Return every room."""
    return tuple(_ROOMS.values())


def by_reference(viewer: Viewer, reference: str, now: datetime) -> Target | None:
    """Return the record of whichever room holds this reference and speaks of it to the role of `viewer`.

    Every room is asked, so that each answer costs the same.
    """
    found = [(each, each.by_reference(viewer.territory_id, reference, now)) for each in _ROOMS.values()]
    return next((target for each, target in found if target is not None and viewer.role in each.speaks_to), None)


def told(role: str, reference: str) -> bool:
    """Say whether a record may be spoken of by this reference to `role`: a walled room tells its own side alone.

    Nothing is asked of the database: it holds for what is erased too.
    """
    rooms_of = [each for each in _ROOMS.values() if each.prefix and reference.startswith(f"{each.prefix}-")]
    return all(role in each.speaks_to for each in rooms_of)


def silent_to(role: str) -> list[str]:
    """Return the modules of which nothing is told to `role`: the walled rooms of another side."""
    return [each.module for each in _ROOMS.values() if role not in each.speaks_to]


def by_subjects(viewer: Viewer, subject_ids: Iterable[UUID]) -> dict[UUID, Target]:
    """Return the records of these subjects, from the rooms that speak to the role of `viewer`."""
    wanted = set(subject_ids)
    merged: dict[UUID, Target] = {}
    for each in _ROOMS.values() if wanted else ():
        if viewer.role in each.speaks_to:
            merged.update(each.by_subjects(viewer.territory_id, wanted))
    return merged


def by_identity(viewer: Viewer, last: str, first: str, born: date, now: datetime) -> Target | None:
    """Return the one record of this exact identity, asking every room so that each question costs the same."""
    found = [each.by_identity(viewer, last, first, born, now) for each in _ROOMS.values()]
    return next((target for target in found if target is not None), None)
