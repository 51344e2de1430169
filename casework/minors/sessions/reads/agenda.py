"""The agenda of one meeting, on screen and on paper: lines with their reasons, cut to what the viewer may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Subquery
from django.utils.timezone import localdate, localtime

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import documents, papers
from casework.casefile import format as fr
from casework.minors.followups import facts as followup_facts
from casework.minors.followups.models import FollowUp
from casework.minors.followups.reads.situations import Card, card_of, full_name
from casework.minors.sessions import agenda as rule
from casework.minors.sessions import candidates
from casework.minors.sessions.actions import meeting
from casework.minors.sessions.codes import AgeBand, LineKind, LineState, QuestionTopic, SessionState
from casework.minors.sessions.models import AgendaLine, GroupSession, Preparation, SessionMember
from casework.minors.sessions.reads import meetings
from casework.minors.sessions.reads.services import Service, services_of
from casework.partners.codes import Formation
from casework.sealing import sweep


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A service that may be asked on a line."""

    service: Service
    asked: bool


@dataclass(frozen=True, kw_only=True)
class AgendaRow:
    """One line. `name` is empty for who may only see the anonymous card; `card` is None for who may see neither."""

    id: UUID
    revision: int
    number: int
    starts_at: datetime
    is_question: bool
    follow_up_id: UUID | None
    reference: str
    name: str
    card: Card | None
    topic: str
    reasons: tuple[str, ...]
    minutes: int
    ticks: tuple[Tick, ...]
    block: str  # « À partir d’ici : A, P », at the first line of a block
    leaving: str
    first: bool
    last: bool
    may_move: bool

    @property
    def asked(self) -> str:
        """Return the letters of the services asked."""
        return " ".join(tick.service.letter for tick in self.ticks if tick.asked)


@dataclass(frozen=True, kw_only=True)
class AgendaPage:
    """The two columns of the page."""

    id: UUID
    revision: int
    state: str
    state_label: str
    state_kind: str
    starts_at: datetime
    ends_at: datetime
    place: str
    by_circle: bool
    rows: tuple[AgendaRow, ...]
    services: tuple[Service, ...]
    members: tuple[meetings.MemberRow, ...]
    planned: int
    room_minutes: int
    prepared: int
    may_change: bool
    is_ahead: bool
    is_new: bool

    @property
    def room_time(self) -> str:
        """« il reste 12 min », « dépasse de 8 min »."""
        left = self.room_minutes - self.planned
        if left < 0:
            return f"dépasse de {fr.duration(-left)}"
        return f"il reste {fr.duration(left)}" if left else "tout le temps est pris"

    @property
    def is_over(self) -> bool:
        """Say whether the lines take longer than the meeting."""
        return self.planned > self.room_minutes

    @property
    def share(self) -> int:
        """Return the share of the meeting taken, in hundredths, at most 100."""
        return min(100, round(100 * self.planned / max(1, self.room_minutes)))


def page(viewer: Viewer, session: GroupSession, *, now: datetime, print_: bool = False) -> AgendaPage:
    """Return the agenda as this viewer may see it; `print_` keeps only what it may put on paper."""
    lines = list(
        session.lines.order_by("position", "day_number")
        .select_related("follow_up__person", "question")
        .prefetch_related("asked")
        .annotate(services_prepared=_services_prepared(session))
    )
    present = list(session.members.select_related("organisation").order_by("organisation__name"))
    services = services_of(session, present)
    slots = [
        rule.Slot(line.pk, frozenset(row.pk for row in line.asked.all()), line.minutes) for line in lines
    ]  # fmt: skip
    changes = meetings.may_change(viewer, session, now)
    shown = _shown(viewer, session, lines, now, print_=print_)
    state = SessionState(session.state)
    host = _host(viewer, session) if session.formation == Formation.BY_CIRCLE else None
    return AgendaPage(
        id=session.pk,
        revision=session.revision,
        state=session.state,
        state_label=str(state.label),
        state_kind=meetings.KINDS[state],
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        place=session.place,
        by_circle=session.formation == Formation.BY_CIRCLE,
        rows=_rows(session, lines, services, shown, host),
        services=services,
        members=_members(session, present, slots, host),
        planned=sum(line.minutes for line in lines),
        room_minutes=int((session.ends_at - session.starts_at) / timedelta(minutes=1)),
        prepared=lines[0].services_prepared or 0 if lines else 0,
        may_change=changes and state in meeting.BEFORE,
        is_ahead=state in meeting.BEFORE,
        is_new=state == SessionState.PREPARED,
    )


