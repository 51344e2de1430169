"""The room: what is projected, and what members follow on their own screens.

Nothing here opens an identity: the page is safe to look at for all (T-40); `revealed` shows it for a moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.policy import decide
from casework.access.viewer import Viewer
from casework.audit import Purpose
from casework.casefile import format as fr
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.minors.followups import facts as followup_facts
from casework.minors.followups.codes import (
    OPEN_RESULTS,
    ActionType,
    Outcome,
    Stage,
    StepOne,
    StepThree,
    StepTwo,
)
from casework.minors.followups.models import Action, FollowUp, RestrictedPoint
from casework.minors.followups.reads.situations import Card, card_of, schemes_of
from casework.minors.sessions.codes import (
    AgeBand,
    LineKind,
    LineState,
    Presence,
    QuestionAdvice,
    QuestionTopic,
    SessionState,
)
from casework.minors.sessions.models import AgendaLine, AnonymousQuestion, GroupSession, Review
from casework.minors.sessions.reads.agenda import reasons_of
from casework.minors.sessions.reads.services import Service, leads_among, present_rows, services_of
from casework.partners.codes import Formation
from casework.sealing import sweep

_INITIALS = re.compile(r"\(([^()]+)\)")


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A decision as it is projected: who in one letter, the coded act, the precision, when, what became of it."""

    id: UUID
    revision: int
    letter: str
    owner: str
    label: str
    precision: str
    due_on: date
    result: str
    result_label: str
    is_open: bool
    is_late: bool
    turn: int  # 2: second meeting at which it comes back late

    @property
    def turn_words(self) -> str:
        """« 2e fois »."""
        return f"{self.turn}e fois"


@dataclass(frozen=True, kw_only=True)
class Brief:
    """One line in the strip of the day."""

    id: UUID
    number: int
    state: str
    state_label: str
    is_question: bool
    is_current: bool


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """One usual scheme: where it stands, or "" when nobody ever said."""

    item_id: UUID
    label: str
    state: str
    since: date | None

    @property
    def short(self) -> str:
        """Return the initials in brackets, « PRE », where the list gives some."""
        found = _INITIALS.search(self.label)
        return found[1] if found else self.label


@dataclass(frozen=True, kw_only=True)
class Previous:
    """The last review of this situation."""

    held_on: date
    steps: tuple[str, ...]
    outcome: str


