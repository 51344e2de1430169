"""Presence, expected outcomes, difficulties, reports, the end (REP-10, REP-13, REP-15, 10.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Writing
from casework.casefile import mailer, revision
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.reparation import facts
from casework.placements.reparation.actions import activity, ended, team
from casework.placements.reparation.codes import (
    CLOSES,
    RUNNING,
    STOPS,
    Difficulty,
    DifficultyAnswer,
    Goal,
    GoalResult,
    ParentsPart,
    Presence,
    ReportKind,
    SessionKind,
    State,
)
from casework.placements.reparation.models import (
    DifficultyNotice,
    ExpectedOutcome,
    Reparation,
    ReportSent,
    Session,
)
from casework.placements.reparation.states import LIFECYCLE

MOST_GOALS = 8
BEFORE_REPORT = tuple(state for state in State if state not in (State.REPORTED, *LIFECYCLE.final))


def find_session(viewer: Viewer, pk: UUID, now: datetime) -> Session:
    """Return a session that the viewer may see: a host, those of its own posts only. Raises AccessRefused."""
    seen = facts.visible_to(viewer, now).values("pk")
    row = Session.objects.select_related("post").filter(pk=pk, reparation__in=seen).first()
    if row is None:
        raise AccessRefused(code="session")
    row.reparation = facts.find(viewer, row.reparation_id, now)
    link = facts.relation(viewer, row.reparation, now)
    if not link.may(viewer, Action.VIEW, DataClass.REPARATION_CONTENT, now) and (
        row.post_id is None or row.post_id != row.reparation.post_id
    ):
        raise AccessRefused(code="session")
    return row


def start(*, by: Viewer, reparation: Reparation, now: datetime, expected: int | None) -> None:
    """Begin: at once towards the community, after the victim's agreement otherwise. Raises AccessRefused, GuardRefused."""
    facts.require_on(by, reparation, Action.MOVE, DataClass.REPARATION_CONTENT, now)
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(
            reparation, State.IN_PROGRESS, w=w, by=by, now=now, expected_revision=expected,
            started_on=reparation.started_on or localdate(now),
        )  # fmt: skip


def record_presence(
    *, by: Viewer, session: Session, presence: str, now: datetime, expected: int | None, parents: str = ""
) -> None:
    """Record who came to one session (row 16): a host writes this and nothing else (REP-16).

    The first half-day at a host begins the réparation. An absence excused may be written before the day.
    Raises AccessRefused, InputRefused, GuardRefused.
    """
    reparation = session.reparation
    link = facts.require_on(by, reparation, Action.CHANGE, DataClass.REPARATION_ACTIVITY, now)
    is_officer = link.may(by, Action.CHANGE, DataClass.REPARATION_CONTENT, now)
    if presence not in Presence.values:
        raise InputRefused("Choisissez une réponse de la liste.", field="presence")
    if parents and (not is_officer or parents not in ParentsPart.values):
        raise InputRefused("Choisissez une réponse de la liste.", field="parents")
    if session.day > localdate(now) and presence != Presence.EXCUSED:
        raise InputRefused("Cette séance n’a pas encore eu lieu.", field="presence")
    if reparation.state not in BEFORE_REPORT:
        raise GuardRefused("Le rapport est déjà remis.")
    at_host = session.post_id is not None
    if at_host and reparation.state not in (State.ASSIGNED, *RUNNING):
        raise GuardRefused("L’activité n’a pas commencé.")
    with audit.writing(by, now=now) as w:
        row = revision.lock(Session.objects.all(), session.pk, expected)
        changes: dict[str, object] = {"presence": presence, "recorded_at": now, "recorded_by": by.mandate_id}
        if is_officer:
            changes["parents"] = parents
        revision.save(row, **changes)
        w.note(Act.CHANGE, row, classes=[DataClass.REPARATION_ACTIVITY], why="presence")
        if at_host and reparation.state == State.ASSIGNED and session.kind == SessionKind.ACTIVITY:
            LIFECYCLE.apply(reparation, State.IN_PROGRESS, w=w, by=by, now=now, started_on=session.day)
        if not is_officer and presence == Presence.ABSENT:
            team.tell_educators(reparation, now, but=by.agent_id)


