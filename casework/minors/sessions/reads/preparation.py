"""What one service prepares: its own lines, its own clicks. Nobody else's preparation is read here (row 4a)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.timezone import localdate

from casework import audit
from casework.access import grants
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.policy import bases_opening, decide
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.minors.followups import facts as followup_facts
from casework.minors.followups.codes import OPEN_RESULTS
from casework.minors.followups.models import Action, FollowUp, FollowUpGrant
from casework.minors.followups.reads.situations import Card, card_of, full_name
from casework.minors.sessions.actions import preparation as acts
from casework.minors.sessions.codes import LineKind, LineState, SessionState
from casework.minors.sessions.models import AgendaLine, GroupSession, Preparation
from casework.minors.sessions.reads.agenda import reasons_of
from casework.sealing import sweep


@dataclass(frozen=True, kw_only=True)
class OwnDecision:
    """An open decision of the viewer's service, and what it clicked."""

    id: UUID
    label: str
    precision: str
    due_on: date
    is_late: bool
    answer: str


@dataclass(frozen=True, kw_only=True)
class PreparationLine:
    """One situation to prepare, and what this service clicked so far."""

    id: UUID
    number: int
    follow_up_id: UUID
    name: str
    card: Card
    reasons: tuple[str, ...]
    locked: bool
    state: str
    proposes: str
    fact_kind: str
    fact_on: date | None
    decisions: tuple[OwnDecision, ...]
    saved_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PreparationPage:
    """« Ma préparation » of one service for one meeting."""

    lines: tuple[PreparationLine, ...]
    facts_enabled: bool

    @property
    def done(self) -> int:
        """Return how many lines are prepared."""
        return sum(1 for line in self.lines if line.state)


def page(viewer: Viewer, session: GroupSession, *, now: datetime) -> PreparationPage:
    """Return the lines the viewer's service may prepare: of its circle, or where it is asked."""
    today = localdate(now)
    lines = [
        line
        for line in session.lines.filter(kind=LineKind.SITUATION)
        .order_by("position", "day_number")
        .select_related("follow_up__person")
        if line.follow_up is not None
    ]
    relations = followup_facts.relations(viewer, [line.follow_up for line in lines if line.follow_up], now)
    kept: list[AgendaLine] = []
    classes: dict[UUID, frozenset[DataClass]] = {}
    over = followup_facts.past_purge([line.follow_up for line in lines if line.follow_up], now)
    for line in lines:
        if line.follow_up_id in over:
            continue
        link = relations[line.follow_up_id]  # type: ignore[index]
        if decide(viewer, Ask.CHANGE, link.facts(DataClass.YOUTH_PREPARATION, is_author=True), now).allow:
            kept.append(line)
            classes[line.pk] = link.classes(viewer, now)
    enabled = acts.facts_enabled(viewer, session, now)
    if not kept:
        return PreparationPage(lines=(), facts_enabled=enabled)
    own = {
        row.line_id: row for row in Preparation.objects.filter(line__in=kept, organisation_id=viewer.organisation_id)
    }
    decided = [line.follow_up_id for line in kept if DataClass.YOUTH_REVIEW in classes[line.pk]]
    actions = list(
        Action.objects.filter(follow_up__in=decided, owner_id=viewer.organisation_id, result__in=OPEN_RESULTS).order_by(
            "due_on", "pk"
        )
    )
    named = {line.pk for line in kept if DataClass.YOUTH_IDENTITY in classes[line.pk]}
    opened = {DataClass.YOUTH_CARD, DataClass.YOUTH_PREPARATION}
    opened |= {DataClass.YOUTH_IDENTITY} if named else set()
    opened |= {DataClass.YOUTH_REVIEW} if actions else set()
    with audit.reading(
        viewer, subjects=[line.subject_id for line in kept], classes=opened, purpose=Purpose.PREPARATION,
        act=Act.LIST, object_type="agenda_line", object_ids=[line.pk for line in kept],
    ):  # fmt: skip
        people = {line.pk: line.follow_up.person for line in kept if line.follow_up is not None}
        sweep.open_many(list(people.values()), "card")
        sweep.open_many([person for pk, person in people.items() if pk in named], "last_name", "first_name")
        sweep.open_many(list(own.values()), "content")
        sweep.open_many(actions, "precision")
        return PreparationPage(
            lines=tuple(
                _line(line, line.follow_up, own.get(line.pk),
                      [row for row in actions if row.follow_up_id == line.follow_up_id], named=line.pk in named, today=today)
                for line in kept if line.follow_up is not None
            ),
            facts_enabled=enabled,
        )  # fmt: skip


def _line(
    line: AgendaLine, follow_up: FollowUp, row: Preparation | None, actions: list[Action], *, named: bool, today: date
) -> PreparationLine:
    content = (row.content if row is not None else None) or {}
    answers = content.get("decisions", {})
    fact = content.get("fact", {})
    return PreparationLine(
        id=line.pk,
        number=line.day_number,
        follow_up_id=follow_up.pk,
        name=full_name(follow_up.person) if named else "",
        card=card_of(follow_up.person.card, today),
        reasons=reasons_of(line),
        locked=line.opened_at is not None,
        state=content.get("state", ""),
        proposes=content.get("proposes", ""),
        fact_kind=fact.get("kind", ""),
        fact_on=date.fromisoformat(fact["on"]) if fact.get("on") else None,
        decisions=tuple(
            OwnDecision(
                id=action.pk,
                label=str(action.get_kind_display()),
                precision=action.precision or "",
                due_on=action.due_on,
                is_late=action.due_on < today,
                answer=answers.get(str(action.pk), ""),
            )
            for action in actions
        ),
        saved_at=row.saved_at if row is not None else None,
    )


def to_prepare(viewer: Viewer, now: datetime) -> QuerySet[AgendaLine]:
    """Return the lines of convened meetings that this viewer may prepare, by its live grants."""
    bases = [str(basis) for basis in bases_opening(DataClass.YOUTH_PREPARATION, Ask.CHANGE)]
    held = grants.live(FollowUpGrant.objects.filter(mandate_id=viewer.mandate_id, basis__in=bases), now)
    return AgendaLine.objects.filter(
        session__state=SessionState.CONVENED,
        session__group_id__in=viewer.group_ids,
        kind=LineKind.SITUATION,
        state=LineState.WAITING,
        follow_up__in=held.values("content_object_id"),
    )