@dataclass(frozen=True, kw_only=True)
class Point:
    """A point restreint held since: « fait depuis »."""

    held_on: date
    channel: str
    letters: str
    precision: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question without a name (SEC-09)."""

    age_band: str
    sector: str
    topic: str
    advice: str


@dataclass(frozen=True, kw_only=True)
class Movement:
    """Who stays and who leaves before this line, when the group hears by circle."""

    staying: tuple[str, ...]
    leaving: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LineView:
    """One line on the table, or about to be."""

    id: UUID
    revision: int
    subject_id: UUID
    number: int
    position: int
    state: str
    is_question: bool
    is_open: bool
    was_opened: bool
    is_new: bool
    card: Card | None
    reasons: tuple[str, ...]
    minutes: int
    spent_seconds: int
    opened_at: datetime | None
    services: tuple[Service, ...]
    prepared: int
    movement: Movement | None
    detailed: bool = False
    stage: str = ""
    previous: Previous | None = None
    last: tuple[Decision, ...] = ()
    today: tuple[Decision, ...] = ()
    points: tuple[Point, ...] = ()
    schemes: tuple[Scheme, ...] = ()
    programmes: tuple[tuple[str, str], ...] = ()
    review: Mapping[str, str] | None = None
    review_on: date | None = None
    next_review_on: date | None = None
    question: Question | None = None
    may_reveal: bool = False

    @property
    def key(self) -> str:
        """Return the id as text, for the keys of drafts."""
        return str(self.id)

    @property
    def noted(self) -> tuple[Scheme, ...]:
        """Return the schemes somebody said something of."""
        return tuple(one for one in self.schemes if one.state)

    @property
    def gaps(self) -> tuple[Scheme, ...]:
        """Return the usual schemes never noted for this young person."""
        return tuple(one for one in self.schemes if not one.state)

    def used(self, now: datetime) -> int:
        """Return how many minutes this line has taken so far."""
        running = (now - self.opened_at).total_seconds() if self.is_open and self.opened_at else 0
        return int((self.spent_seconds + max(0, running)) // 60)


@dataclass(frozen=True, kw_only=True)
class Room:
    """The whole page."""

    day: date
    total: int
    done: int
    briefs: tuple[Brief, ...]
    line: LineView | None
    before: UUID | None
    after: UUID | None
    waiting: UUID | None  # the next line still to examine
    services: tuple[Service, ...]
    guests: int
    leads: tuple[tuple[str, str], ...]

    @property
    def is_last(self) -> bool:
        """Say whether nothing else waits: this line is on the table, or settled too."""
        return self.waiting is None and self.line is not None and self.line.state != LineState.WAITING


def lines_of(session: GroupSession) -> QuerySet[AgendaLine]:
    """Return the lines of the agenda in order, with what the room needs of each."""
    rows = session.lines.select_related("follow_up__person", "follow_up__group", "question")
    return rows.annotate(prepared=Count("preparations", distinct=True)).order_by("position")


@dataclass(frozen=True)
class _Place:
    """One line in the order of the day: only the line on the table is read whole."""

    id: UUID
    number: int
    state: str
    kind: str


def _places(session: GroupSession) -> list[_Place]:
    rows = session.lines.order_by("position").values_list("pk", "day_number", "state", "kind")
    return [_Place(*row) for row in rows]


def _asked(line_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    """Return the services asked on these lines."""
    found: dict[UUID, set[UUID]] = {line_id: set() for line_id in line_ids}
    rows = AgendaLine.asked.through.objects.filter(agendaline__in=line_ids)
    for line_id, organisation_id in rows.values_list("agendaline_id", "organisation_id"):
        found[line_id].add(organisation_id)
    return found


def room(viewer: Viewer, session: GroupSession, line_id: UUID | None, *, now: datetime) -> Room:
    """Return the projected page on one line: the one asked for, else the one on the table, else the next to examine."""
    rows = _places(session)
    present = present_rows(session)
    services = services_of(session, present)
    ids = [row.id for row in rows]
    waiting = [row.id for row in rows if row.state in (LineState.WAITING, LineState.OPENED)]
    chosen = next((pk for pk in (line_id, session.current_line, *waiting, *ids[-1:]) if pk in ids), None)
    at = ids.index(chosen) if chosen is not None else -1
    later = [pk for pk in (*ids[at + 1 :], *ids[:at]) if pk in waiting] if chosen is not None else waiting
    return Room(
        day=localdate(session.starts_at),
        total=len(rows),
        done=sum(row.state in (LineState.DONE, LineState.POSTPONED) for row in rows),
        briefs=tuple(
            Brief(
                id=row.id, number=row.number, state=row.state, state_label=str(LineState(row.state).label),
                is_question=row.kind == LineKind.QUESTION, is_current=row.id == chosen,
            )
            for row in rows
        ),
        line=_line(viewer, session, rows, at, services, now) if chosen is not None else None,
        before=ids[at - 1] if at > 0 else None,
        after=ids[at + 1] if 0 <= at < len(ids) - 1 else None,
        waiting=later[0] if later else None,
        services=services,
        guests=sum(row.is_guest and row.presence == Presence.PRESENT for row in present),
        leads=tuple(leads_among(present)),
    )  # fmt: skip


def followed(viewer: Viewer, session: GroupSession, *, now: datetime) -> LineView | None:
    """Return the line on the table as this member may see it on its own screen; None between two lines."""
    if session.state != SessionState.OPEN or session.current_line is None:
        return None
    rows = _places(session)
    at = next((n for n, row in enumerate(rows) if row.id == session.current_line), -1)
    return _line(viewer, session, rows, at, services_of(session), now, follows=True) if at >= 0 else None


def _line(
    viewer: Viewer, session: GroupSession, rows: Sequence[_Place], at: int, services: tuple[Service, ...],
    now: datetime, follows: bool = False,
) -> LineView:  # fmt: skip
    """Return one line; `follows`: for a member's own screen, which shows no scheme and asks nothing."""
    line = lines_of(session).get(pk=rows[at].id)
    present = AgendaLine.present.through.objects.filter(agendaline=line)
    here = set(present.values_list("organisation_id", flat=True))
    base = LineView(
        id=line.pk, revision=line.revision, subject_id=line.subject_id, number=line.day_number, position=at + 1,
        state=line.state, is_question=line.kind == LineKind.QUESTION, is_open=line.state == LineState.OPENED,
        was_opened=line.opened_at is not None, is_new=_is_new(line), card=None, reasons=reasons_of(line),
        minutes=line.minutes, spent_seconds=line.spent_seconds, opened_at=line.opened_at,
        services=tuple(
            Service(id=one.id, letter=one.letter, name=one.name, here=one.id in here) for one in services
        ),
        prepared=line.prepared,  # type: ignore[attr-defined]
        movement=_movement(session, rows, at, services),
    )  # fmt: skip
    if line.question is not None:
        return _question(viewer, line, base)
    return base if line.follow_up is None else _situation(viewer, session, line, line.follow_up, base, now, follows)


