"""Receiving a measure: who ordered it, under which frame, which obligations, until when (CJ-33, CJ-38, CJ-41)."""

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
from casework.audit import Act, Purpose, Writing
from casework.casefile import revision
from casework.casefile.references import free_reference
from casework.errors import GuardRefused, InputRefused
from casework.partners.models import Mandate
from casework.sealing import keys, sweep
from casework.vif.offenders import facts, law
from casework.vif.offenders.actions import team
from casework.vif.offenders.actions.counting import count
from casework.vif.offenders.codes import FOLLOWED, ORDERS, Frame, State
from casework.vif.offenders.models import Measure, Obligation, ObligationType
from casework.vif.offenders.states import LIFECYCLE

PREFIX = "MES"


@dataclass(frozen=True, kw_only=True)
class PersonData:
    """Who the person under measure is and how to reach them; `case_mark` is the service's own mark."""

    last_name: str
    first_name: str
    born_on: date
    phone: str = ""
    address: str = ""
    email: str = ""
    authority: str = ""
    court: str = ""
    magistrate: str = ""
    case_mark: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderData:
    """What is typed when the order arrives. `obligations`: codes of types in force on the day of the order."""

    frame: str
    ordered_on: date
    term_on: date
    person: PersonData
    obligations: Sequence[str] = ()
    hearing_on: date | None = None
    bracelet: bool = False
    bracelet_until: date | None = None


def receive(*, by: Viewer, data: OrderData, now: datetime, person_id: UUID | None = None) -> Measure:
    """Open a measure on the order of a magistrate; its author is in charge of it.

    Raises AccessRefused, InputRefused with the field at fault.
    """
    facts.require_creation(by, now)
    check(data, now)
    person = person_id or uuid4()
    if Measure.objects.filter(subject_id=person).exists():
        person = uuid4()  # the form's id is taken, or not ours: nothing is told (T-20)
    keys.ensure(person)
    mandate = Mandate.objects.get(pk=by.mandate_id)
    with audit.writing(by, now=now) as w:
        measure = Measure(
            subject_id=person, territory_id=by.territory_id, organisation_id=by.organisation_id,
            reference=free_reference(Measure, PREFIX, now), frame=data.frame, received_at=now,
            ordered_on=data.ordered_on, term_on=data.term_on, hearing_on=data.hearing_on, bracelet=_bracelet(data.bracelet, data.bracelet_until),
            outcome="", **_written(data.person),
        )  # fmt: skip
        LIFECYCLE.apply(measure, State.MANDATED, w=w, by=by, now=now)
        for code in dict.fromkeys(data.obligations):
            _impose(w, by, measure, code, data.ordered_on)
        team.put_in_charge(w, by=by, measure=measure, mandate=mandate, now=now)
        count(w, measure, f"received.{data.frame}", now)
    return measure


def check(data: OrderData, now: datetime) -> None:
    """Raise InputRefused at the field that the law does not know, or that is missing."""
    if data.frame not in Frame.values:
        raise InputRefused("Choisissez le cadre.", field="frame")
    check_person(data.person, data.frame, now)
    if data.ordered_on > localdate(now):
        raise InputRefused("Cette date est à venir.", field="ordered_on")
    problem = law.term_problem(frame=data.frame, ordered_on=data.ordered_on, term_on=data.term_on)
    if problem:
        raise InputRefused(problem, field="term_on")
    if data.hearing_on is not None and data.hearing_on <= data.ordered_on:
        raise InputRefused("L’audience suit la décision.", field="hearing_on")
    if not data.obligations:
        raise InputRefused("Cochez au moins une obligation de la décision.", field="obligations")
    _check_codes(data.frame, data.obligations, data.ordered_on)
    _check_bracelet(data.bracelet, data.bracelet_until)


def check_person(person: PersonData, frame: str, now: datetime) -> None:
    """Raise InputRefused where somebody is not named, not born, or ordered by a magistrate of another frame."""
    for field in ("last_name", "first_name"):
        if not getattr(person, field).strip():
            raise InputRefused("Ce champ est obligatoire.", field=field)
    if person.born_on >= localdate(now):
        raise InputRefused("Vérifiez la date de naissance.", field="born_on")
    if person.authority not in ORDERS[frame]:
        raise InputRefused("Cette autorité ne décide pas dans ce cadre.", field="authority")


def _check_codes(frame: str, wanted: Sequence[str], on: date) -> None:
    known = set(ObligationType.objects.filter(frame=frame).valid_on(on).values_list("code", flat=True))
    if not set(wanted) <= known:
        raise InputRefused(
            "Choisissez des obligations de la liste, en vigueur à la date de la décision.", field="obligations"
        )


def _check_bracelet(ordered: bool, until: date | None) -> None:
    if until is not None and not ordered:
        raise InputRefused("Cochez « bracelet ordonné », ou effacez la date.", field="bracelet_until")


def _bracelet(ordered: bool, until: date | None) -> dict[str, Any]:
    return {"ordered": ordered, "until": until.isoformat() if until else ""}