def set_goals(*, by: Viewer, reparation: Reparation, goals: list[str], now: datetime) -> None:
    """Say what is expected; what was rated and stays expected keeps its rating. Raises AccessRefused, InputRefused."""
    facts.require_on(by, reparation, Action.CHANGE, DataClass.REPARATION_CONTENT, now)
    _before_report(reparation)
    wanted = list(dict.fromkeys(goals))
    if not wanted or len(wanted) > MOST_GOALS or not set(wanted) <= set(Goal.values):
        raise InputRefused(f"Choisissez de 1 à {MOST_GOALS} résultats de la liste.", field="goals")
    from casework.placements.reparation.reads import opened

    known = {goal.code: goal for goal in opened.goals(by, reparation)}
    with audit.writing(by, now=now) as w:
        revision.lock(Reparation.objects.all(), reparation.pk, None)
        for row in reparation.goals.select_for_update(of=("self",)):
            w.note(Act.DELETE, row, classes=[DataClass.REPARATION_CONTENT], why="goals")
            row.delete()
        for position, code in enumerate(wanted):
            before = known.get(code)
            row = ExpectedOutcome(
                subject_id=reparation.subject_id, territory_id=reparation.territory_id, reparation=reparation,
                position=position, goal=code, result=before.result_code if before else "",
                rated_at=before.rated_at if before else None,
            )  # fmt: skip
            row.save(force_insert=True)
            w.note(Act.CREATE, row, classes=[DataClass.REPARATION_CONTENT])


def rate(*, by: Viewer, reparation: Reparation, results: Mapping[UUID, str], now: datetime) -> None:
    """Say of each expected outcome whether it is reached, in part or not (peers D3). Raises AccessRefused, InputRefused."""
    facts.require_on(by, reparation, Action.CHANGE, DataClass.REPARATION_CONTENT, now)
    _before_report(reparation)
    if not set(results.values()) <= set(GoalResult.values):
        raise InputRefused("Choisissez une réponse de la liste.")
    with audit.writing(by, now=now) as w:
        rows = {row.pk: row for row in reparation.goals.select_for_update(of=("self",))}
        if not set(results) <= set(rows):
            raise AccessRefused(code="goal")
        for pk, result in results.items():
            revision.save(rows[pk], result=result, rated_at=now)
            w.note(Act.CHANGE, rows[pk], classes=[DataClass.REPARATION_CONTENT], why="rated")


def tell_magistrate(
    *, by: Viewer, reparation: Reparation, kind: str, told_on: date, precision: str, now: datetime, expected: int | None
) -> DifficultyNotice:
    """Record that the magistrate is told of a difficulty (REP-15). Raises AccessRefused, InputRefused, MoveRefused."""
    facts.require_on(by, reparation, Action.MOVE, DataClass.REPARATION_CONTENT, now)
    if kind not in Difficulty.values:
        raise InputRefused("Choisissez la difficulté.", field="kind")
    if not reparation.ordered_on <= told_on <= localdate(now):
        raise InputRefused("Cette date est avant la décision, ou à venir.", field="told_on")
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(reparation, State.DIFFICULTY, w=w, by=by, now=now, expected_revision=expected)
        row = DifficultyNotice(
            subject_id=reparation.subject_id, territory_id=reparation.territory_id, reparation=reparation,
            told_on=told_on, recorded_by=by.mandate_id, kind=kind, precision=precision.strip(),
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[DataClass.REPARATION_CONTENT])
    return row


def record_answer(
    *, by: Viewer, reparation: Reparation, answer: str, answered_on: date, now: datetime, expected: int | None
) -> None:
    """Record what the magistrate answers: go on, or send the report (10.3). Raises AccessRefused, InputRefused."""
    facts.require_on(by, reparation, Action.MOVE, DataClass.REPARATION_CONTENT, now)
    if answer not in DifficultyAnswer.values:
        raise InputRefused("Choisissez une réponse de la liste.", field="answer")
    with audit.writing(by, now=now) as w:
        row = DifficultyNotice.objects.select_for_update(of=("self",)).filter(reparation=reparation, answer="").first()
        if row is None:
            raise GuardRefused("Aucune difficulté n’attend de réponse.")
        if not row.told_on <= answered_on <= localdate(now):
            raise InputRefused("Cette date est avant l’information du magistrat, ou à venir.", field="answered_on")
        revision.save(row, answer=answer, answered_on=answered_on)
        w.note(Act.CHANGE, row, classes=[DataClass.REPARATION_CONTENT], why="answered")
        if answer == DifficultyAnswer.CONTINUE:
            LIFECYCLE.apply(reparation, State.IN_PROGRESS, w=w, by=by, now=now, expected_revision=expected)


