"""Following a measure: appointments, proofs seen or not, ratings, courses, lodging, orientation (CJ-05 to CJ-18, CJ-40)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Writing
from casework.casefile import revision
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.vif.offenders import facts, law
from casework.vif.offenders.actions.counting import count
from casework.vif.offenders.codes import (
    FOLLOWED,
    MET_WITH,
    Came,
    CourseKind,
    CourseState,
    LodgingAnswer,
    Meeting,
    Rating,
    Seen,
    State,
)
from casework.vif.offenders.models import Appointment, Course, Lodging, Measure, Orientation, Proof
from casework.vif.offenders.states import LIFECYCLE


def _open(by: Viewer, measure: Measure, data_class: DataClass, now: datetime) -> None:
    """Ask decide(), and refuse once the final report has left."""
    facts.require_on(by, measure, Action.CHANGE, data_class, now)
    if measure.state not in (State.MANDATED, *FOLLOWED):
        raise GuardRefused("Le rapport final est déjà remis.")


def _common(by: Viewer, measure: Measure) -> dict[str, Any]:
    return {
        "subject_id": measure.subject_id, "territory_id": measure.territory_id, "measure": measure,
        "recorded_by": by.mandate_id,
    }  # fmt: skip


def _past(measure: Measure, on: date, now: datetime, field: str) -> None:
    if not measure.ordered_on <= on <= localdate(now):
        raise InputRefused("Cette date est avant la décision, ou à venir.", field=field)


def plan(*, by: Viewer, measure: Measure, kind: str, day: date, at: time, now: datetime) -> Appointment:
    """Plan an appointment; the first interview comes first. Raises AccessRefused, InputRefused, GuardRefused."""
    _open(by, measure, DataClass.VIF_PERSON, now)
    if kind not in Meeting.values:
        raise InputRefused("Choisissez la nature du rendez-vous.", field="kind")
    if (kind == Meeting.FIRST) is not (measure.state == State.MANDATED):
        raise InputRefused(
            "Le premier entretien vient d’abord."
            if measure.state == State.MANDATED
            else "Le premier entretien est déjà tenu.",
            field="kind",
        )
    if day < measure.ordered_on:
        raise InputRefused("Cette date est avant la décision.", field="day")
    if measure.appointments.filter(day=day, at=at).exists():
        raise InputRefused("Un rendez-vous est déjà prévu à cette heure.", field="at")
    row = Appointment(**_common(by, measure), kind=kind, day=day, at=at)
    with audit.writing(by, now=now) as w:
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[DataClass.VIF_PERSON])
    return row


def record_outcome(*, by: Viewer, appointment: Appointment, came: str, now: datetime, expected: int | None) -> None:
    """Record what became of an appointment.

    The first interview held explains the obligations (10.4). An absence excused may be written before the day.
    Raises AccessRefused, InputRefused, GuardRefused.
    """
    measure = appointment.measure
    _open(by, measure, DataClass.VIF_PERSON, now)
    if came not in Came.values:
        raise InputRefused("Choisissez une réponse de la liste.", field="came")
    if appointment.day > localdate(now) and came != Came.EXCUSED:
        raise InputRefused("Ce rendez-vous n’a pas encore eu lieu.", field="came")
    if appointment.kind == Meeting.FIRST and measure.state != State.MANDATED and came not in MET_WITH:
        raise GuardRefused("Les obligations ont été expliquées ce jour-là.")
    with audit.writing(by, now=now) as w:
        row = revision.lock(Appointment.objects.all(), appointment.pk, expected)
        if came == Came.ABSENT and row.came != Came.ABSENT:
            count(w, measure, "absence", now)
        revision.save(row, came=came, recorded_by=by.mandate_id)
        w.note(Act.CHANGE, row, classes=[DataClass.VIF_PERSON], why=came)
        if came in MET_WITH:
            if row.kind == Meeting.FIRST and measure.state == State.MANDATED:
                LIFECYCLE.apply(
                    measure, State.NOTIFIED, w=w, by=by, now=now, notified_on=row.day, contact_on=row.day
                )  # fmt: skip
            else:
                _met(w, measure, row.day)


def _met(w: Writing, measure: Measure, day: date) -> None:
    """Keep the last day of contact: silence starts there."""
    row = revision.lock(Measure.objects.all(), measure.pk, None)
    if row.contact_on is None or row.contact_on < day:
        revision.save(row, contact_on=day)
        w.note(Act.CHANGE, row, classes=[DataClass.VIF_PERSON], why="contact")


def cancel(*, by: Viewer, appointment: Appointment, now: datetime) -> None:
    """Take an appointment without an outcome off the plan. Raises AccessRefused, GuardRefused."""
    _open(by, appointment.measure, DataClass.VIF_PERSON, now)
    with audit.writing(by, now=now) as w:
        row = Appointment.objects.select_for_update(of=("self",)).filter(pk=appointment.pk).first()
        if row is None or row.came:
            raise GuardRefused("L’issue de ce rendez-vous est déjà inscrite.")
        w.note(Act.DELETE, row, classes=[DataClass.VIF_PERSON], why="cancelled")
        row.delete()


def begin(*, by: Viewer, measure: Measure, now: datetime, expected: int | None) -> None:
    """Begin the follow-up once the obligations are explained (10.4). Raises AccessRefused, MoveRefused."""
    facts.require_on(by, measure, Action.MOVE, DataClass.VIF_PERSON, now)
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(measure, State.ACTIVE, w=w, by=by, now=now, expected_revision=expected)


def note_proof(
    *, by: Viewer, measure: Measure, seen: str, day: date, now: datetime, obligation_id: UUID | None = None
) -> Proof:
    """Note that a proof of one obligation was seen, or was not: nothing else of it (BL-04). Without one: the address.

    Raises AccessRefused, InputRefused, GuardRefused.
    """
    _open(by, measure, DataClass.VIF_PROOFS, now)
    if seen not in Seen.values:
        raise InputRefused("Choisissez « vu » ou « non vu ».", field="seen")
    _past(measure, day, now, "day")
    if obligation_id is not None and not measure.obligations.filter(pk=obligation_id, ended_on__isnull=True).exists():
        raise AccessRefused(code="obligation")
    row = Proof(**_common(by, measure), obligation_id=obligation_id, day=day, seen=seen)
    with audit.writing(by, now=now) as w:
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[DataClass.VIF_PROOFS])
    return row


def rate(*, by: Viewer, measure: Measure, ratings: Mapping[UUID, str], now: datetime) -> None:
    """Say of each obligation whether it is met, partly, or not: the report repeats it. Raises AccessRefused, InputRefused."""
    _open(by, measure, DataClass.VIF_PROOFS, now)
    if not ratings or not set(ratings.values()) <= set(Rating.values):
        raise InputRefused("Dites d’au moins une obligation si elle est respectée.")
    with audit.writing(by, now=now) as w:
        rows = {row.pk: row for row in measure.obligations.select_for_update(of=("self",))}
        if not set(ratings) <= set(rows):
            raise AccessRefused(code="obligation")
        for pk, rating in ratings.items():
            revision.save(rows[pk], rating=rating, rated_on=localdate(now))
            w.note(Act.CHANGE, rows[pk], classes=[DataClass.VIF_PROOFS], why="rated")


def plan_course(
    *, by: Viewer, measure: Measure, kind: str, starts_on: date, ends_on: date, agreed: bool, now: datetime
) -> Course:  # fmt: skip
    """Enrol the person on a course. A course of responsibility lasts a month at most, on a project that the prosecutor
    agreed to, at the person's own cost; ordered as a sentence, it ends within six months (CJ-40, DL-19).

    Raises AccessRefused, InputRefused.
    """
    _open(by, measure, DataClass.VIF_PROOFS, now)
    if kind not in CourseKind.values:
        raise InputRefused("Choisissez la nature du stage.", field="kind")
    if starts_on < measure.ordered_on:
        raise InputRefused("Cette date est avant la décision.", field="starts_on")
    if ends_on < starts_on:
        raise InputRefused("La fin suit le début.", field="ends_on")
    if kind == CourseKind.RESPONSIBILITY:
        problem = law.course_problem(starts_on=starts_on, ends_on=ends_on)
        if problem:
            raise InputRefused(problem, field="ends_on")
        if not agreed:
            raise InputRefused("Le projet de stage est validé par le procureur (CP R131-36).", field="agreed")
    limit = law.course_due_on(frame=measure.frame, ordered_on=measure.ordered_on)
    if limit is not None and ends_on > limit:
        raise InputRefused("Le stage se termine dans les six mois de la condamnation (CP 131-5-1).", field="ends_on")
    row = Course(**_common(by, measure), kind=kind, starts_on=starts_on, ends_on=ends_on, state=CourseState.PLANNED)
    with audit.writing(by, now=now) as w:
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[DataClass.VIF_PROOFS])
    return row


def end_course(*, by: Viewer, course: Course, state: str, now: datetime, expected: int | None) -> None:
    """Say how far a course went, once it has begun. Raises AccessRefused, InputRefused."""
    _open(by, course.measure, DataClass.VIF_PROOFS, now)
    if state not in CourseState.values:
        raise InputRefused("Choisissez une réponse de la liste.", field="state")
    if state != CourseState.PLANNED and course.starts_on > localdate(now):
        raise InputRefused("Ce stage n’a pas commencé.", field="state")
    with audit.writing(by, now=now) as w:
        row = revision.lock(Course.objects.all(), course.pk, expected)
        if state == CourseState.DONE and row.state != CourseState.DONE:
            count(w, course.measure, "course", now)
        revision.save(row, state=state)
        w.note(Act.CHANGE, row, classes=[DataClass.VIF_PROOFS], why=state)


def ask_lodging(*, by: Viewer, measure: Measure, asked_of: str, asked_on: date, now: datetime) -> Lodging:
    """Record that a lodging was asked for after removal from home. Raises AccessRefused, InputRefused."""
    _open(by, measure, DataClass.VIF_PERSON, now)
    if not asked_of.strip():
        raise InputRefused("Indiquez à qui l’hébergement est demandé.", field="asked_of")
    _past(measure, asked_on, now, "asked_on")
    row = Lodging(**_common(by, measure), asked_of=asked_of.strip(), asked_on=asked_on)
    with audit.writing(by, now=now) as w:
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[DataClass.VIF_PERSON])
        count(w, measure, "lodging.asked", now)
    return row


def answer_lodging(
    *, by: Viewer, lodging: Lodging, answer: str, answered_on: date, now: datetime, expected: int | None
) -> None:
    """Record whether the lodging was obtained or refused, and when. Raises AccessRefused, InputRefused."""
    _open(by, lodging.measure, DataClass.VIF_PERSON, now)
    if answer not in (LodgingAnswer.OBTAINED, LodgingAnswer.REFUSED):
        raise InputRefused("Choisissez « obtenu » ou « refusé ».", field="answer")
    if not lodging.asked_on <= answered_on <= localdate(now):
        raise InputRefused("Cette date est avant la demande, ou à venir.", field="answered_on")
    with audit.writing(by, now=now) as w:
        row = revision.lock(Lodging.objects.all(), lodging.pk, expected)
        if not row.answer:
            count(w, lodging.measure, f"lodging.{answer}", now)
        revision.save(row, answer=answer, answered_on=answered_on)
        w.note(Act.CHANGE, row, classes=[DataClass.VIF_PERSON], why=answer)


def orient(*, by: Viewer, measure: Measure, to: str, why: str, sent_on: date, now: datetime) -> Orientation:
    """Record that the person is sent to a specialised association, by letter. Raises AccessRefused, InputRefused."""
    _open(by, measure, DataClass.VIF_PERSON, now)
    for field, value in (("to", to), ("why", why)):
        if not value.strip():
            raise InputRefused("Ce champ est obligatoire.", field=field)
    _past(measure, sent_on, now, "sent_on")
    row = Orientation(**_common(by, measure), to=to.strip(), why=why.strip(), sent_on=sent_on)
    with audit.writing(by, now=now) as w:
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[DataClass.VIF_PERSON])
        count(w, measure, "orientation", now)
    return row


def part(model: type[Any], viewer: Viewer, pk: UUID, now: datetime) -> Any:
    """Return one row that hangs on a measure of the viewer (Appointment, Course, Lodging…). Raises AccessRefused."""
    row = model.objects.filter(pk=pk, measure__in=facts.visible_to(viewer, now).values("pk")).first()
    if row is None:
        raise AccessRefused(code="part")
    row.measure = facts.find(viewer, row.measure_id, now)
    return row
