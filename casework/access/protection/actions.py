"""Set and lift « adresse à ne pas communiquer », and ask from whom it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from casework import audit
from casework.access import memo
from casework.access.protection.models import ProtectedAddress
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.partners import genuine
from casework.partners.macs import row_is_genuine


def protect(
    *, by: Viewer, person_id: UUID, territory_id: UUID, now: datetime, classes: Sequence[str] = ()
) -> None:  # fmt: skip
    """Keep the whereabouts of one person to oneself; the caller checked that `by` may correct them. No reason asked.

    `classes`: those of the room, where its events have a term of their own (LOG-09).
    """
    with audit.writing(by, now=now) as w:
        if person_id in _set_by(by, [person_id]):
            return
        row = ProtectedAddress.objects.create(
            person_id=person_id, territory_id=territory_id, set_by=by.agent_id, set_as=by.mandate_id, set_at=now
        )
        w.note(Act.REVOKE, row, subjects=[person_id], why="address_protected", classes=classes)


def unprotect(*, by: Viewer, person_id: UUID, now: datetime, classes: Sequence[str] = ()) -> None:
    """Take back one's own protection; those set by others stay. `classes`: as for `protect`."""
    with audit.writing(by, now=now) as w:
        rows = ProtectedAddress.objects.select_for_update(of=("self",)).filter(
            person_id=person_id, set_by=by.agent_id, ended_at=None
        )
        for row in genuine.kept(rows):
            row.ended_at = now
            row.save()
            w.note(Act.GRANT, row, subjects=[person_id], why="address_unprotected", classes=classes)


def move(w: audit.Writing, *, source: UUID, target: UUID) -> None:
    """Keep the whereabouts of one person under another’s file too, when their two files are merged."""
    held = set(ProtectedAddress.objects.filter(person_id=target, ended_at=None).values_list("set_by", flat=True))
    for row in ProtectedAddress.objects.filter(person_id=source):
        if row.set_by in held or (row.ended_at is not None and row_is_genuine(row)):
            continue
        held.add(row.set_by)
        copy = ProtectedAddress.objects.create(
            person_id=target, territory_id=row.territory_id, set_by=row.set_by, set_as=row.set_as, set_at=row.set_at
        )
        w.note(Act.REVOKE, copy, subjects=[target], why="merged")


def protected(person_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return those whose whereabouts somebody keeps; a row ended by SQL still protects (T-36)."""
    wanted = frozenset(person_ids)
    rows = list(ProtectedAddress.objects.filter(person_id__in=wanted)) if wanted else []
    good = {row.pk for row in genuine.kept(rows)}
    return frozenset(row.person_id for row in rows if row.ended_at is None or row.pk not in good)


def hidden(viewer: Viewer, person_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return those whose address, school and phone `viewer` may not see; one query a page."""
    wanted = frozenset(person_ids)

    def ask() -> frozenset[UUID]:
        kept = protected(wanted)
        return kept - _set_by(viewer, kept) if kept else kept

    return memo.once(("protected", viewer.agent_id, wanted), ask)


def is_set_by(viewer: Viewer, person_id: UUID) -> bool:
    """Say whether `viewer` protects this person's whereabouts."""
    return person_id in _set_by(viewer, [person_id])


def _set_by(viewer: Viewer, person_ids: Iterable[UUID]) -> frozenset[UUID]:
    rows = ProtectedAddress.objects.filter(person_id__in=list(person_ids), set_by=viewer.agent_id, ended_at=None)
    return frozenset(row.person_id for row in genuine.kept(rows))
