"""« Question sans nom »: a coded question with an age band and a sector, or none; no person row (SEC-09)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action, require
from casework.access.viewer import Viewer
from casework.audit import Act, Writing
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups import facts as followup_facts
from casework.minors.followups.actions import counts
from casework.minors.followups.anonymous_codes import CountKind
from casework.minors.sessions.actions import meeting
from casework.minors.sessions.codes import AgeBand, LineKind, LineState, QuestionTopic, SessionState
from casework.minors.sessions.models import AgendaLine, AnonymousQuestion, GroupSession
from casework.sealing import keys

MINUTES = 5


@dataclass(frozen=True, kw_only=True)
class QuestionData:
    """Three codes: that is all a question may hold."""

    topic: str
    age_band: str = ""
    sector: str = ""


def next_session(group_id: UUID | None, now: datetime) -> GroupSession | None:
    """Return the next meeting that is prepared or convened, today's included."""
    return (
        GroupSession.objects.filter(
            group_id=group_id,
            state__in=(SessionState.PREPARED, SessionState.CONVENED),
            ends_at__gt=now,
        )
        .select_related("group", "territory")
        .order_by("starts_at")
        .first()
    )


def require_member(viewer: Viewer, now: datetime) -> None:
    """Refuse whoever does not sit in the group or may not bring a situation. Raises AccessRefused."""
    if viewer.group_id is None:
        raise AccessRefused(code="no_group")
    require(viewer, Action.CREATE, followup_facts.creation_facts(viewer, DataClass.YOUTH_REFERRAL, now), now)


def ask(*, by: Viewer, data: QuestionData, now: datetime) -> AnonymousQuestion:
    """Put a question without a name on the next agenda, sealed under the meeting's key: nobody is in it.

    Raises AccessRefused (the role may not bring a situation), GuardRefused (no meeting ahead),
    InputRefused (a code out of its list).
    """
    require_member(by, now)
    session = next_session(by.group_id, now)
    if session is None:
        raise GuardRefused(
            "Aucune réunion n’est en préparation : la question sera possible dès que la date sera fixée."
        )
    content = _content(data, session.territory.sectors)
    question = AnonymousQuestion(id=uuid.uuid4(), subject_id=session.pk)
    keys.ensure(session.pk)
    with audit.writing(by, now=now) as w:
        GroupSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
        question.territory_id, question.group_id = session.territory_id, session.group_id
        question.organisation_id, question.author_mandate_id = by.organisation_id, by.mandate_id
        question.content, question.advice, question.asked_at = content, "", now
        question.save(force_insert=True)
        last = session.lines.aggregate(position=Max("position"), number=Max("day_number"))
        line = AgendaLine(
            subject_id=session.pk, territory_id=session.territory_id, session=session, kind=LineKind.QUESTION,
            question=question, position=(last["position"] or 0) + 1, day_number=(last["number"] or 0) + 1,
            minutes=MINUTES, reasons=[],
        )  # fmt: skip
        line.save()
        meeting.schedule(session)
        w.note(Act.CREATE, question, subjects=[session.pk], classes=[DataClass.YOUTH_CARD], why=data.topic)
    return question


def _content(data: QuestionData, sectors: list[str]) -> dict[str, str]:
    if data.topic not in QuestionTopic.values:
        raise InputRefused("Choisissez la question dans la liste.", field="topic")
    if data.age_band not in AgeBand.values:
        raise InputRefused("Choisissez une tranche d’âge de la liste.", field="age_band")
    if data.sector and data.sector not in sectors:
        raise InputRefused("Choisissez un secteur de la liste.", field="sector")
    return {"topic": data.topic, "age_band": data.age_band, "sector": data.sector}


def withdraw(*, by: Viewer, question_id: UUID, now: datetime) -> None:
    """Take back one's own question before it is put on the table: nothing of it stays."""
    with audit.writing(by, now=now) as w:
        question = (
            AnonymousQuestion.objects.select_for_update(of=("self",))
            .filter(pk=question_id, territory_id=by.territory_id, author_mandate_id=by.mandate_id)
            .first()
        )
        if question is None or not by.live(now):
            raise AccessRefused(code="question")
        if question.lines.exclude(state=LineState.WAITING).exists():
            raise GuardRefused("La réunion a déjà ouvert cette question.")
        sessions = {line.session for line in question.lines.select_related("session")}
        _delete(w, question)
        for session in sessions:
            meeting.schedule(session)


def delete_questions(w: Writing, session: GroupSession, now: datetime) -> int:
    """Delete the questions of a meeting whose minutes are approved; a count of the month stays. Return how many.

    Called inside the transaction that approves the minutes.
    """
    questions = list(AnonymousQuestion.objects.select_for_update(of=("self",)).filter(lines__session=session))
    for question in questions:
        _delete(w, question, keep_lines=True)
    if questions:
        counts.add(w, session.territory_id, CountKind.QUESTION, now, len(questions))
    return len(questions)


def _delete(w: Writing, question: AnonymousQuestion, *, keep_lines: bool = False) -> None:
    w.note(Act.DELETE, question, subjects=[question.subject_id], classes=[DataClass.YOUTH_CARD], why="question")
    if not keep_lines:
        question.lines.all().delete()
    question.delete()
