"""« Informer le parquet »: the call to the duty magistrate first, then the note, then the answer (OP-07).

A forbidden contact is an offence (CP 227-4-2). What is written here stays on this side and with the prosecutor.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import revision
from casework.errors import InputRefused
from casework.vif.victims import facts
from casework.vif.victims.actions import parts
from casework.vif.victims.codes import Answer, Contact
from casework.vif.victims.models import ProsecutorNotice, VictimSupport


@dataclass(frozen=True, kw_only=True)
class CallData:
    """What happened, and the call that was made."""

    happened_on: date
    kind: str
    facts: str
    called_at: datetime
    magistrate: str
    instruction: str
    answer_by: date


def tell(*, by: Viewer, support: VictimSupport, data: CallData, now: datetime) -> ProsecutorNotice:
    """Record the call to the prosecutor's duty magistrate; the note is made from it. Raises AccessRefused, InputRefused."""
    facts.require_on(by, support, Action.CHANGE, facts.VICTIM, now)
    if data.kind not in Contact.values:
        raise InputRefused("Choisissez la forme du contact.", field="kind")
    parts.not_to_come(data.happened_on, now, "happened_on")
    if data.called_at > now or localdate(data.called_at) < data.happened_on:
        raise InputRefused("L’appel vient après le contact, et avant maintenant : vérifiez l’heure.", field="called_at")
    for field in ("magistrate", "instruction", "facts"):
        if not getattr(data, field).strip():
            raise InputRefused(_MISSING[field], field=field)
    if data.answer_by < localdate(now):
        raise InputRefused("Ce jour est passé.", field="answer_by")
    with audit.writing(by, now=now) as w:
        row = parts.keep(
            w, support, ProsecutorNotice, called_at=data.called_at,
            answer_by=data.answer_by, facts=data.facts.strip(), recorded_by=by.mandate_id,
            call={
                "kind": data.kind, "happened_on": data.happened_on.isoformat(), "magistrate": data.magistrate.strip(), "instruction": data.instruction.strip(),
            },
        )  # fmt: skip
    return row


_MISSING = {
    "magistrate": "Indiquez le magistrat de permanence.",
    "instruction": "Indiquez l’instruction reçue, ou « aucune ».",
    "facts": "Dites ce qui s’est passé, en quelques lignes.",
}


def note_left(*, by: Viewer, notice_id: UUID, noted_on: date, now: datetime, expected: int | None) -> VictimSupport:
    """Record that the note was sent: from then on it is fixed. Raises AccessRefused, InputRefused, ConflictRefused."""
    row = parts.find(by, ProsecutorNotice, notice_id, now)
    facts.require_on(by, row.support, Action.CHANGE, facts.VICTIM, now)
    if not localdate(row.called_at) <= noted_on <= localdate(now):
        raise InputRefused("Cette date est avant l’appel, ou à venir.", field="noted_on")
    return _change(by, row, now, expected, "noted", noted_on=noted_on)


def answered(
    *, by: Viewer, notice_id: UUID, answer: str, answered_on: date, now: datetime, expected: int | None
) -> VictimSupport:
    """Record what the prosecutor answers. Raises AccessRefused, InputRefused, ConflictRefused."""
    row = parts.find(by, ProsecutorNotice, notice_id, now)
    facts.require_on(by, row.support, Action.CHANGE, facts.VICTIM, now)
    if answer not in Answer.values:
        raise InputRefused("Choisissez une réponse de la liste.", field="answer")
    if not localdate(row.called_at) <= answered_on <= localdate(now):
        raise InputRefused("Cette date est avant l’appel, ou à venir.", field="answered_on")
    return _change(by, row, now, expected, "answered", answer=answer, answered_on=answered_on)


def _change(
    by: Viewer, row: ProsecutorNotice, now: datetime, expected: int | None, why: str, **values: object
) -> VictimSupport:
    with audit.writing(by, now=now) as w:
        locked = revision.lock(ProsecutorNotice.objects.all(), row.pk, expected)
        revision.save(locked, **values)
        w.note(Act.CHANGE, locked, classes=[facts.VICTIM], why=why)
    return row.support
