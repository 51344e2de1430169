"""What is done with her: agreements, meetings, orientations, her opinion for the magistrate, the end."""

from __future__ import annotations

from datetime import date, datetime, time
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
from casework.vif.victims.codes import (
    CLOSES,
    Asker,
    ConsentKind,
    Meeting,
    Opinion,
    OrientationOutcome,
    Outcome,
)
from casework.vif.victims.models import Appointment, Consent, Orientation, RemovalOpinion, VictimSupport
from casework.vif.victims.states import LIFECYCLE


def record_consent(
    *, by: Viewer, support: VictimSupport, kind: str, agreed: bool, said_on: date, now: datetime
) -> Consent:
    """Record what she agrees to or takes back; the earlier answer stays, replaced. Raises AccessRefused, InputRefused."""
    facts.require_on(by, support, Action.CHANGE, facts.VICTIM, now)
    if kind not in ConsentKind.values:
        raise InputRefused("Choisissez l’objet de l’accord.", field="kind")
    parts.not_to_come(said_on, now, "said_on")
    with audit.writing(by, now=now) as w:
        held = Consent.objects.select_for_update(of=("self",)).filter(support=support, kind=kind, replaced_at=None)
        for row in held:
            revision.save(row, replaced_at=now)
            w.note(Act.CHANGE, row, classes=[facts.VICTIM], why="replaced")
        return parts.keep(w, support, Consent, kind=kind, agreed=agreed, said_on=said_on, recorded_by=by.mandate_id)


def orient(*, by: Viewer, support: VictimSupport, to: str, reason: str, sent_on: date, now: datetime) -> Orientation:
    """Record that she is sent to an association. Raises AccessRefused, InputRefused."""
    facts.require_on(by, support, Action.CHANGE, facts.VICTIM, now)
    if not to.strip():
        raise InputRefused("Indiquez le service ou l’association.", field="to")
    parts.not_to_come(sent_on, now, "sent_on")
    with audit.writing(by, now=now) as w:
        return parts.keep(
            w, support, Orientation, to=to.strip(), reason=reason.strip(), sent_on=sent_on, recorded_by=by.mandate_id
        )


def record_orientation(
    *, by: Viewer, orientation_id: UUID, outcome: str, now: datetime, expected: int | None
) -> VictimSupport:
    """Record what became of an orientation. Raises AccessRefused, InputRefused, ConflictRefused."""
    row = parts.find(by, Orientation, orientation_id, now)
    facts.require_on(by, row.support, Action.CHANGE, facts.VICTIM, now)
    if outcome not in OrientationOutcome.values:
        raise InputRefused("Choisissez une suite de la liste.", field="outcome")
    with audit.writing(by, now=now) as w:
        locked = revision.lock(Orientation.objects.all(), row.pk, expected)
        revision.save(locked, outcome=outcome)
        w.note(Act.CHANGE, locked, classes=[facts.VICTIM], why="outcome")
    return row.support


def plan(*, by: Viewer, support: VictimSupport, kind: str, day: date, at: time, now: datetime) -> Appointment:
    """Plan a meeting with her. Raises AccessRefused, InputRefused."""
    facts.require_on(by, support, Action.CHANGE, facts.VICTIM, now)
    if kind not in Meeting.values:
        raise InputRefused("Choisissez la forme du rendez-vous.", field="kind")
    if day < support.received_on:
        raise InputRefused("Ce jour est avant l’accueil.", field="day")
    with audit.writing(by, now=now) as w:
        return parts.keep(w, support, Appointment, kind=kind, day=day, at=at, note="", recorded_by=by.mandate_id)


def record_appointment(
    *, by: Viewer, appointment_id: UUID, outcome: str, note: str, now: datetime, expected: int | None
) -> VictimSupport:
    """Record what became of a meeting, and a few lines of it. Raises AccessRefused, InputRefused, ConflictRefused."""
    row = parts.find(by, Appointment, appointment_id, now)
    facts.require_on(by, row.support, Action.CHANGE, facts.VICTIM, now)
    if outcome not in Outcome.values:
        raise InputRefused("Choisissez une suite de la liste.", field="outcome")
    if row.day > localdate(now) and outcome in (Outcome.HELD, Outcome.ABSENT):
        raise InputRefused("Ce rendez-vous n’a pas encore eu lieu.", field="outcome")
    with audit.writing(by, now=now) as w:
        locked = revision.lock(Appointment.objects.all(), row.pk, expected)
        revision.save(locked, outcome=outcome, note=note.strip())
        w.note(Act.CHANGE, locked, classes=[facts.VICTIM], why="outcome")
    return row.support


def record_opinion(
    *, by: Viewer, support: VictimSupport, asked_by: str, asked_on: date, opinion: str, words: str,
    told_on: date | None, now: datetime,
) -> RemovalOpinion:  # fmt: skip
    """Record her opinion on the removal from the home, which a magistrate asked for (VIC-05, CP 132-45 18°).

    Without a magistrate who asks, it is not written down. Raises AccessRefused, InputRefused.
    """
    facts.require_on(by, support, Action.CHANGE, facts.VICTIM, now)
    if asked_by not in Asker.values:
        raise InputRefused("Indiquez le magistrat qui demande cet avis.", field="asked_by")
    if opinion not in Opinion.values:
        raise InputRefused("Choisissez son avis.", field="opinion")
    parts.not_to_come(asked_on, now, "asked_on")
    if told_on is not None and not asked_on <= told_on <= localdate(now):
        raise InputRefused("Cette date est avant la demande, ou à venir.", field="told_on")
    with audit.writing(by, now=now) as w:
        return parts.keep(
            w, support, RemovalOpinion, asked_by=asked_by, asked_on=asked_on, told_on=told_on,
            opinion={"opinion": opinion, "words": words.strip()}, recorded_by=by.mandate_id,
        )  # fmt: skip


def end(
    *, by: Viewer, support: VictimSupport, reason: str, closed_on: date, now: datetime, expected: int | None
) -> None:
    """End the support; the file stays six months, then disappears. Raises AccessRefused, InputRefused, GuardRefused."""
    facts.require_on(by, support, Action.MOVE, facts.VICTIM, now)
    to = CLOSES.get(reason)
    if to is None:
        raise InputRefused("Indiquez pourquoi l’accompagnement se termine.", field="reason")
    if not support.received_on <= closed_on <= localdate(now):
        raise InputRefused("Cette date est avant l’accueil, ou à venir.", field="closed_on")
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(
            support, to, w=w, by=by, now=now, expected_revision=expected, closed_on=closed_on, end_reason=reason
        )
