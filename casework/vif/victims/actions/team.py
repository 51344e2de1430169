"""Who is in charge of a support, and the colleague who takes it over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from casework import audit
from casework.access import grants, people
from casework.access.policy import Action, Basis
from casework.access.viewer import Viewer
from casework.audit import Actor, Writing
from casework.errors import InputRefused
from casework.partners.codes import Role
from casework.partners.models import Mandate
from casework.vif.victims import facts
from casework.vif.victims.models import SupportGrant, VictimSupport

WAITS = "Un élément vous attend dans « Mon travail »."


def put_in_charge(w: Writing, *, by: Actor, support: VictimSupport, mandate: Mandate, now: datetime) -> None:
    """Give an officer the support, without an end."""
    grants.give(
        w, SupportGrant, mandate=mandate, obj=support, basis=Basis.CIRCLE, starts_at=now, ends_at=None,
        reason="in_charge", by=by, sort_key=support.reference,
    )  # fmt: skip


def in_charge(support_ids: Iterable[UUID], now: datetime) -> dict[UUID, list[Mandate]]:
    """Return the officers in charge of each support; one query."""
    held = SupportGrant.objects.on(support_ids).live(now).filter(basis=Basis.CIRCLE.value)
    rows = held.filter(mandate__role=Role.APERS_VICTIM).select_related("mandate__agent", "mandate__organisation")
    found: dict[UUID, list[Mandate]] = {}
    for row in grants.valid(rows.order_by("starts_at", "id")):
        found.setdefault(row.content_object_id, []).append(row.mandate)
    return found


def names(support: VictimSupport, now: datetime) -> str:
    """Return the names of the officers in charge: professionals, in clear, on this side only (VIC-04)."""
    return ", ".join(mandate.agent.full_name for mandate in in_charge([support.pk], now).get(support.pk, ()))


def colleagues(viewer: Viewer, support: VictimSupport, now: datetime) -> list[Mandate]:
    """Return who of the same service and side could take the support over; those shut out of her are left out."""
    return people.colleagues(viewer, support.subject_id, now)


def hand_over(*, by: Viewer, support: VictimSupport, to: UUID, now: datetime) -> None:
    """Give the support to a colleague; one's own access ends that second. Raises AccessRefused, InputRefused."""
    facts.require_on(by, support, Action.CHANGE, facts.VICTIM, now)
    mandate = next((row for row in colleagues(by, support, now) if row.pk == to), None)
    if mandate is None:
        raise InputRefused("Choisissez une personne de votre service.", field="to")
    mine = SupportGrant.objects.on([support.pk]).of(by).live(now).select_related("content_object")
    with audit.writing(by, now=now) as w:
        put_in_charge(w, by=by, support=support, mandate=mandate, now=now)
        grants.close_many(w, SupportGrant, grants.valid(mine), at=now, reason="handed_over")
        people.tell([mandate], subject="Quelque chose vous attend", line=WAITS, now=now)
