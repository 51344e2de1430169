"""Where she is: written in a drawer of its own, shown one place at a time, kept by whoever sets the mark (row 22b)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from casework import audit
from casework.access.policy import Action
from casework.access.protection import actions as protection
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.sealing import keys
from casework.vif.victims import facts
from casework.vif.victims.actions import parts
from casework.vif.victims.codes import Place
from casework.vif.victims.models import PassedNote, VictimSupport, Whereabouts

MOST = 20


def add(*, by: Viewer, support: VictimSupport, kind: str, address: str, note: str, now: datetime) -> Whereabouts:
    """Write down one place. Raises AccessRefused, InputRefused, GuardRefused."""
    facts.require_on(by, support, Action.CHANGE, facts.LOCATION, now)
    if kind not in Place.values:
        raise InputRefused("Choisissez ce qu’est ce lieu.", field="kind")
    if not address.strip():
        raise InputRefused("Indiquez l’adresse.", field="address")
    keys.ensure(support.subject_id, drawers=("location",))
    with audit.writing(by, now=now) as w:
        if Whereabouts.objects.select_for_update().filter(support=support).count() >= MOST:
            raise GuardRefused(f"{MOST} lieux sont déjà notés : retirez ceux qui ne servent plus.")
        row = Whereabouts(
            subject_id=support.subject_id, territory_id=support.territory_id, support=support, added_at=now,
            added_by=by.mandate_id, place={"kind": kind, "address": address.strip(), "note": note.strip()},
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[facts.LOCATION])
    return row


def remove(*, by: Viewer, place_id: UUID, now: datetime) -> VictimSupport:
    """Delete a place where she is no more; return its support. Raises AccessRefused."""
    place = facts.find_place(by, place_id, now)
    facts.require_on(by, place.support, Action.CHANGE, facts.LOCATION, now)
    with audit.writing(by, now=now) as w:
        row = Whereabouts.objects.select_for_update(of=("self",)).filter(pk=place.pk).first()
        if row is not None:
            w.note(Act.DELETE, row, classes=[facts.LOCATION], why="withdrawn")
            row.delete()
    return place.support


def keep(*, by: Viewer, support: VictimSupport, on: bool, now: datetime) -> None:
    """Set or lift « adresse à ne pas communiquer »: no reason is asked, nothing propagates. Raises AccessRefused.

    The events name a class of VIF: the journal keeps them thirty-six months, as all of it (LOG-09).
    """
    facts.require_on(by, support, Action.CHANGE, facts.VICTIM, now)
    if on:
        protection.protect(
            by=by, person_id=support.subject_id, territory_id=support.territory_id, now=now, classes=[facts.LOCATION]
        )
    elif protection.is_set_by(by, support.subject_id):
        protection.unprotect(by=by, person_id=support.subject_id, now=now, classes=[facts.LOCATION])
    else:
        raise AccessRefused(code="protect")


def pass_note(*, by: Viewer, support: VictimSupport, to: str, passed_on: date, now: datetime) -> PassedNote:
    """Record that the note was handed to whoever follows a child: nothing else travels between two subjects.

    Raises AccessRefused, InputRefused.
    """
    facts.require_on(by, support, Action.CHANGE, facts.VICTIM, now)
    if not to.strip():
        raise InputRefused("Indiquez à qui, par sa fonction.", field="to")
    parts.not_to_come(passed_on, now, "passed_on")
    with audit.writing(by, now=now) as w:
        return parts.keep(w, support, PassedNote, passed_on=passed_on, recorded_by=by.mandate_id, to=to.strip())
