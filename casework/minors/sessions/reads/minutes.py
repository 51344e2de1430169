"""The relevé de décisions as one reader may see it: only the situations open to this viewer (SIT-05, T-21)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.policy import decide
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import format as fr
from casework.errors import AccessRefused, Shredded
from casework.minors.followups import codes as situation_codes
from casework.minors.followups import facts as situation_facts
from casework.minors.sessions import codes, facts
from casework.minors.sessions.models import GroupSession, Minutes, MinutesAddendum, MinutesItem
from casework.sealing import sweep

REMOVED = "Situation retirée (durée atteinte)"
ARCHIVED = "Situation archivée : consultation motivée seulement"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One decision, in words."""

    kind: str
    owner: str
    due_on: date | None
    precision: str
    result: str


@dataclass(frozen=True, kw_only=True)
class AddendumLine:
    """A correction after approval."""

    on: date
    about: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Item:
    """One situation or question of the minutes."""

    id: UUID
    day_number: int
    removed: str
    is_question: bool
    card: str
    reference: str
    present: tuple[str, ...]
    lead: str
    findings: tuple[tuple[str, str], ...]
    decisions: tuple[Decision, ...]
    settled: tuple[Decision, ...]
    outcome: str
    addenda: tuple[AddendumLine, ...]


@dataclass(frozen=True, kw_only=True)
class Attendance:
    """One service and whether it came."""

    service: str
    person: str
    state: str


@dataclass(frozen=True, kw_only=True)
class MinutesPage:
    """The minutes of one meeting, cut for one reader."""

    session_id: UUID
    starts_at: datetime
    place: str
    group: str
    commune: str
    state: str
    state_label: str
    silence_on: date
    approved_at: datetime | None
    digest: str
    attendance: tuple[Attendance, ...]
    items: tuple[Item, ...]
    answers: tuple[tuple[str, str, str], ...]
    own_answer: str
    may_answer: bool
    may_correct: bool
    may_resubmit: bool


def of_session(session: GroupSession) -> Minutes | None:
    """Return the minutes of a meeting, None before they are assembled."""
    return Minutes.objects.filter(session=session).select_related("session__group", "session__territory").first()


def page(
    viewer: Viewer, session: GroupSession, now: datetime, *, purpose: Purpose = Purpose.SESSION, act: Act = Act.VIEW
) -> MinutesPage:
    """Return the minutes as this viewer may read them, one event for all items. Raises AccessRefused."""
    facts.require_on(viewer, session, Ask.VIEW, now)
    minutes = Minutes.objects.filter(session=session).order_by().first()
    if minutes is None:
        raise AccessRefused(code="no_minutes")
    rows = list(minutes.items.select_related("follow_up", "line").order_by("position"))
    seen = _visible(viewer, rows, now)
    coordinator = facts.coordinates(viewer)
    opened = [row for row in rows if seen.get(row.pk) == ""]
    addenda = list(MinutesAddendum.objects.filter(item__in=[row.pk for row in opened]).order_by("added_at"))
    subjects = {row.subject_id for row in opened}
    with audit.reading(
        viewer, subjects=subjects, classes=[DataClass.SESSION_MINUTES], purpose=purpose, act=act,
        object_type="group_sessions.minutes", object_ids=[minutes.pk],
    ):  # fmt: skip
        sweep.open_many(opened, "payload")
        sweep.open_many(addenda, "correction")
        items = tuple(
            _item(row, seen[row.pk], [extra for extra in addenda if extra.item_id == row.pk])
            for row in rows
            if row.pk in seen
        )
    members = list(session.members.filter(is_guest=False).select_related("organisation", "mandate__agent"))
    answers = {row.organisation_id: row for row in minutes.answers.select_related("organisation")}
    own = answers.get(viewer.organisation_id)
    submitted = minutes.state == codes.MinutesState.SUBMITTED
    return MinutesPage(
        session_id=session.pk,
        starts_at=session.starts_at,
        place=session.place,
        group=session.group.name,
        commune=session.territory.name,
        state=minutes.state,
        state_label=minutes.get_state_display(),
        silence_on=minutes.silence_on,
        approved_at=minutes.approved_at,
        digest=minutes.digest,
        attendance=tuple(
            Attendance(
                service=str(member.organisation),
                person=member.mandate.agent.full_name if member.mandate else "",
                state=member.get_presence_display(),
            )
            for member in members
        ),
        items=items,
        answers=tuple(
            (str(row.organisation), row.get_answer_display(), _about(row)) for row in answers.values()
        ) if coordinator else (),
        own_answer=own.get_answer_display() if own else "",
        may_answer=submitted and viewer.organisation_id in {member.organisation_id for member in members},
        may_correct=coordinator and not submitted,
        may_resubmit=coordinator and submitted,
    )  # fmt: skip