def report(
    *, by: Viewer, reparation: Reparation, reported_on: date, conclusion: str, now: datetime, expected: int | None
) -> None:
    """Record that the report left (REP-10): the host's part ends, places to come are given back.

    Raises AccessRefused, InputRefused, GuardRefused (an expected outcome not rated).
    """
    facts.require_on(by, reparation, Action.MOVE, DataClass.REPARATION_CONTENT, now)
    if not (reparation.started_on or reparation.ordered_on) <= reported_on <= localdate(now):
        raise InputRefused("Cette date est avant le début, ou à venir.", field="reported_on")
    with audit.writing(by, now=now) as w:
        for row in DifficultyNotice.objects.select_for_update(of=("self",)).filter(reparation=reparation, answer=""):
            revision.save(row, answer=DifficultyAnswer.REPORT, answered_on=reported_on)
            w.note(Act.CHANGE, row, classes=[DataClass.REPARATION_CONTENT], why="answered")
        LIFECYCLE.apply(
            reparation, State.REPORTED, w=w, by=by, now=now, expected_revision=expected, reported_on=reported_on,
            conclusion=conclusion.strip(),
        )  # fmt: skip
        _sent(w, by=by, reparation=reparation, kind=ReportKind.FINAL, sent_on=reported_on)
        activity.leave_host(w, by=by, reparation=reparation, now=now, reason="reported")


def send_half_yearly(*, by: Viewer, reparation: Reparation, sent_on: date, now: datetime) -> None:
    """Record that a half-yearly report of the mesure éducative left (REP-13, DL-14). Raises AccessRefused, GuardRefused."""
    facts.require_on(by, reparation, Action.CHANGE, DataClass.REPARATION_CONTENT, now)
    if reparation.measure_from is None:
        raise GuardRefused("Les dates de la mesure éducative judiciaire ne sont pas connues.")
    if not reparation.measure_from <= sent_on <= localdate(now):
        raise InputRefused("Cette date est avant la mesure, ou à venir.", field="sent_on")
    with audit.writing(by, now=now) as w:
        _sent(w, by=by, reparation=reparation, kind=ReportKind.HALF_YEARLY, sent_on=sent_on)


def close(
    *, by: Viewer, reparation: Reparation, outcome: str, closed_on: date, now: datetime, expected: int | None
) -> None:
    """Close by what the magistrate decided, in a code (10.3). Raises AccessRefused, InputRefused, GuardRefused."""
    facts.require_on(by, reparation, Action.MOVE, DataClass.REPARATION_CONTENT, now)
    to = CLOSES.get((reparation.track, outcome))
    if to is None:
        raise InputRefused("Choisissez ce que le magistrat a décidé.", field="outcome")
    if reparation.reported_on is None or not reparation.reported_on <= closed_on <= localdate(now):
        raise InputRefused("Cette date est avant le rapport, ou à venir.", field="closed_on")
    left = ended.prepare(by, reparation, to=to, on=closed_on)
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(
            reparation, to, w=w, by=by, now=now, expected_revision=expected, outcome=outcome, closed_on=closed_on
        )
        ended.leave(w, reparation, left, by=by, now=now)


def stop(
    *, by: Viewer, reparation: Reparation, outcome: str, closed_on: date, now: datetime, expected: int | None
) -> None:
    """Stop before the end: without object, or another service takes it over (10.3).

    The host reads nothing more and its places are free. Raises AccessRefused, InputRefused, MoveRefused.
    """
    facts.require_on(by, reparation, Action.MOVE, DataClass.REPARATION_CONTENT, now)
    to = STOPS.get(outcome)
    if to is None:
        raise InputRefused("Indiquez pourquoi la réparation s’arrête.", field="outcome")
    if not reparation.ordered_on <= closed_on <= localdate(now):
        raise InputRefused("Cette date est avant la décision, ou à venir.", field="closed_on")
    left = ended.prepare(by, reparation, to=to, on=closed_on)
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(
            reparation, to, w=w, by=by, now=now, expected_revision=expected, outcome=outcome, closed_on=closed_on
        )
        ended.leave(w, reparation, left, by=by, now=now)
        activity.leave_host(w, by=by, reparation=reparation, now=now, reason="stopped")


def _sent(w: Writing, *, by: Viewer, reparation: Reparation, kind: ReportKind, sent_on: date) -> None:
    row = ReportSent(
        subject_id=reparation.subject_id, territory_id=reparation.territory_id, reparation=reparation, kind=kind,
        sent_on=sent_on, recorded_by=by.mandate_id,
    )  # fmt: skip
    row.save(force_insert=True)
    w.note(Act.CREATE, row, classes=[DataClass.REPARATION_CONTENT], why=kind.value)


def _before_report(reparation: Reparation) -> None:
    if reparation.state not in BEFORE_REPORT:
        raise GuardRefused("Le rapport est déjà remis.")