def _written(person: PersonData) -> dict[str, Any]:
    return {
        "identity": {
            "last_name": person.last_name.strip(), "first_name": person.first_name.strip(),
            "born_on": person.born_on.isoformat(), "phone": person.phone.strip(), "address": person.address.strip(),
            "email": person.email.strip(),
        },
        "order": {
            "authority": person.authority, "court": person.court.strip(), "magistrate": person.magistrate.strip(),
            "case_mark": person.case_mark.strip(),
        },
    }  # fmt: skip


def _impose(w: Writing, by: Viewer, measure: Measure, code: str, on: date) -> None:
    row = Obligation(
        subject_id=measure.subject_id, territory_id=measure.territory_id, measure=measure, recorded_by=by.mandate_id,
        starts_on=on, code=code, rating="",
    )  # fmt: skip
    row.save(force_insert=True)
    w.note(Act.CREATE, row, classes=[DataClass.VIF_PERSON])


def correct(*, by: Viewer, measure: Measure, data: PersonData, now: datetime, expected: int | None) -> None:
    """Correct who the person is, how to reach them, who ordered. Raises AccessRefused, InputRefused, ConflictRefused."""
    facts.require_on(by, measure, Action.CHANGE, DataClass.VIF_PERSON, now)
    check_person(data, measure.frame, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Measure.objects.all(), measure.pk, expected)
        revision.save(row, **_written(data))
        w.note(Act.CHANGE, row, classes=[DataClass.VIF_PERSON], why="corrected")


def set_dates(
    *, by: Viewer, measure: Measure, term_on: date, hearing_on: date | None, now: datetime, expected: int | None,
    bracelet: bool = False, bracelet_until: date | None = None,
) -> None:  # fmt: skip
    """Record the term, the hearing, and whether a bracelet is ordered, until when: nothing more of it (BAR-03, DL-18).

    Raises AccessRefused, InputRefused, ConflictRefused.
    """
    facts.require_on(by, measure, Action.CHANGE, DataClass.VIF_PERSON, now)
    problem = law.term_problem(frame=measure.frame, ordered_on=measure.ordered_on, term_on=term_on)
    if problem:
        raise InputRefused(problem, field="term_on")
    if hearing_on is not None and hearing_on <= measure.ordered_on:
        raise InputRefused("L’audience suit la décision.", field="hearing_on")
    _check_bracelet(bracelet, bracelet_until)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Measure.objects.all(), measure.pk, expected)
        revision.save(row, term_on=term_on, hearing_on=hearing_on, bracelet=_bracelet(bracelet, bracelet_until))
        w.note(Act.CHANGE, row, classes=[DataClass.VIF_PERSON], why="dates")


def change_obligations(*, by: Viewer, measure: Measure, obligations: Sequence[str], on: date, now: datetime) -> None:
    """Write the obligations in force from a day: those that leave end that day, those that stay keep their proofs.

    Modified by the magistrate, they are explained again before the follow-up goes on (CJ-35). Raises AccessRefused,
    InputRefused, GuardRefused.
    """
    facts.require_on(by, measure, Action.CHANGE, DataClass.VIF_PERSON, now)
    if measure.state not in (State.MANDATED, *FOLLOWED):
        raise GuardRefused("Le rapport final est déjà remis.")
    wanted = list(dict.fromkeys(obligations))
    if not wanted:
        raise InputRefused("Cochez au moins une obligation de la décision.", field="obligations")
    if not measure.ordered_on <= on <= localdate(now):
        raise InputRefused("Cette date est avant la décision, ou à venir.", field="on")
    rows = list(measure.obligations.filter(ended_on__isnull=True))
    with audit.reading(
        by, subjects=[measure.subject_id], classes=[DataClass.VIF_PERSON], purpose=Purpose.REVIEW, module="vif",
        object_type=measure._meta.label_lower, object_ids=[measure.pk],
    ):  # fmt: skip
        sweep.open_many(rows, "code")
        held = {row.code: row.pk for row in rows}
    _check_codes(measure.frame, [code for code in wanted if code not in held], on)
    leaving = [pk for code, pk in held.items() if code not in wanted]
    with audit.writing(by, now=now) as w:
        revision.lock(Measure.objects.all(), measure.pk, None)
        for row in Obligation.objects.select_for_update(of=("self",)).filter(pk__in=leaving):
            revision.save(row, ended_on=on)
            w.note(Act.CHANGE, row, classes=[DataClass.VIF_PERSON], why="ended")
        for code in wanted:
            if code not in held:
                _impose(w, by, measure, code, on)


def notify_again(*, by: Viewer, measure: Measure, on: date, now: datetime, expected: int | None) -> None:
    """Record that modified obligations were explained: the follow-up goes on (10.4). Raises AccessRefused, MoveRefused."""
    facts.require_on(by, measure, Action.MOVE, DataClass.VIF_PERSON, now)
    if not measure.ordered_on <= on <= localdate(now):
        raise InputRefused("Cette date est avant la décision, ou à venir.", field="on")
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(measure, State.ACTIVE, w=w, by=by, now=now, expected_revision=expected, notified_on=on)