def _about(row: Any) -> str:
    return f"{row.get_objection_display()}, situation n° {row.day_number}" if row.objection else ""


def _visible(viewer: Viewer, rows: list[MinutesItem], now: datetime) -> dict[UUID, str]:
    """Return, for each item this viewer may know of, "" when it opens or the words that stand instead."""
    situations = [row.follow_up for row in rows if row.follow_up is not None]
    relations = situation_facts.relations(viewer, situations, now)
    over = situation_facts.past_purge(situations, now)
    coordinates = facts.coordinates(viewer)
    seen: dict[UUID, str] = {}
    for row in rows:
        if row.follow_up is None:
            # A question without a name belongs to the meeting; a situation whose row is gone is retired.
            seen[row.pk] = "" if row.subject_id == row.minutes.subject_id else REMOVED
            continue
        if row.follow_up.state in situation_facts.GONE or row.follow_up.pk in over:
            if coordinates:
                seen[row.pk] = REMOVED
            continue
        relation = relations[row.follow_up.pk]
        if decide(viewer, Ask.VIEW, relation.facts(DataClass.SESSION_MINUTES), now).allow:
            seen[row.pk] = ""
        elif coordinates and row.follow_up.state in situation_facts.CLOSED:
            seen[row.pk] = ARCHIVED
    return seen


_STEPS = (
    ("step1", "Dispositifs habituels", situation_codes.StepOne),
    ("step2", "Qui fait quoi", situation_codes.StepTwo),
    ("step3", "Ce qu’on adapte", situation_codes.StepThree),
)


def _item(row: MinutesItem, instead: str, addenda: list[MinutesAddendum]) -> Item:
    payload: Mapping[str, Any] = {}
    if not instead:
        try:
            payload = row.payload or {}
        except Shredded:
            instead = REMOVED
    number = int(payload.get("day_number") or (row.line.day_number if row.line else row.position))
    is_question = payload.get("kind") == "question"
    return Item(
        id=row.pk,
        day_number=number,
        removed=instead,
        is_question=is_question,
        card=_question_card(payload) if is_question else _card(payload),
        reference=str(payload.get("reference", "")),
        present=tuple(payload.get("present", ())),
        lead=str(payload.get("lead", "")),
        findings=_findings(payload),
        decisions=tuple(_decision(found) for found in payload.get("decisions", ())),
        settled=tuple(_decision(found) for found in payload.get("settled", ())),
        outcome=_outcome(payload),
        addenda=tuple(
            AddendumLine(on=localdate(extra.added_at), about=extra.get_objection_display(), text=extra.correction or "")
            for extra in addenda
        ),
    )


def _card(payload: Mapping[str, Any]) -> str:
    """Return « Y. B. · 2011 · Maille 2 »: paper never carries names."""
    parts = (payload.get("initials"), payload.get("birth_year"), payload.get("sector"))
    return " · ".join(str(part) for part in parts if part)