def _services_prepared(session: GroupSession) -> Subquery:
    """Return how many services prepared at least one line: a count, never who nor what (row 4a, cell n)."""
    rows = Preparation.objects.filter(line__session=session).order_by().values("line__session")
    return Subquery(rows.annotate(n=Count("organisation", distinct=True)).values("n"))


@dataclass(frozen=True)
class _Shown:
    card: Card | None = None
    name: str = ""
    topic: str = ""


def _shown(
    viewer: Viewer, session: GroupSession, lines: Sequence[AgendaLine], now: datetime, *, print_: bool
) -> dict[UUID, _Shown]:
    """Open cards and names of all lines under one event; a line the viewer may not see stays a number."""
    today = localdate(now)
    situations = {line.pk: line.follow_up for line in lines if line.follow_up is not None}
    action = Action.PRINT if print_ else Action.VIEW
    relations = followup_facts.relations(viewer, situations.values(), now)
    classes = {row.pk: relations[row.pk].classes(viewer, now, action) for row in situations.values()}
    over = followup_facts.past_purge(situations.values(), now)
    carded = [row for row in situations.values() if DataClass.YOUTH_CARD in classes[row.pk] and row.pk not in over]
    named = {row.pk for row in carded if DataClass.YOUTH_IDENTITY in classes[row.pk]} if not print_ else set()
    questions = [line for line in lines if line.kind == LineKind.QUESTION and line.question is not None]
    if not carded and not questions:
        return {}
    opened = {DataClass.YOUTH_CARD, *({DataClass.YOUTH_IDENTITY} if named else ())}
    with audit.reading(
        viewer,
        subjects=[*(row.subject_id for row in carded), *({session.pk} if questions else ())],
        classes=opened,
        purpose=Purpose.DOCUMENT if print_ else Purpose.SESSION,
        act=Act.PRINT if print_ else Act.LIST,
        object_type="follow_up",
        object_ids=[row.pk for row in carded],
    ):
        sweep.open_many([row.person for row in carded], "card")
        sweep.open_many([row.person for row in carded if row.pk in named], "last_name", "first_name")
        sweep.open_many([line.question for line in questions if line.question is not None], "content")
        found = {
            pk: _Shown(card_of(row.person.card, today), full_name(row.person) if row.pk in named else "")
            for pk, row in situations.items()
            if DataClass.YOUTH_CARD in classes[row.pk] and row.pk not in over
        }
        return found | {line.pk: _question(line) for line in questions}


def _question(line: AgendaLine) -> _Shown:
    content = (line.question.content if line.question is not None else None) or {}
    topic, band = content.get("topic", ""), content.get("age_band", "")
    card = Card(
        initials="",
        age=None,
        age_band=str(AgeBand(band).label) if band in AgeBand.values and band else "",
        sector=content.get("sector", ""),
    )
    return _Shown(card, "", str(QuestionTopic(topic).label) if topic in QuestionTopic.values else "")


def _rows(
    session: GroupSession, lines: Sequence[AgendaLine], services: Sequence[Service], shown: dict[UUID, _Shown],
    host: UUID | None,
) -> tuple[AgendaRow, ...]:  # fmt: skip
    by_circle = session.formation == Formation.BY_CIRCLE
    rows: list[AgendaRow] = []
    start = session.starts_at
    before: frozenset[UUID] | None = None
    for index, line in enumerate(lines):
        seen = shown.get(line.pk, _Shown())
        asked = frozenset(row.pk for row in line.asked.all())
        there = asked - {host} if host else asked
        changed = by_circle and there != before
        rows.append(
            AgendaRow(
                id=line.pk,
                revision=line.revision,
                number=line.day_number,
                starts_at=start,
                is_question=line.kind == LineKind.QUESTION,
                follow_up_id=line.follow_up_id if seen.card is not None else None,
                reference=line.follow_up.reference if line.follow_up and seen.card is not None else "",
                name=seen.name,
                card=seen.card,
                topic=seen.topic,
                reasons=reasons_of(line) if seen.card is not None else (),
                minutes=line.minutes,
                ticks=tuple(Tick(service=service, asked=service.id in asked) for service in services),
                block=_names(services, there) if changed else "",
                leaving=_names(services, before - there) if changed and before else "",
                first=index == 0,
                last=index == len(lines) - 1,
                may_move=line.state == LineState.WAITING,
            )
        )
        before = there
        start += timedelta(minutes=line.minutes)
    return tuple(rows)


