"""Files of affectations and réparations: whoever takes a post over takes over whom it receives."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from casework.access import grants
from casework.access.grants import Door
from casework.access.people import not_shut
from casework.access.policy import Basis
from casework.access.viewer import Viewer
from casework.audit import Writing
from casework.casefile import cases
from casework.partners.models import Mandate
from casework.placements.hosts.models import Post


class HostedCases(cases.Cases):
    """The files of one room of placements."""

    area = "placements"
    host_reads: frozenset[Any]
    """The states in which the managers of the post hold the file."""

    def manager_named(self, w: Writing, *, post: Post, mandate: Mandate, by: Viewer, now: datetime) -> None:
        """Let a new manager of a post read whom it receives; those it is shut out of are left out."""
        rows = list(self.rows().filter(post=post, state__in=list(self.host_reads)))
        held = self.grant_model.objects.on([row.pk for row in rows]).live(now)
        known = set(held.filter(mandate=mandate, basis=Basis.CIRCLE).values_list("content_object_id", flat=True))
        doors = [
            Door(
                mandate=mandate, obj=row, basis=Basis.CIRCLE, starts_at=now, ends_at=None, sort_key=row.reference
            )
            for row in rows
            if row.pk not in known and not_shut([mandate], row.subject_id, now)
        ]  # fmt: skip
        if doors:
            grants.give_many(w, self.grant_model, doors, reason="host", by=by)

    def manager_left(self, w: Writing, *, post: Post, mandate_id: UUID, now: datetime) -> None:
        """End what a manager reads of those whom its post received."""
        held = self.grant_model.objects.filter(mandate_id=mandate_id, content_object__post=post, basis=Basis.CIRCLE)
        rows = grants.valid(held.live(now).select_related("content_object"))
        grants.close_many(w, self.grant_model, rows, at=now, reason="manager_left")


_ROOMS: dict[str, HostedCases] = {}


def manager_named(w: Writing, *, post: Post, mandate: Mandate, by: Viewer, now: datetime) -> None:
    """Let a new manager of a post read whom it receives, in every room; inside the write that names them."""
    for room in _ROOMS.values():
        room.manager_named(w, post=post, mandate=mandate, by=by, now=now)


def manager_left(w: Writing, *, post: Post, mandate_id: UUID, now: datetime) -> None:
    """End what a manager of a post reads, in every room; inside the write that takes the post away."""
    for room in _ROOMS.values():
        room.manager_left(w, post=post, mandate_id=mandate_id, now=now)


def register(room: HostedCases) -> None:
    """Make the files of one room known to access, to the journal, and to posts that change hands."""
    _ROOMS[room.module] = room
    cases.register(room)
