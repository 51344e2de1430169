"""From the signal to the question put to the prosecutor (TGD-01 to TGD-07, TGD-09, TGD-10, DL-24)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access import people
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import revision
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.partners.codes import Role
from casework.vif.phones import facts, law
from casework.vif.phones.codes import OPEN, TO_ASSESS, Assessor, Danger, Origin, State, Urgency
from casework.vif.phones.law import Checklist
from casework.vif.phones.models import Allocation
from casework.vif.phones.states import LIFECYCLE
from casework.vif.victims.actions import team
from casework.vif.victims.actions.parts import not_to_come
from casework.vif.victims.models import VictimSupport

TOLD = "Quelque chose vous attend"


def tell_prosecutor(territory_id: Any, subject_id: Any, now: datetime) -> None:
    """Tell the prosecutor's agents that something waits: no name, no word of what."""
    named = people.not_shut(people.holding(territory_id, [Role.PROSECUTOR], now), subject_id, now)
    people.tell(named, subject=TOLD, line=team.WAITS, now=now)


def tell_officers(support_id: UUID, now: datetime) -> None:
    """Tell the officers in charge of her support the same."""
    people.tell(team.in_charge([support_id], now).get(support_id, []), subject=TOLD, line=team.WAITS, now=now)


@dataclass(frozen=True, kw_only=True)
class AssessmentData:
    """Who assessed, how urgent it is, what makes the danger grave: codes."""

    assessed_by: str
    urgency: str
    danger: Sequence[str]


def signal(*, by: Viewer, support: VictimSupport, origin: str, signalled_on: date, now: datetime) -> Allocation:
    """Record that somebody asks for her danger to be assessed (TGD-09). One at a time for one person.

    Raises AccessRefused, InputRefused, GuardRefused.
    """
    facts.require_on(by, support, Action.CREATE, now)
    if origin not in Origin.values:
        raise InputRefused("Choisissez qui demande cette évaluation.", field="origin")
    not_to_come(signalled_on, now, "signalled_on")
    with audit.writing(by, now=now) as w:
        # Her support is held until the end of this write: two signals do not cross.
        VictimSupport.objects.select_for_update(of=("self",)).get(pk=support.pk)
        if Allocation.objects.filter(subject_id=support.subject_id, state__in=sorted(OPEN)).exists():
            raise GuardRefused("Une évaluation ou un téléphone est déjà en cours pour cette personne.")
        row = Allocation(
            subject_id=support.subject_id, territory_id=support.territory_id, organisation_id=support.organisation_id,
            support=support, signalled_on=signalled_on,
            evaluate_by=law.evaluate_by(signalled_on, support.territory.holiday_set),
            assessment={"origin": origin, "by": "", "urgency": "", "danger": []}, conditions={}, ending={},
        )  # fmt: skip
        LIFECYCLE.apply(row, State.SIGNALLED, w=w, by=by, now=now)
        if facts.is_court(by):
            tell_officers(support.pk, now)
    return row


def set_day(*, by: Viewer, allocation: Allocation, evaluate_by: date, now: datetime, expected: int | None) -> None:
    """Set the day by which the prosecutor wants the evaluation (DL-24). Raises AccessRefused, InputRefused.

    The prosecutor's agent sets it; the association notes it where the court has no account.
    """
    facts.require_on(by, allocation.support, Action.CHANGE, now)
    if not facts.is_court(by) and facts.court_has_account(allocation.territory_id, now):
        raise AccessRefused(code="evaluation_day")
    if evaluate_by < localdate(now):
        raise InputRefused("Ce jour est passé.", field="evaluate_by")
    with audit.writing(by, now=now) as w:
        row = revision.lock(Allocation.objects.all(), allocation.pk, expected)
        if row.state not in TO_ASSESS:
            raise GuardRefused("L’évaluation est déjà faite.")
        revision.save(row, evaluate_by=evaluate_by)
        w.note(Act.CHANGE, row, classes=[facts.TGD], why="evaluate_by")


def assess(
    *, by: Viewer, allocation: Allocation, data: AssessmentData, origin: str, now: datetime, expected: int | None
) -> None:
    """Record the danger as assessed by the association or by investigators (TGD-10), again if it changed.

    `origin`: as the signal said. Raises AccessRefused, InputRefused, MoveRefused.
    """
    facts.require_on(by, allocation.support, Action.MOVE, now)
    if data.assessed_by not in Assessor.values:
        raise InputRefused("Dites qui a évalué.", field="assessed_by")
    if data.urgency not in Urgency.values:
        raise InputRefused("Choisissez l’urgence.", field="urgency")
    if not data.danger or not set(data.danger) <= set(Danger.values):
        raise InputRefused("Cochez ce qui rend le danger grave.", field="danger")
    assessment = {
        "origin": origin, "by": data.assessed_by, "urgency": data.urgency,
        "danger": [code for code in Danger.values if code in set(data.danger)],
    }  # fmt: skip
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(
            allocation, State.ASSESSING, w=w, by=by, now=now, expected_revision=expected,
            assessed_on=localdate(now), assessment=assessment,
        )  # fmt: skip


def reassess(*, by: Viewer, allocation: Allocation, now: datetime, expected: int | None) -> None:
    """Take the question back from the prosecutor: something changed. Raises AccessRefused, MoveRefused."""
    facts.require_on(by, allocation.support, Action.MOVE, now)
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(allocation, State.ASSESSING, w=w, by=by, now=now, expected_revision=expected)


def ask_decision(
    *, by: Viewer, allocation: Allocation, checked: Checklist, now: datetime, expected: int | None
) -> None:
    """Check each condition of the law with its proof, then put the question to the prosecutor (TGD-01 to TGD-06).

    Raises AccessRefused; InputRefused with the field of the first condition that is missing; MoveRefused.
    """
    facts.require_on(by, allocation.support, Action.MOVE, now)
    for field, sentence in law.missing(checked):
        raise InputRefused(sentence, field=field)
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(
            allocation, State.ELIGIBLE, w=w, by=by, now=now, expected_revision=expected, conditions=written(checked)
        )
        tell_prosecutor(allocation.territory_id, allocation.subject_id, now)


def set_aside(*, by: Viewer, allocation: Allocation, checked: Checklist, now: datetime, expected: int | None) -> None:
    """End without a question: a condition is not met, and stays written. Raises AccessRefused, GuardRefused, MoveRefused."""
    facts.require_on(by, allocation.support, Action.MOVE, now)
    if not law.missing(checked):
        raise GuardRefused("Toutes les conditions sont réunies : demandez la décision du parquet.")
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(
            allocation, State.NOT_ELIGIBLE, w=w, by=by, now=now, expected_revision=expected,
            conditions=written(checked), closed_on=localdate(now),
        )  # fmt: skip


def written(checked: Checklist) -> dict[str, Any]:
    """Return the checklist as it is kept."""
    return {
        "ground": checked.ground, "ground_proof": checked.ground_proof, "apart": checked.apart.met,
        "apart_proof": checked.apart.proof, "ban": checked.ban, "ban_proof": checked.ban_proof,
        "ban_ends_on": checked.ban_ends_on.isoformat() if checked.ban_ends_on else "",
        "consent": checked.consent.met, "consent_proof": checked.consent.proof, "location": checked.location,
    }  # fmt: skip