def _is_new(line: AgendaLine) -> bool:
    return line.follow_up is not None and line.follow_up.state in (Stage.REFERRED, Stage.INFORMED, Stage.MORE_ASKED)


def _movement(session: GroupSession, rows: Sequence[_Place], at: int, services: tuple[Service, ...]) -> Movement | None:
    """Return who stays and who leaves when the services asked change between two lines heard by circle."""
    if session.formation != Formation.BY_CIRCLE or rows[at].kind == LineKind.QUESTION:
        return None
    found = _asked([row.id for row in rows[max(0, at - 1) : at + 1]])
    asked = found[rows[at].id]
    if not asked:
        return None
    if at > 0 and asked == found[rows[at - 1].id]:
        return None
    named = [
        (service.name, service.id in asked or service.hosts)
        for service in services
        if (service.here and not service.hosts) or service.id in asked
    ]
    leaving = tuple(name for name, stays in named if not stays)
    if at == 0 and not leaving:
        return None
    return Movement(staying=tuple(name for name, stays in named if stays), leaving=leaving)


def _question(viewer: Viewer, line: AgendaLine, base: LineView) -> LineView:
    question = line.question
    if question is None:
        return base
    with audit.reading(
        viewer, subjects=[question.subject_id], classes=[DataClass.YOUTH_CARD], purpose=Purpose.SESSION,
        object_type="anonymous_question", object_ids=[question.pk],
    ):  # fmt: skip
        return _with(base, question=question_of(question))


def question_of(row: AnonymousQuestion) -> Question:
    """Return a question in words, inside an open gate."""
    content = row.content or {}
    return Question(
        age_band=fr.label(AgeBand, content.get("age_band", "")) or "âge non précisé",
        sector=content.get("sector", ""),
        topic=fr.label(QuestionTopic, content.get("topic", ""), "question"),
        advice=fr.label(QuestionAdvice, row.advice or ""),
    )


def _with(base: LineView, **changes: object) -> LineView:
    return LineView(**{**base.__dict__, **changes})


