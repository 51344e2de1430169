"""Where she is: closed lines, opened one at a time (row 22b, T-22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import format as fr
from casework.vif.victims import facts
from casework.vif.victims.codes import Place
from casework.vif.victims.reads.opened import gate


@dataclass(frozen=True, kw_only=True)
class PlaceLine:
    """One place that may be shown: when it was noted, nothing else."""

    id: UUID
    on: date


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The one place that was asked for."""

    id: UUID
    kind: str
    address: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Places:
    """The page of whereabouts of one support: closed lines, one of them shown where it was asked."""

    id: UUID
    reference: str
    lines: tuple[PlaceLine, ...]
    shown: Shown | None
    may_change: bool


def places(viewer: Viewer, pk: UUID, now: datetime, *, shown: Shown | None = None) -> Places:
    """Return the closed lines of one support. Raises AccessRefused to who may show none of them."""
    row = facts.find(viewer, pk, now)
    link = facts.require_on(viewer, row, Action.REVEAL, facts.LOCATION, now)
    return Places(
        id=row.pk, reference=row.reference, shown=shown,
        lines=tuple(PlaceLine(id=each.pk, on=localdate(each.added_at)) for each in row.places.all()),
        may_change=link.may(viewer, Action.CHANGE, facts.LOCATION, now),
    )  # fmt: skip


def reveal(viewer: Viewer, place_id: UUID, now: datetime) -> tuple[UUID, Shown]:
    """Open one place, under an event of its own each time (T-22); return its support and what it says.

    The caller asked for a fresh second factor. Raises AccessRefused.
    """
    row = facts.find_place(viewer, place_id, now)
    with gate(viewer, row.support, [facts.LOCATION], act=Act.REVEAL):
        said = row.place or {}
    return row.support_id, Shown(
        id=row.pk, kind=fr.label(Place, said.get("kind")), address=str(said.get("address", "")),
        note=str(said.get("note", "")),
    )  # fmt: skip
