"""Receiving a victim: who she is, how she may be reached; correcting it (VIC-01, row 22a)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import revision
from casework.casefile.references import free_reference
from casework.errors import InputRefused
from casework.partners.models import Mandate
from casework.sealing import keys
from casework.vif.victims import facts
from casework.vif.victims.actions import team
from casework.vif.victims.codes import Channel, Origin, State
from casework.vif.victims.models import VictimSupport
from casework.vif.victims.states import LIFECYCLE

PREFIX = "ACC"
DRAWERS = ("identity", "content", "location")
MOST_CHILDREN = 20


@dataclass(frozen=True, kw_only=True)
class ContactData:
    """Her number and the rules read before it. `channels`: codes; without `voicemail`, no message is ever left."""

    channels: Sequence[str]
    phone: str = ""
    email: str = ""
    when: str = ""
    code_word: str = ""
    through: str = ""
    voicemail: bool = False


@dataclass(frozen=True, kw_only=True)
class SupportData:
    """What is typed when she comes. No address: it is written apart, in its own drawer."""

    last_name: str
    first_name: str
    received_on: date
    origin: str
    contact: ContactData
    born_on: date | None = None
    children: int | None = None
    lawyer: str = ""


def open_support(*, by: Viewer, data: SupportData, now: datetime, victim_id: UUID | None = None) -> VictimSupport:
    """Open the support of a victim; its author is in charge of it.

    Raises AccessRefused, InputRefused with the field at fault.
    """
    facts.require_creation(by, now)
    check(data, now)
    victim = victim_id or uuid4()
    if VictimSupport.objects.filter(subject_id=victim).exists():
        victim = uuid4()  # the form's id is taken, or not ours: nothing is told (T-20)
    keys.ensure(victim, drawers=DRAWERS)
    mandate = Mandate.objects.get(pk=by.mandate_id)
    with audit.writing(by, now=now) as w:
        support = VictimSupport(
            subject_id=victim, territory_id=by.territory_id, organisation_id=by.organisation_id,
            reference=free_reference(VictimSupport, PREFIX, now), received_on=data.received_on, opened_at=now, end_reason="",
            **_written(data),
        )  # fmt: skip
        LIFECYCLE.apply(support, State.OPEN, w=w, by=by, now=now)
        team.put_in_charge(w, by=by, support=support, mandate=mandate, now=now)
    return support


def correct(*, by: Viewer, support: VictimSupport, data: SupportData, now: datetime, expected: int | None) -> None:
    """Correct what was typed of her; what was written before stays in history.

    Her number and address are changed by nobody while somebody else keeps them. Raises AccessRefused, InputRefused,
    ConflictRefused.
    """
    link = facts.require_on(by, support, Action.CHANGE, facts.VICTIM, now)
    check(data, now, asks_contact=not link.kept)
    written = _written(data)
    if link.kept:
        written = {name: value for name, value in written.items() if name not in ("contact", "rules")}
    with audit.writing(by, now=now) as w:
        row = revision.lock(VictimSupport.objects.all(), support.pk, expected)
        revision.save(row, received_on=data.received_on, **written)
        w.note(Act.CHANGE, row, classes=[facts.VICTIM], why="corrected")


def check(data: SupportData, now: datetime, *, asks_contact: bool = True) -> None:
    """Raise InputRefused, with the field, on what no support may say."""
    if not data.last_name.strip():
        raise InputRefused("Indiquez le nom.", field="last_name")
    if data.received_on > localdate(now):
        raise InputRefused("Cette date est à venir.", field="received_on")
    if data.origin not in Origin.values:
        raise InputRefused("Choisissez qui l’adresse.", field="origin")
    if data.born_on is not None and data.born_on > data.received_on:
        raise InputRefused("La naissance précède l’accueil : vérifiez les dates.", field="born_on")
    if data.children is not None and not 0 <= data.children <= MOST_CHILDREN:
        raise InputRefused("Vérifiez le nombre d’enfants.", field="children")
    if asks_contact:
        check_contact(data.contact)


def check_contact(contact: ContactData) -> None:
    """Raise InputRefused on contact rules that leave somebody guessing."""
    channels = set(contact.channels)
    if not channels or not channels <= set(Channel.values):
        raise InputRefused("Dites comment la joindre, ou qu’elle ne doit pas l’être.", field="channels")
    if Channel.NEVER in channels and len(channels) > 1:
        raise InputRefused("« Ne pas la joindre » ne va avec aucun autre moyen.", field="channels")
    if channels & {Channel.CALL, Channel.TEXT} and not contact.phone.strip():
        raise InputRefused("Indiquez le numéro, ou un autre moyen.", field="phone")
    if Channel.EMAIL in channels and not contact.email.strip():
        raise InputRefused("Indiquez l’adresse électronique, ou un autre moyen.", field="email")
    if Channel.THROUGH in channels and not contact.through.strip():
        raise InputRefused("Indiquez la personne de confiance.", field="through")


def _written(data: SupportData) -> dict[str, Any]:
    contact = data.contact
    return {
        "identity": {"last_name": data.last_name.strip(), "first_name": data.first_name.strip()},
        "born_on": data.born_on,
        "contact": {"phone": contact.phone.strip(), "email": contact.email.strip()},
        "rules": {
            "channels": [code for code in Channel.values if code in set(contact.channels)],
            "when": contact.when.strip(), "code_word": contact.code_word.strip(), "voicemail": contact.voicemail,
            "through": contact.through.strip(),
        },
        "facts": {"origin": data.origin, "children": data.children, "lawyer": data.lawyer.strip()},
    }  # fmt: skip
