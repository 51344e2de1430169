"""Who holds a réparation: the educator in charge, the managers of the host; and telling them, in neutral words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from casework import audit
from casework.access import grants, people
from casework.access.grants import Door
from casework.access.matrix import DataClass
from casework.access.people import not_shut, tell
from casework.access.policy import Action, Basis
from casework.access.viewer import Viewer
from casework.audit import Actor, Writing
from casework.errors import InputRefused
from casework.partners.codes import Role
from casework.partners.models import Mandate
from casework.placements.hosts.models import PostGrant
from casework.placements.reparation import facts
from casework.placements.reparation.models import PlaceRequest, Reparation, ReparationGrant

WAITS = "Un élément vous attend dans « Mon travail »."


def put_in_charge(w: Writing, *, by: Actor, reparation: Reparation, mandate: Mandate, now: datetime) -> None:
    """Give an educator the réparation, without an end."""
    grants.give(
        w, ReparationGrant, mandate=mandate, obj=reparation, basis=Basis.CIRCLE, starts_at=now, ends_at=None,
        reason="in_charge", by=by, sort_key=reparation.reference,
    )  # fmt: skip


def managers(post_id: UUID, subject_id: UUID, now: datetime) -> list[Mandate]:
    """Return the mandates that manage a post; those shut out of this person are left out."""
    held = PostGrant.objects.on([post_id]).live(now).filter(mandate__role=Role.HOST).select_related("mandate__agent")
    return not_shut([row.mandate for row in grants.valid(held)], subject_id, now)


def tell_managers(request: PlaceRequest, now: datetime) -> bool:
    """Mail those who answer for a host that something waits; say whether anybody there has an account."""
    found = managers(request.post_id, request.subject_id, now)
    tell(found, subject="Quelque chose vous attend", line=WAITS, now=now)
    return bool(found)


def let_host_in(w: Writing, *, by: Actor, reparation: Reparation, post_id: UUID, now: datetime) -> list[Mandate]:
    """Give the managers of a post the réparation (row 16, presence only); return their mandates.

    One who is shut out of this person is left out.
    """
    let_in = managers(post_id, reparation.subject_id, now)
    grants.give_many(
        w, ReparationGrant,
        [
            Door(mandate=mandate, obj=reparation, basis=Basis.CIRCLE, starts_at=now, ends_at=None,
                 sort_key=reparation.reference)
            for mandate in let_in
        ],
        reason="host", by=by,
    )  # fmt: skip
    return let_in


def let_host_out(w: Writing, *, reparation: Reparation, at: datetime, reason: str) -> None:
    """End what the host holds: with its last day, it has nothing left to read."""
    rows = ReparationGrant.objects.on([reparation.pk]).filter(mandate__role=Role.HOST)
    grants.close_many(w, ReparationGrant, grants.valid(rows.select_related("content_object")), at=at, reason=reason)


def in_charge(reparation_ids: Iterable[UUID], now: datetime) -> dict[UUID, list[Mandate]]:
    """Return the educators in charge of each réparation; one query."""
    rows = ReparationGrant.objects.on(reparation_ids).live(now).filter(mandate__role__in=facts.OFFICERS)
    found: dict[UUID, list[Mandate]] = {}
    for row in grants.valid(rows.select_related("mandate__agent", "mandate__organisation").order_by("starts_at", "id")):
        found.setdefault(row.content_object_id, []).append(row.mandate)
    return found


def tell_educators(reparation: Reparation, now: datetime, *, but: UUID | None = None) -> None:
    """Mail the educators in charge that something waits: no name, no reference."""
    tell(in_charge([reparation.pk], now).get(reparation.pk, []), subject="Quelque chose vous attend", line=WAITS,
         now=now, but=but)  # fmt: skip


def colleagues(viewer: Viewer, reparation: Reparation, now: datetime) -> list[Mandate]:
    """Return who of the same service could take the réparation over; those shut out of this person are left out."""
    return people.colleagues(viewer, reparation.subject_id, now)


def hand_over(*, by: Viewer, reparation: Reparation, to: UUID, now: datetime) -> None:
    """Give the réparation to a colleague of the same service; one's own access ends that second.

    Raises AccessRefused, InputRefused.
    """
    facts.require_on(by, reparation, Action.CHANGE, DataClass.REPARATION_CONTENT, now)
    mandate = next((row for row in colleagues(by, reparation, now) if row.pk == to), None)
    if mandate is None:
        raise InputRefused("Choisissez une personne de votre service.", field="to")
    mine = ReparationGrant.objects.on([reparation.pk]).of(by).live(now).select_related("content_object")
    with audit.writing(by, now=now) as w:
        put_in_charge(w, by=by, reparation=reparation, mandate=mandate, now=now)
        grants.close_many(w, ReparationGrant, grants.valid(mine), at=now, reason="handed_over")
        tell([mandate], subject="Quelque chose vous attend", line=WAITS, now=now)
