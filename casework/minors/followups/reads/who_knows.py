"""What « Qui connaît ? » shows: four fields to the asked services, the answers to the coordinator (CLV-29).

Other services learn nothing of an answer before the situation is opened in the room of a meeting after the question;
from then on its circle reads it on the page of the situation. An answer that has not come on time counts as
« ne se prononce pas », and looks like it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.minors.followups import facts, meetings
from casework.minors.followups.actions import who_knows as acts
from casework.minors.followups.codes import WhoKnowsAnswer
from casework.minors.followups.facts import Relation
from casework.minors.followups.models import FollowUp, WhoKnows
from casework.minors.followups.reads import situations
from casework.minors.followups.reads.parts import circle_rows, may
from casework.partners import reads as partners
from casework.partners.models import WatchGroup
from casework.sealing import sweep

ANSWERS = tuple((value, str(label)) for value, label in WhoKnowsAnswer.choices)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One name: the four fields, and until when."""

    id: UUID
    last_name: str
    first_name: str
    birth_date: date | None
    sector: str
    closes_on: date
    answered: bool


def questions(viewer: Viewer, now: datetime) -> tuple[Question, ...]:
    """Return every name the viewer's service is asked about, opened under one event."""
    rows = acts.open_questions(viewer, now)
    people = [row.follow_up.person for row in rows]
    with audit.reading(
        viewer, subjects=[row.subject_id for row in rows], classes=[DataClass.YOUTH_IDENTITY, DataClass.YOUTH_CARD],
        purpose=Purpose.SORTING, act=Act.LIST, object_type="who_knows", object_ids=[row.pk for row in rows],
    ):  # fmt: skip
        sweep.open_many(people, "last_name", "first_name", "birth_date", "card")
        found = [
            Question(
                id=row.pk, last_name=person.last_name or "", first_name=person.first_name or "",
                birth_date=person.birth_date, sector=str((person.card or {}).get("sector", "")),
                closes_on=last_day(row.closes_at), answered=row.answered_at is not None,
            )
            for row, person in zip(rows, people, strict=True)
        ]  # fmt: skip
    return tuple(sorted(found, key=lambda row: (row.answered, row.last_name, row.first_name)))


def last_day(closes_at: datetime) -> date:
    """Return the last day on which the service may answer."""
    return localdate(closes_at - timedelta(seconds=1))


@dataclass(frozen=True, kw_only=True)
class AnswerLine:
    """What one service answered."""

    id: UUID
    organisation_id: UUID
    organisation: str
    label: str
    kind: str
    proposes_entry: bool
    waits_until: date | None


@dataclass(frozen=True, kw_only=True)
class AnswersPart:
    """The answers about one situation."""

    follow_up_id: UUID
    reference: str
    lines: tuple[AnswerLine, ...]
    may_manage: bool


KINDS = {WhoKnowsAnswer.INTERVENES: "ok", WhoKnowsAnswer.KNOWN: "info"}


def answers(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> AnswersPart | None:
    """Return the answers: to the coordinator at once, to the circle once the situation was opened in a room since."""
    if not may(viewer, relation, Ask.VIEW, DataClass.YOUTH_REVIEW, now):
        return None
    rows = list(
        WhoKnows.objects.filter(follow_up=follow_up)
        .select_related("organisation", "follow_up")
        .order_by("organisation__short_name")
    )
    if rows and not facts.coordinates(viewer):
        opened = meetings.last_opened(follow_up.pk)
        rows = [row for row in rows if opened is not None and row.asked_at <= opened]
    if not rows:
        return None
    ends = acts.closings(rows)
    inside = {row.organisation_id for row in circle_rows(follow_up) if row.ends_at is None}
    with audit.reading(
        viewer, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_REVIEW], purpose=Purpose.REVIEW,
        object_type="follow_up", object_ids=[follow_up.pk],
    ):  # fmt: skip
        sweep.open_many(rows, "answer")
        lines = tuple(_line(row, ends[row.pk], inside, now) for row in rows)
    return AnswersPart(
        follow_up_id=follow_up.pk, reference=follow_up.reference, lines=lines,
        may_manage=may(viewer, relation, Ask.MANAGE, DataClass.YOUTH_IDENTITY, now),
    )  # fmt: skip


def _line(row: WhoKnows, closes_at: datetime, inside: set[UUID], now: datetime) -> AnswerLine:
    waits = not row.answer and closes_at > now
    code = WhoKnowsAnswer(row.answer or WhoKnowsAnswer.NO_STATEMENT)
    return AnswerLine(
        id=row.pk, organisation_id=row.organisation_id, organisation=str(row.organisation),
        label="réponse attendue" if waits else str(code.label), kind="wait" if waits else KINDS.get(code, "off"),
        proposes_entry=code == WhoKnowsAnswer.INTERVENES and row.organisation_id not in inside,
        waits_until=last_day(closes_at) if waits else None,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Askable:
    """A situation that may be asked about: its name, and what « Masquer les noms » leaves of it."""

    id: UUID
    name: str
    short: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The coordinator's page: what may be asked, of whom, and what came back."""

    enabled: bool
    meeting: datetime | None  # when the question closes by itself; None: somewhere no meeting is planned
    situations: tuple[Askable, ...]
    services: tuple[tuple[UUID, str], ...]
    results: tuple[AnswersPart, ...]


def _closing_meeting(groups: list[WatchGroup], now: datetime) -> datetime | None:
    planned = [acts.next_meeting(group.pk, now) for group in groups]
    known = [each for each in planned if each is not None]
    return min(known) if known and len(known) == len(planned) else None


def desk(viewer: Viewer, now: datetime) -> Desk:
    """Return the coordinator's page. Raises AccessRefused for others."""
    facts.require_coordination(viewer, now, DataClass.YOUTH_IDENTITY)
    groups = [row for row in WatchGroup.objects.filter(pk__in=viewer.group_ids) if acts.enabled(row.pk, now)]
    services = {org.pk: str(org) for group in groups for org in partners.member_organisations(group, now)}
    services.pop(viewer.organisation_id, None)
    rows = facts.not_over(
        acts.askable(viewer, now).filter(group__in=groups).select_related("person").order_by("-received_at")[:60], now
    )
    with audit.reading(
        viewer, subjects=[row.subject_id for row in rows], classes=[DataClass.YOUTH_IDENTITY, DataClass.YOUTH_CARD],
        purpose=Purpose.SORTING, act=Act.LIST, object_type="follow_up", object_ids=[row.pk for row in rows],
    ):  # fmt: skip
        people = [row.person for row in rows]
        sweep.open_many(people, "last_name", "first_name", "card")
        today = localdate(now)
        listed = [
            Askable(
                id=row.pk, name=situations.full_name(row.person),
                short=situations.card_of(row.person.card, today).short, reference=row.reference,
            )
            for row in sorted(rows, key=lambda row: (row.person.last_name or "", row.person.first_name or ""))
        ]  # fmt: skip
    asked = facts.visible_to(viewer, now).filter(who_knows__isnull=False, state__in=acts.STAGES).distinct()
    shown = facts.not_over(asked.order_by("-received_at")[:30], now)
    relations = facts.relations(viewer, shown, now)
    parts = [answers(viewer, row, relations[row.pk], now) for row in shown]
    return Desk(
        enabled=bool(groups), meeting=_closing_meeting(groups, now), situations=tuple(listed), services=tuple(services.items()),
        results=tuple(part for part in parts if part is not None),
    )  # fmt: skip