def _situation(
    viewer: Viewer, session: GroupSession, line: AgendaLine, follow_up: FollowUp, base: LineView, now: datetime,
    follows: bool,
) -> LineView:  # fmt: skip
    """Open the card, and what was and is decided once the line was opened, under one event."""
    today = localdate(now)
    link = followup_facts.relation(viewer, follow_up, now)
    held = link.classes(viewer, now)
    if DataClass.YOUTH_CARD not in held or followup_facts.past_purge([follow_up], now):
        return base
    detailed = DataClass.YOUTH_REVIEW in held and line.opened_at is not None
    classes = {DataClass.YOUTH_CARD, *({DataClass.YOUTH_REVIEW} if detailed else ())}
    reveals = decide(viewer, Ask.REVEAL, link.facts(DataClass.YOUTH_IDENTITY), now).allow
    reviews = list(Review.objects.filter(follow_up=follow_up).order_by("-held_on", "-revision"))
    mine = next((row for row in reviews if row.line_id == line.pk), None)
    previous = next((row for row in reviews if row.line_id != line.pk and row.held_on <= today), None)
    actions = _actions(session, follow_up, previous) if detailed else []
    points = _points(session, follow_up) if detailed else []
    usual, programmes = ([], []) if follows or not detailed else _local_lists(session, today)
    with audit.reading(
        viewer, subjects=[follow_up.subject_id], classes=classes, purpose=Purpose.SESSION,
        object_type="follow_up", object_ids=[follow_up.pk],
    ):  # fmt: skip
        card = card_of(follow_up.person.card, today, show_age=False)
        if not detailed:
            return _with(base, card=card, may_reveal=reveals)
        sweep.open_many(actions, "precision")
        sweep.open_many(points, "precision")
        sweep.open_many([row for row in (mine, previous) if row is not None], "steps")
        by_id = {service.id: service.letter for service in base.services}
        decisions = [(row.decided_in == session.pk, decision_of(row, by_id, today)) for row in actions]
        return _with(
            base,
            card=card,
            detailed=True,
            may_reveal=reveals,
            stage=follow_up.state,
            previous=_previous(previous),
            last=tuple(decision for new, decision in decisions if not new),
            today=tuple(decision for new, decision in decisions if new),
            points=tuple(_point(row, by_id) for row in points),
            schemes=() if follows else _schemes(usual, follow_up),
            programmes=tuple((str(row.pk), row.label) for row in programmes),
            review=dict(mine.steps or {}) if mine is not None else None,
            review_on=mine.review_on if mine is not None else None,
            next_review_on=follow_up.next_review_on,
        )


def _local_lists(session: GroupSession, today: date) -> tuple[list[LocalItem], list[LocalItem]]:
    """Return the usual schemes and the programmes of the territory, in one query."""
    rows = LocalItem.objects.filter(
        territory_id=session.territory_id, list_code__in=(ListCode.SCHEME, ListCode.PROGRAMME)
    )
    found = list(rows.valid_on(today).order_by("position", "label"))
    return (
        [row for row in found if row.list_code == ListCode.SCHEME],
        [row for row in found if row.list_code == ListCode.PROGRAMME],
    )


def _schemes(usual: Iterable[LocalItem], follow_up: FollowUp) -> tuple[Scheme, ...]:
    """Return the schemes of this situation, then the usual ones never noted: gaps to check (question 1)."""
    noted = [
        Scheme(item_id=row.item_id, label=row.label, state=row.state, since=row.since)
        for row in schemes_of(follow_up, gaps_first=True)
    ]
    known = {row.item_id for row in noted}
    gaps = [Scheme(item_id=item.pk, label=item.label, state="", since=None) for item in usual if item.pk not in known]
    return (*noted, *gaps)


def own_names(viewer: Viewer, session: GroupSession, line_id: UUID, *, now: datetime) -> tuple[str, ...]:
    """Return the names that a precision typed about this line must not hold: compared, never shown.

    Empty where this viewer may not open them.
    """
    line = session.lines.select_related("follow_up__person").filter(pk=line_id).first()
    if line is None or line.follow_up is None:
        return ()
    link = followup_facts.relation(viewer, line.follow_up, now)
    if not decide(viewer, Ask.VIEW, link.facts(DataClass.YOUTH_IDENTITY), now).allow:
        return ()
    person = line.follow_up.person
    with audit.reading(
        viewer, subjects=[line.subject_id], classes=[DataClass.YOUTH_IDENTITY], purpose=Purpose.SESSION,
        object_type="agenda_line", object_ids=[line.pk],
    ):  # fmt: skip
        sweep.open_many([person], "last_name", "first_name")
        return tuple(name for name in (person.last_name, person.first_name) if name)