def _host(viewer: Viewer, session: GroupSession) -> UUID | None:
    return viewer.organisation_id if session.created_by == viewer.mandate_id else meeting.host_of(session)


def _names(services: Sequence[Service], keys: frozenset[UUID]) -> str:
    return ", ".join(service.name for service in services if service.id in keys)


def reasons_of(line: AgendaLine) -> tuple[str, ...]:
    """Return the reasons of a line in words, those of a question being its nature."""
    if line.kind == LineKind.QUESTION:
        return (str(LineKind.QUESTION.label),)
    found = (rule.say(str(row.get("reason", "")), int(row.get("n") or 0)) for row in line.reasons)
    return tuple(text for text in found if text)


def _members(
    session: GroupSession, present: Sequence[SessionMember], slots: Sequence[rule.Slot], host: UUID | None
) -> tuple[meetings.MemberRow, ...]:
    rows = meetings.members_of(session, present)
    if session.formation != Formation.BY_CIRCLE:
        return rows
    found = rule.presences(slots)
    return tuple(
        replace(row, waits=found[row.organisation_id].waits)
        if row.organisation_id in found and row.organisation_id != host
        else row
        for row in rows
    )


def choices_to_add(viewer: Viewer, session: GroupSession, *, now: datetime) -> list[tuple[str, str]]:
    """Return the situations that may be added by hand, by reference; names as this viewer may open them."""
    rows = followup_facts.not_over(
        followup_facts.visible_to(viewer, now)
        .filter(group_id=session.group_id, state__in=candidates.STAGES)
        .exclude(agenda_lines__session=session)
        .select_related("person")
        .order_by("reference")[:500],
        now,
    )
    if not rows:
        return []
    relations = followup_facts.relations(viewer, rows, now)
    rows = [row for row in rows if DataClass.YOUTH_CARD in relations[row.pk].classes(viewer, now)]
    with audit.reading(
        viewer, subjects=[row.subject_id for row in rows], classes=[DataClass.YOUTH_CARD], purpose=Purpose.SESSION,
        act=Act.LIST, object_type="follow_up", object_ids=[row.pk for row in rows],
    ):  # fmt: skip
        sweep.open_many([row.person for row in rows], "card")
        return [(str(row.pk), _choice(row, now)) for row in rows]


def _choice(row: FollowUp, now: datetime) -> str:
    card = card_of(row.person.card, localdate(now))
    return " · ".join(part for part in (row.reference, card.short, card.sector) if part)


def document(viewer: Viewer, session: GroupSession, *, now: datetime) -> bytes:
    """Return the agenda on paper: day numbers and anonymous cards, those this viewer may print; no name at all."""
    found = page(viewer, session, now=now, print_=True)
    blocks: list[papers.AgendaBlock] = []
    for row in found.rows:
        if not blocks or row.block or row.leaving:
            notice = f"Merci aux autres services de quitter la salle : {row.leaving}." if row.leaving else ""
            heading = f"À {fr.hour(localtime(row.starts_at))} : {row.block}" if row.block else ""
            blocks.append({"heading": heading, "notice": notice, "lines": []})
        blocks[-1]["lines"].append(
            {
                "number": row.number,
                "card": _on_paper(row),
                "reasons": list(row.reasons),
                "services": row.asked,
                "minutes": f"{row.minutes} min",
            }
        )
    day = localdate(session.starts_at)
    start, end = localtime(session.starts_at), localtime(session.ends_at)
    data: papers.AgendaData = {
        "commune": session.territory.name,
        "lead": [session.group.name],
        "meeting": f"{fr.day(day)}, de {fr.hour(start)} à {fr.hour(end)}",
        "place": session.place,
        "intro": ["Les situations portent le numéro du jour ; aucun nom n’est imprimé."],
        "blocks": blocks,
        "total": f"{fr.duration(found.planned)} prévues pour {fr.duration(found.room_minutes)} de réunion",
    }
    return documents.render("agenda", data, on=localdate(now), title="Ordre du jour de la réunion de la cellule")


def _on_paper(row: AgendaRow) -> str:
    if row.is_question:
        parts = [row.topic, row.card.age_band if row.card else "", row.card.sector if row.card else ""]
        return " · ".join(part for part in ("Question sans nom", *parts) if part)
    if row.card is None:
        return f"Situation {row.number}"
    return " · ".join(part for part in (row.card.short, row.card.sector) if part)
