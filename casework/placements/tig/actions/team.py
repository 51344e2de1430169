"""Who holds a placement: the officer in charge, the managers of the host; and telling them, in neutral words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from casework import audit
from casework.access import grants, people
from casework.access.grants import Door
from casework.access.matrix import DataClass
from casework.access.policy import Action, Basis
from casework.access.viewer import Viewer
from casework.audit import Actor, Writing
from casework.casefile import mailer
from casework.errors import InputRefused
from casework.partners.codes import Role
from casework.partners.models import Mandate
from casework.placements.hosts.models import PostGrant
from casework.placements.tig import facts
from casework.placements.tig.models import TigGrant, TigPlacement

# The host keeps what it received for a year after the certificate, to answer about it (domain.md §12, 9).
HOST_KEEPS = timedelta(days=365)


def put_in_charge(w: Writing, *, by: Actor, placement: TigPlacement, mandate: Mandate, now: datetime) -> None:
    """Give an officer the placement, without an end."""
    grants.give(
        w, TigGrant, mandate=mandate, obj=placement, basis=Basis.CIRCLE, starts_at=now, ends_at=None,
        reason="in_charge", by=by, sort_key=placement.reference,
    )  # fmt: skip


def let_host_in(w: Writing, *, by: Actor, placement: TigPlacement, post_id: UUID, now: datetime) -> list[UUID]:
    """Give the managers of a post the placement; return their mandates."""
    held = grants.valid(PostGrant.objects.on([post_id]).live(now).select_related("mandate"))
    managers = [row.mandate for row in held if facts.hosts(row.mandate.role)]
    grants.give_many(
        w, TigGrant,
        [
            Door(mandate=mandate, obj=placement, basis=Basis.CIRCLE, starts_at=now, ends_at=None,
                 sort_key=placement.reference)
            for mandate in managers
        ],
        reason="host_asked", by=by,
    )  # fmt: skip
    return [mandate.pk for mandate in managers]


def let_host_out(w: Writing, *, placement: TigPlacement, at: datetime, reason: str) -> None:
    """End what the host holds, at once or at a later date."""
    rows = TigGrant.objects.on([placement.pk]).filter(mandate__role=Role.HOST)
    grants.close_many(w, TigGrant, grants.valid(rows.select_related("content_object")), at=at, reason=reason)


def holders(placement: TigPlacement, roles: Iterable[str], now: datetime) -> list[UUID]:
    """Return the mandates of these roles that hold the placement now."""
    rows = TigGrant.objects.on([placement.pk]).live(now).filter(mandate__role__in=list(roles))
    return [row.mandate_id for row in grants.valid(rows)]


def officers(placement: TigPlacement, now: datetime) -> list[UUID]:
    """Return the officers in charge."""
    return holders(placement, (Role.SPIP, Role.PJJ), now)


def to_call(placement: TigPlacement, now: datetime) -> list[tuple[str, str]]:
    """Return the name and professional telephone, or "", of the officers in charge: who is called in an emergency."""
    rows = Mandate.objects.filter(pk__in=officers(placement, now)).select_related("agent").order_by("agent__last_name")
    return [(row.agent.full_name, row.agent.phone) for row in rows]


def hosts(placement: TigPlacement, now: datetime) -> list[UUID]:
    """Return the host's managers who hold the placement."""
    return holders(placement, (Role.HOST,), now)


def hand_over(*, by: Viewer, placement: TigPlacement, to: UUID, now: datetime) -> None:
    """Give the placement to a colleague of the same service; one's own access ends that second.

    Raises AccessRefused, InputRefused.
    """
    facts.require_on(by, placement, Action.CHANGE, DataClass.SENTENCE, now)
    mandate = next((row for row in people.colleagues(by, placement.subject_id, now) if row.pk == to), None)
    if mandate is None:
        raise InputRefused("Choisissez une personne de votre service.", field="to")
    mine = TigGrant.objects.on([placement.pk]).of(by).live(now).select_related("content_object")
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        put_in_charge(w, by=by, placement=placement, mandate=mandate, now=now)
        grants.close_many(w, TigGrant, grants.valid(mine), at=now, reason="handed_over")
        tell([mandate.pk], now=now)


def tell(mandates: Iterable[UUID], *, now: datetime, urgent: bool = False) -> None:
    """Mail that something waits, in the transaction of the act: no name, no reference, no word of what it is."""
    rows = Mandate.objects.live(now).filter(pk__in=list(mandates)).select_related("agent")
    url = settings.BASE_URL.rstrip("/") + reverse("desk:work")
    subject = "Une réponse rapide est attendue" if urgent else "Quelque chose vous attend"
    for address in sorted({row.agent.email for row in rows}):
        mailer.queue(
            to=address, subject=subject, now=now,
            body=f"Bonjour,\n\nUn élément vous attend dans « Mon travail » :\n{url}\n\nCe message ne nomme personne.\n",
        )  # fmt: skip