def _actions(session: GroupSession, follow_up: FollowUp, previous: Review | None) -> list[Action]:
    """Return the decisions of this meeting, those still open, and those closed since the last review."""
    since = previous.held_on if previous is not None else localdate(session.starts_at) - timedelta(days=45)
    wanted = Q(decided_in=session.pk) | Q(result__in=OPEN_RESULTS) | Q(closed_on__gte=since)
    rows = Action.objects.filter(wanted, follow_up=follow_up).select_related("owner")
    return list(rows.order_by("due_on", "decided_on", "pk"))


def _points(session: GroupSession, follow_up: FollowUp) -> list[RestrictedPoint]:
    rows = RestrictedPoint.objects.filter(Q(tabled_in=None) | Q(tabled_in=session.pk), follow_up=follow_up)
    return list(rows.prefetch_related("organisations").order_by("held_at"))


def decision_of(row: Action, by_id: Mapping[UUID, str], today: date) -> Decision:
    """Return one decision as it is projected, inside an open gate; `by_id`: the letters of the day."""
    still_open = row.result in OPEN_RESULTS
    return Decision(
        id=row.pk, revision=row.revision, letter=by_id.get(row.owner_id, ""),
        owner=row.owner.short_name or row.owner.name, label=str(ActionType(row.kind).label),
        precision=row.precision or "", due_on=row.due_on, result=row.result,
        result_label=str(row.get_result_display()) if row.result else "", is_open=still_open,
        is_late=still_open and row.due_on < today, turn=row.waited_sessions + 1,
    )  # fmt: skip


def _point(row: RestrictedPoint, by_id: Mapping[UUID, str]) -> Point:
    named = sorted(by_id.get(one.pk, "") or one.short_name or one.name for one in row.organisations.all())
    return Point(
        held_on=localdate(row.held_at), channel=str(row.get_channel_display()), letters=" ".join(named),
        precision=row.precision or "",
    )  # fmt: skip


def _previous(row: Review | None) -> Previous | None:
    if row is None:
        return None
    steps = row.steps or {}
    words = (
        ("Dispositifs", StepOne, "step1"),
        ("Actions", StepTwo, "step2"),
        ("Adapter", StepThree, "step3"),
    )
    return Previous(
        held_on=row.held_on,
        steps=tuple(f"{label} : {fr.label(codes, steps[key])}" for label, codes, key in words if steps.get(key)),
        outcome=fr.label(Outcome, steps.get("outcome", "")),
    )


# What may follow, by the stage of the situation (domain.md §10.1).
OUTCOMES: dict[str, tuple[Outcome, ...]] = {
    Stage.REFERRED: (Outcome.FOLLOW, Outcome.REJECT, Outcome.POSTPONE),
    Stage.INFORMED: (Outcome.FOLLOW, Outcome.REJECT, Outcome.POSTPONE),
    Stage.FOLLOWED: (Outcome.CONTINUE, Outcome.SUSPEND, Outcome.END, Outcome.POSTPONE),
    Stage.SUSPENDED: (Outcome.POSTPONE, Outcome.END),
}


def outcomes_of(stage: str) -> tuple[Outcome, ...]:
    """Return what may follow a review at this stage, the usual one first."""
    return OUTCOMES.get(stage, (Outcome.POSTPONE,))


def stage_of(session: GroupSession, line_id: UUID) -> str:
    """Return the stage of the situation of a line; "" for a question."""
    return session.lines.filter(pk=line_id).values_list("follow_up__state", flat=True).first() or ""


def following(session: GroupSession, line_id: UUID) -> AgendaLine | None:
    """Return the next line still to examine after this one, coming back to the top at the end."""
    rows = list(session.lines.select_related("follow_up").order_by("position"))
    at = next((n for n, row in enumerate(rows) if row.pk == line_id), 0)
    return next((row for row in (*rows[at + 1 :], *rows[:at]) if row.state == LineState.WAITING), None)


def pauses(session: GroupSession, line: AgendaLine) -> bool:
    """Say whether the room stops before this line: first opening of a new situation, or services that change."""
    if line.opened_at is not None:
        return False
    rows = _places(session)
    at = next(n for n, row in enumerate(rows) if row.id == line.pk)
    return _is_new(line) or _movement(session, rows, at, services_of(session)) is not None
