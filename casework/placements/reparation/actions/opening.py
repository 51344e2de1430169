"""Receiving a réparation: who ordered it, ages, term; the magistrate's later change of the term (REP-02, MIN-01 to 06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import revision
from casework.casefile.references import free_reference
from casework.errors import GuardRefused, InputRefused
from casework.partners.models import Mandate
from casework.placements.reparation import facts, law
from casework.placements.reparation.actions import team
from casework.placements.reparation.codes import ORDERS, Goal, State, Track
from casework.placements.reparation.models import ExpectedOutcome, Reparation
from casework.placements.reparation.states import LIFECYCLE
from casework.sealing import keys, sweep

PREFIX = "REP"


@dataclass(frozen=True, kw_only=True)
class OrderData:
    """What is typed when the order arrives. `goals`: codes of the expected outcomes, in order."""

    track: str
    authority: str
    ordered_on: date
    term_on: date
    last_name: str
    first_name: str
    born_on: date
    facts_on: date
    discernment_seen: bool = False
    case_mark: str = ""
    facts: str = ""
    phone: str = ""
    parents: str = ""
    parents_phone: str = ""
    measure_from: date | None = None
    measure_to: date | None = None
    guilt_on: date | None = None
    sanction_on: date | None = None
    goals: Sequence[str] = ()


def receive(*, by: Viewer, data: OrderData, now: datetime, young_id: UUID | None = None) -> Reparation:
    """Open a réparation on the order of a magistrate; its author is in charge of it.

    Raises AccessRefused, InputRefused with the field at fault.
    """
    facts.require_creation(by, now)
    check(data, now)
    young = young_id or uuid4()
    if Reparation.objects.filter(subject_id=young).exists():
        young = uuid4()  # the form's id is taken, or not ours: nothing is told (T-20)
    keys.ensure(young)
    mandate = Mandate.objects.get(pk=by.mandate_id)
    with audit.writing(by, now=now) as w:
        reparation = Reparation(
            subject_id=young, territory_id=by.territory_id, organisation_id=by.organisation_id,
            reference=free_reference(Reparation, PREFIX, now), track=data.track, received_at=now,
            ordered_on=data.ordered_on, term_on=data.term_on, measure_from=data.measure_from,
            measure_to=data.measure_to, guilt_on=data.guilt_on, sanction_on=data.sanction_on,
            **_identity(data),
            ages={
                "age_at_facts": law.age_at_facts(data.born_on, data.facts_on),
                "discernment_seen": data.discernment_seen,
            },
            order={"authority": data.authority, "case_mark": data.case_mark.strip()},
            facts=data.facts.strip(), conclusion="", outcome="",
        )  # fmt: skip
        first = State.PROPOSED if data.track == Track.ALTERNATIVE else State.ORDERED
        LIFECYCLE.apply(reparation, first, w=w, by=by, now=now)
        for position, goal in enumerate(dict.fromkeys(data.goals)):
            row = ExpectedOutcome(
                subject_id=young, territory_id=by.territory_id, reparation=reparation, position=position, goal=goal,
                result="",
            )  # fmt: skip
            row.save(force_insert=True)
            w.note(Act.CREATE, row, classes=[DataClass.REPARATION_CONTENT])
        team.put_in_charge(w, by=by, reparation=reparation, mandate=mandate, now=now)
    return reparation


def check(data: OrderData, now: datetime) -> None:
    """Raise InputRefused, with the field, on what no order may say."""
    if data.track not in Track.values:
        raise InputRefused("Choisissez le cadre.", field="track")
    if data.authority not in ORDERS[data.track]:
        raise InputRefused("Ce magistrat n’ordonne pas dans ce cadre (CJPM L422-1, L112-2).", field="authority")
    if not data.last_name.strip():
        raise InputRefused("Indiquez le nom.", field="last_name")
    if not data.first_name.strip():
        raise InputRefused("Indiquez le prénom.", field="first_name")
    if data.ordered_on > localdate(now):
        raise InputRefused("Cette date est à venir.", field="ordered_on")
    if data.facts_on > data.ordered_on:
        raise InputRefused("Les faits précèdent la décision : vérifiez les dates.", field="facts_on")
    if not set(data.goals) <= set(Goal.values):
        raise InputRefused("Choisissez des résultats de la liste.", field="goals")
    is_module = data.track == Track.MODULE
    if not is_module and (data.measure_from or data.measure_to or data.guilt_on or data.sanction_on):
        raise InputRefused("Ces dates ne concernent que le module.", field="measure_from")
    age = law.age_problem(born_on=data.born_on, facts_on=data.facts_on, discernment_seen=data.discernment_seen)
    if age:
        field = "discernment_seen" if "discernement" in age else "facts_on"
        raise InputRefused(age, field=field)
    for field, problem in (
        ("term_on", law.term_problem(
            track=data.track, ordered_on=data.ordered_on, term_on=data.term_on, born_on=data.born_on
        )),
        ("measure_to", law.measure_problem(
            measure_from=data.measure_from, measure_to=data.measure_to, born_on=data.born_on, term_on=data.term_on
        )),
        ("sanction_on", law.hearing_problem(guilt_on=data.guilt_on, sanction_on=data.sanction_on)),
    ):  # fmt: skip
        if problem:
            raise InputRefused(problem, field=field)


@dataclass(frozen=True, kw_only=True)
class Correction:
    """Who the young person is, as it should have been typed."""

    last_name: str
    first_name: str
    born_on: date
    facts_on: date
    discernment_seen: bool = False
    case_mark: str = ""
    facts: str = ""
    phone: str = ""
    parents: str = ""
    parents_phone: str = ""


def correct(*, by: Viewer, reparation: Reparation, data: Correction, now: datetime, expected: int | None) -> None:
    """Correct what was typed of the young person; the law is asked again, what was written before stays in history.

    The age at the facts is stored (MIN-05): it changes only where one of its two dates was wrong. Raises
    AccessRefused, InputRefused, ConflictRefused.
    """
    facts.require_on(by, reparation, Action.CHANGE, DataClass.REPARATION_CONTENT, now)
    with audit.reading(
        by, subjects=[reparation.subject_id], classes=[DataClass.REPARATION_CONTENT], purpose=Purpose.REVIEW,
        module="placements", object_type=reparation._meta.label_lower, object_ids=[reparation.pk],
    ):  # fmt: skip
        sweep.open_many([reparation], "order", "ages", "born_on", "facts_on")
        order, ages = dict(reparation.order or {}), dict(reparation.ages or {})
        same_age = (reparation.born_on, reparation.facts_on) == (data.born_on, data.facts_on)
    given = {name: getattr(data, name) for name in Correction.__dataclass_fields__}
    typed = OrderData(
        track=reparation.track, authority=str(order.get("authority", "")), ordered_on=reparation.ordered_on,
        term_on=reparation.term_on, measure_from=reparation.measure_from, measure_to=reparation.measure_to,
        guilt_on=reparation.guilt_on, sanction_on=reparation.sanction_on, **given,
    )  # fmt: skip
    check(typed, now)
    if not same_age:
        ages["age_at_facts"] = law.age_at_facts(data.born_on, data.facts_on)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Reparation.objects.all(), reparation.pk, expected)
        revision.save(
            row, **_identity(typed), ages=ages | {"discernment_seen": data.discernment_seen},
            order=order | {"case_mark": data.case_mark.strip()}, facts=data.facts.strip(),
        )  # fmt: skip
        w.note(Act.CHANGE, row, classes=[DataClass.REPARATION_ACTIVITY, DataClass.REPARATION_CONTENT], why="corrected")


def _identity(data: OrderData) -> dict[str, Any]:
    return {
        "identity": {"last_name": data.last_name.strip(), "first_name": data.first_name.strip()},
        "contact": {
            "phone": data.phone.strip(), "parents": data.parents.strip(), "parents_phone": data.parents_phone.strip(),
        },
        "born_on": data.born_on, "facts_on": data.facts_on,
    }  # fmt: skip


def change_term(*, by: Viewer, reparation: Reparation, term_on: date, now: datetime, expected: int | None) -> None:
    """Record the term that the magistrate moved, before the report (REP-08). Raises AccessRefused, InputRefused."""
    facts.require_on(by, reparation, Action.CHANGE, DataClass.REPARATION_CONTENT, now)
    if reparation.state == State.REPORTED:
        raise GuardRefused("Le rapport est déjà remis.")
    with audit.reading(
        by, subjects=[reparation.subject_id], classes=[DataClass.REPARATION_CONTENT], purpose=Purpose.REVIEW,
        module="placements", object_type=reparation._meta.label_lower, object_ids=[reparation.pk],
    ):  # fmt: skip
        sweep.open_many([reparation], "born_on")
        born_on = reparation.born_on
    if born_on is None:
        raise GuardRefused("La date de naissance manque.")
    problem = law.term_problem(
        track=reparation.track, ordered_on=reparation.ordered_on, term_on=term_on, born_on=born_on
    ) or law.measure_problem(
        measure_from=reparation.measure_from, measure_to=reparation.measure_to, born_on=born_on, term_on=term_on
    )
    if problem:
        raise InputRefused(problem, field="term_on")
    with audit.writing(by, now=now) as w:
        row = revision.lock(Reparation.objects.all(), reparation.pk, expected)
        revision.save(row, term_on=term_on)
        w.note(Act.CHANGE, row, classes=[DataClass.REPARATION_CONTENT], why="term")
