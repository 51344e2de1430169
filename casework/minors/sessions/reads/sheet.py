"""The paper sheet: every line of the agenda with its open decisions, printed, then typed back in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.policy import decide
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.minors.followups import facts as followup_facts
from casework.minors.followups.codes import OPEN_RESULTS
from casework.minors.followups.models import Action, FollowUp
from casework.minors.followups.reads.situations import card_of
from casework.minors.sessions.codes import LineKind, LineState
from casework.minors.sessions.models import AgendaLine, GroupSession
from casework.minors.sessions.reads.room import Decision, Question, decision_of, lines_of, question_of
from casework.minors.sessions.reads.services import services_of
from casework.partners.codes import Formation
from casework.sealing import sweep


@dataclass(frozen=True, kw_only=True)
class SheetLine:
    """One situation as the paper sheet prints it, and as « Saisir d’après la feuille » asks it back."""

    id: UUID
    number: int
    state: str
    card: str
    initials: str
    sector: str
    birth_year: str
    stage: str
    present: str
    there: frozenset[UUID]  # the services ticked to begin with
    last: tuple[Decision, ...]
    is_question: bool
    question: Question | None  # on the screen only
    is_settled: bool
    subject_id: UUID

    @property
    def key(self) -> str:
        """Return the id as text, for the keys of drafts."""
        return str(self.id)

    @property
    def paper(self) -> str:
        """« Y. B. · 2011 · Maille 2 », what paper may say; a question says only that it is one."""
        if self.is_question:
            return "Question sans nom"
        return " · ".join(part for part in (self.initials, self.birth_year, self.sector) if part)


def sheet(viewer: Viewer, session: GroupSession, *, now: datetime, act: Act = Act.VIEW) -> tuple[SheetLine, ...]:
    """Return every line of the agenda with its open decisions, in one sweep and one event; no name."""
    rows = list(lines_of(session).prefetch_related("asked", "present"))
    services = services_of(session)
    by_id = {service.id: service.letter for service in services}
    here = frozenset(service.id for service in services if service.here)
    hosts = frozenset(service.id for service in services if service.hosts)
    by_circle = session.formation == Formation.BY_CIRCLE
    today = localdate(now)
    situations = [row.follow_up for row in rows if row.follow_up is not None]
    links = followup_facts.relations(viewer, situations, now)
    seen = {
        row.pk: row
        for row in followup_facts.not_over(situations, now)
        if decide(viewer, Ask.VIEW, links[row.pk].facts(DataClass.YOUTH_REVIEW), now).allow
    }
    actions: dict[UUID, list[Action]] = {}
    found = Action.objects.filter(follow_up__in=list(seen), result__in=OPEN_RESULTS).exclude(decided_in=session.pk)
    for row in found.select_related("owner").order_by("due_on", "pk"):
        actions.setdefault(row.follow_up_id, []).append(row)
    asked = {row.pk: row.question for row in rows if row.question is not None and act is not Act.PRINT}
    with audit.reading(
        viewer, subjects=[*(row.subject_id for row in seen.values()), *({row.subject_id for row in asked.values()})],
        classes=[DataClass.YOUTH_CARD, DataClass.YOUTH_REVIEW], purpose=Purpose.SESSION, act=act,
        object_type="group_session", object_ids=[session.pk],
    ):  # fmt: skip
        sweep.open_many([row.person for row in seen.values()], "card")
        sweep.open_many([row for rows_ in actions.values() for row in rows_], "precision")
        sweep.open_many(list(asked.values()), "content", "advice")
        questions = {pk: question_of(question) for pk, question in asked.items()}
        return tuple(
            _sheet_line(_there(row, here, hosts) if by_circle else here, row, questions.get(row.pk), seen.get(row.follow_up_id) if row.follow_up_id else None,
                        actions.get(row.follow_up_id, []) if row.follow_up_id else [], by_id, today)
            for row in rows
        )  # fmt: skip


def _there(line: AgendaLine, here: frozenset[UUID], hosts: frozenset[UUID]) -> frozenset[UUID]:
    """Return who is in the room for a line heard by circle: those asked who came, and the commune."""
    asked = frozenset(row.pk for row in line.asked.all())
    return here & (asked | hosts) if asked else here


def _sheet_line(
    there: frozenset[UUID], line: AgendaLine, question: Question | None, follow_up: FollowUp | None, actions: list[Action],
    by_id: Mapping[UUID, str], today: date,
) -> SheetLine:  # fmt: skip
    content = (follow_up.person.card or {}) if follow_up is not None else {}
    card = card_of(content, today, show_age=False)
    here = line.present.all() if line.opened_at else line.asked.all()
    return SheetLine(
        there=frozenset(row.pk for row in line.present.all()) if line.opened_at else there,
        id=line.pk, number=line.day_number, state=line.state,
        card=" · ".join(part for part in (card.initials, card.age_band, card.sector) if part),
        initials=card.initials,
        sector=card.sector,
        birth_year=str(content.get("birth", ""))[:4], stage=follow_up.state if follow_up is not None else "",
        present=" ".join(sorted(by_id.get(row.pk, "") for row in here)),
        last=tuple(decision_of(row, by_id, today) for row in actions),
        is_question=line.kind == LineKind.QUESTION, question=question,
        is_settled=line.state in (LineState.DONE, LineState.POSTPONED),
        subject_id=line.subject_id,
    )  # fmt: skip