def _question_card(payload: Mapping[str, Any]) -> str:
    content = payload.get("question") or {}
    band = fr.label(codes.AgeBand, content.get("age_band", ""))
    topic = fr.label(codes.QuestionTopic, content.get("topic", ""))
    parts = ("Question sans nom", topic, band if content.get("age_band") else "", content.get("sector", ""))
    return " · ".join(str(part) for part in parts if part)


def _findings(payload: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    steps = payload.get("steps") or {}
    found = [(label, fr.label(choices, steps[key])) for key, label, choices in _STEPS if steps.get(key)]
    schemes: dict[str, list[str]] = {}
    for scheme in payload.get("schemes", ()):
        label = fr.label(situation_codes.SchemeState, scheme.get("state", ""))
        schemes.setdefault(label, []).append(str(scheme.get("label", "")))
    found += [(f"Dispositifs : {label}", ", ".join(names)) for label, names in schemes.items() if label]
    if payload.get("advice"):
        found.append(("Avis", fr.label(codes.QuestionAdvice, payload["advice"])))
    return tuple(found)


def _decision(found: Mapping[str, Any]) -> Decision:
    due = str(found.get("due_on", ""))
    return Decision(
        kind=fr.label(situation_codes.ActionType, found.get("kind", "")),
        owner=str(found.get("owner", "")),
        due_on=date.fromisoformat(due) if due else None,
        precision=str(found.get("precision", "")),
        result=fr.label(situation_codes.ActionResult, found.get("result", "")),
    )


def _outcome(payload: Mapping[str, Any]) -> str:
    steps = payload.get("steps") or {}
    if payload.get("state") == codes.LineState.POSTPONED and not steps:
        return "Reportée à la prochaine réunion"
    outcome = fr.label(situation_codes.Outcome, steps.get("outcome", ""))
    review_on = str(payload.get("review_on", ""))
    if review_on:
        outcome += f", à revoir le {fr.numeric_day(date.fromisoformat(review_on))}"
    return outcome[:1].upper() + outcome[1:]


@dataclass(frozen=True, kw_only=True)
class MeetingLine:
    """One meeting at which this situation was examined (tab « Réunions » of a situation)."""

    session_id: UUID
    on: date
    state: str
    steps: tuple[tuple[str, str], ...]
    outcome: str
    has_minutes: bool


def of_situation(
    viewer: Viewer, follow_up: Any, relation: situation_facts.Relation, now: datetime
) -> tuple[MeetingLine, ...] | None:
    """Return the meetings of one situation, latest first; None where row 4 is closed to this viewer."""
    if not decide(viewer, Ask.VIEW, relation.facts(DataClass.YOUTH_REVIEW), now).allow:
        return None
    lines = list(
        follow_up.agenda_lines.exclude(state=codes.LineState.WAITING)
        .select_related("session", "review")
        .order_by("-session__starts_at")
    )
    with_minutes = set(
        Minutes.objects.filter(session__in=[line.session_id for line in lines]).values_list("session_id", flat=True)
    )
    reviews = [line.review for line in lines if hasattr(line, "review")]
    with audit.reading(
        viewer, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_REVIEW], purpose=Purpose.REVIEW,
        object_type="follow_up", object_ids=[follow_up.pk],
    ):  # fmt: skip
        sweep.open_many(reviews, "steps")
        return tuple(_meeting_line(line, line.session_id in with_minutes) for line in lines)


def _meeting_line(line: Any, has_minutes: bool) -> MeetingLine:
    review = getattr(line, "review", None)
    payload = {
        "steps": review.steps if review else {},
        "state": line.state,
        "review_on": review.review_on.isoformat() if review and review.review_on else "",
    }
    return MeetingLine(
        session_id=line.session_id, on=localdate(line.session.starts_at), state=line.get_state_display(),
        steps=_findings(payload), outcome=_outcome(payload), has_minutes=has_minutes,
    )  # fmt: skip
