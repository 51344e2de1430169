"""What the prosecutor decides: on the page of the court's agents, of a word in urgency, or by a writing handed on (TGD-02)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from casework import audit
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Writing
from casework.casefile import revision
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.vif.phones import facts, law
from casework.vif.phones.actions.assessing import tell_officers, tell_prosecutor
from casework.vif.phones.codes import IN_USE, Channel, DecisionKind, How, State
from casework.vif.phones.models import Allocation, Decision
from casework.vif.phones.states import LIFECYCLE
from casework.vif.victims.actions.parts import not_to_come

MISSING = {
    "magistrate": "Indiquez le magistrat.",
    "channel": "Indiquez par quel moyen l’écrit est parvenu.",
    "said_at": "L’heure de la décision est à venir.",
}


@dataclass(frozen=True, kw_only=True)
class DecisionData:
    """One decision. `how` tells what is needed: an hour if spoken, a way if it came in writing."""

    kind: str
    how: str
    magistrate: str
    decided_on: date
    said_at: datetime | None = None
    channel: str = ""


def decide(*, by: Viewer, allocation: Allocation, data: DecisionData, now: datetime, expected: int | None) -> Decision:
    """Record a decision of the prosecutor and move the allocation with it; the other side is told that something waits.

    Raises AccessRefused, InputRefused, GuardRefused when the court has an account of its own, MoveRefused.
    """
    facts.require_on(by, allocation.support, Action.MOVE, now)
    _check(by, data, now)
    with audit.writing(by, now=now) as w:
        changes = _changes(allocation, data)
        to = {
            DecisionKind.ALLOT: State.DECIDED_YES, DecisionKind.REFUSE: State.DECIDED_NO,
            DecisionKind.RENEW: State.RENEWED,
        }[DecisionKind(data.kind)]  # fmt: skip
        LIFECYCLE.apply(
            allocation, to, w=w, by=by, now=now, expected_revision=expected, decision_how=data.how, **changes
        )
        row = _keep(w, by, allocation, data, changes.get("ends_on"))
        if facts.is_court(by):
            tell_officers(allocation.support_id, now)
    return row


def _check(by: Viewer, data: DecisionData, now: datetime) -> None:
    if data.kind not in DecisionKind.values:
        raise InputRefused("Choisissez la décision.", field="kind")
    if data.how not in How.values or (data.how == How.PAGE) is not facts.is_court(by):
        raise InputRefused("Dites comment la décision est parvenue.", field="how")
    not_to_come(data.decided_on, now, "decided_on")
    if not data.magistrate.strip():
        raise InputRefused(MISSING["magistrate"], field="magistrate")
    if data.how == How.WRITTEN and data.channel not in Channel.values:
        raise InputRefused(MISSING["channel"], field="channel")
    if data.how == How.ORAL and (data.said_at is None or data.said_at > now):
        raise InputRefused(MISSING["said_at"], field="said_at")
    if data.how == How.ORAL and data.kind == DecisionKind.REFUSE:
        raise InputRefused("Un refus s’écrit : il n’y a pas d’urgence.", field="kind")


def _changes(allocation: Allocation, data: DecisionData) -> dict[str, Any]:
    zone = allocation.territory.holiday_set
    written_by = law.written_by(data.decided_on, zone) if data.how == How.ORAL else None
    if data.kind == DecisionKind.REFUSE:
        return {"decided_on": data.decided_on, "closed_on": data.decided_on, "written_by": None}
    if data.kind == DecisionKind.RENEW:
        if allocation.ends_on is None:
            raise GuardRefused("Ce téléphone n’est pas en usage.")
        ends_on = law.renewed_to(allocation.ends_on, data.decided_on)
        return {"written_by": written_by, "ends_on": ends_on, "term_told_on": None}
    return {"decided_on": data.decided_on, "written_by": written_by}


def _keep(w: Writing, by: Viewer, allocation: Allocation, data: DecisionData, ends_on: date | None) -> Decision:
    row = Decision(
        subject_id=allocation.subject_id, territory_id=allocation.territory_id, allocation=allocation, kind=data.kind,
        how=data.how, decided_on=data.decided_on, said_at=data.said_at if data.how == How.ORAL else None,
        written_on=None if data.how == How.ORAL else data.decided_on, ends_on=ends_on, recorded_by=by.mandate_id,
        given={"magistrate": data.magistrate.strip(), "channel": data.channel if data.how == How.WRITTEN else ""},
    )  # fmt: skip
    row.save(force_insert=True)
    w.note(Act.CREATE, row, classes=[facts.TGD])
    if data.kind == DecisionKind.RENEW:
        # The agreement served: the next renewal asks for another.
        locked = revision.lock(Allocation.objects.all(), allocation.pk, None)
        revision.save(locked, renewal_consent_on=None)
        allocation.revision, allocation.renewal_consent_on = locked.revision, None
    return row


def write_down(
    *, by: Viewer, allocation: Allocation, written_on: date, channel: str, now: datetime, expected: int | None
) -> None:
    """Record the writing that follows an oral decision. Raises AccessRefused, InputRefused, GuardRefused.

    On its page the prosecutor's agent writes it; elsewhere the association says by what way it came.
    """
    facts.require_on(by, allocation.support, Action.CHANGE, now)
    not_to_come(written_on, now, "written_on")
    is_court = facts.is_court(by)
    if not is_court and facts.court_has_account(allocation.territory_id, now):
        raise AccessRefused(code="written")
    if not is_court and channel not in Channel.values:
        raise InputRefused(MISSING["channel"], field="channel")
    with audit.writing(by, now=now) as w:
        locked = revision.lock(Allocation.objects.all(), allocation.pk, expected)
        oral = Decision.objects.select_for_update(of=("self",)).filter(
            allocation=locked, how=How.ORAL, written_on__isnull=True
        )
        row = oral.first()
        if row is None:
            raise GuardRefused("Aucun écrit n’est attendu.")
        if written_on < row.decided_on:
            raise InputRefused("L’écrit suit la décision : vérifiez la date.", field="written_on")
        revision.save(row, written_on=written_on)
        revision.save(locked, written_by=None)
        for each in (row, locked):
            w.note(Act.CHANGE, each, classes=[facts.TGD], why="written")


def record_consent(*, by: Viewer, allocation: Allocation, said_on: date, now: datetime, expected: int | None) -> None:
    """Record her agreement to a renewal, given again before each (TGD-04): the prosecutor is told. Raises AccessRefused,
    InputRefused, GuardRefused.
    """
    facts.require_on(by, allocation.support, Action.CHANGE, now)
    not_to_come(said_on, now, "said_on")
    with audit.writing(by, now=now) as w:
        row = revision.lock(Allocation.objects.all(), allocation.pk, expected)
        if row.state not in IN_USE or row.handed_on is None:
            raise GuardRefused("Ce téléphone n’est pas en usage.")
        if said_on < row.handed_on:
            raise InputRefused("Cet accord est antérieur à la remise.", field="said_on")
        revision.save(row, renewal_consent_on=said_on)
        w.note(Act.CHANGE, row, classes=[facts.TGD], why="renewal_consent")
        tell_prosecutor(row.territory_id, row.subject_id, now)
