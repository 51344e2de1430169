"""The relevé de décisions: assembled from what was recorded, approved, then fixed (SIT-05, design.md §11).

Each item is sealed under its own person's key with a salted hash; approval fixes the list of hashes. A later
correction is an addendum: nothing approved is ever rewritten.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.viewer import Viewer
from casework.audit import Act, Actor, Purpose, Writing
from casework.casefile import calendar
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups.models import Action, FollowUp, SchemeStatus
from casework.minors.sessions import facts
from casework.minors.sessions.actions import meeting, questions
from casework.minors.sessions.codes import (
    Approval,
    LineKind,
    LineState,
    MinutesState,
    ObjectionKind,
    SessionState,
)
from casework.minors.sessions.models import (
    AgendaLine,
    GroupSession,
    Minutes,
    MinutesAddendum,
    MinutesAnswer,
    MinutesItem,
    Review,
)
from casework.minors.sessions.states import LIFECYCLE
from casework.partners import reads as partners
from casework.sealing import keys, sweep

TEMPLATE_VERSION = 1
ADDENDUM_MAX = 200


def submit(*, by: Viewer, session: GroupSession, now: datetime) -> Minutes:
    """Assemble the minutes of a closed meeting and submit them to the services that were there.

    Keeps date, services present, coded findings, actions, owners, dates; never who said what, health,
    opinions, family history or police details (SIT-05). Silence approves after the rules' delay.
    """
    facts.require_on(by, session, Ask.CREATE, now)
    if session.state != SessionState.CLOSED:
        raise GuardRefused("Le relevé se fait une fois la réunion close.")
    if Minutes.objects.filter(session=session).exists():
        raise GuardRefused("Le relevé de cette réunion est déjà soumis.")
    rules = partners.group_rules(session.group, localdate(now))
    if rules is None:
        raise GuardRefused("Aucun règlement intérieur n’est en vigueur.")
    lines = list(
        session.lines.exclude(state=LineState.WAITING)
        .select_related("follow_up__person", "follow_up__lead_organisation", "question")
        .prefetch_related("present")
        .order_by("position")
    )
    subjects = [line.subject_id for line in lines]
    keys.ensure(session.pk, *subjects)
    with audit.reading(
        by, subjects=[*subjects, session.pk],
        classes=[DataClass.YOUTH_CARD, DataClass.YOUTH_REVIEW, DataClass.SESSION_MINUTES],
        purpose=Purpose.SESSION, object_type="group_session", object_ids=[session.pk],
    ):  # fmt: skip
        payloads = _payloads(session, lines)
        with audit.writing(by, now=now) as w:
            minutes = Minutes(
                subject_id=session.pk, territory_id=session.territory_id, session=session,
                state=MinutesState.SUBMITTED, template_version=TEMPLATE_VERSION, submitted_at=now,
                silence_on=calendar.add_working_days(
                    localdate(now), rules.silence_days, session.territory.holiday_set
                ),
            )  # fmt: skip
            minutes.save()
            for payload in payloads:
                payload["salt"] = secrets.token_hex(16)
            MinutesItem.objects.bulk_create(
                MinutesItem(
                    subject_id=line.subject_id, territory_id=session.territory_id, minutes=minutes, line=line,
                    follow_up=line.follow_up, position=position, payload=payload, item_hash=item_hash(payload),
                )
                for position, (line, payload) in enumerate(zip(lines, payloads, strict=True), start=1)
            )  # fmt: skip
            w.note(Act.CREATE, minutes, subjects=subjects, classes=[DataClass.SESSION_MINUTES], why="submitted")
    return minutes


def item_hash(payload: Mapping[str, Any]) -> str:
    """Return the salted SHA-256 of one item: what the approval covers."""
    return sha256(json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def digest(hashes: list[str]) -> str:
    """Return the SHA-256 over the hashes of the items, in order: what the signature covers."""
    return sha256("\n".join(hashes).encode()).hexdigest()


def _payloads(session: GroupSession, lines: list[AgendaLine]) -> list[dict[str, Any]]:
    """Return what the minutes keep of each line, from what was recorded, in a constant number of queries."""
    situations = [line.follow_up_id for line in lines if line.follow_up_id is not None]
    reviews = {row.line_id: row for row in Review.objects.filter(line__in=lines)}
    actions = list(
        Action.objects.filter(follow_up__in=situations, decided_in=session.pk)
        .select_related("owner")
        .order_by("due_on", "pk")
    )
    settled = list(
        Action.objects.filter(follow_up__in=situations, closed_on=localdate(session.starts_at))
        .exclude(decided_in=session.pk)
        .select_related("owner")
    )
    schemes = list(SchemeStatus.objects.filter(follow_up__in=situations).select_related("item"))
    sweep.open_many([line.follow_up.person for line in lines if line.follow_up is not None], "card")
    sweep.open_many(list(reviews.values()), "steps")
    sweep.open_many(actions, "precision")
    sweep.open_many([line.question for line in lines if line.question is not None], "content", "advice")
    return [_payload(line, reviews.get(line.pk), actions, settled, schemes) for line in lines]


def _payload(
    line: AgendaLine,
    review: Review | None,
    actions: list[Action],
    settled: list[Action],
    schemes: list[SchemeStatus],
) -> dict[str, Any]:
    present = sorted(row.short_name for row in line.present.all())
    base: dict[str, Any] = {"day_number": line.day_number, "state": line.state, "present": present}
    if line.kind == LineKind.QUESTION or line.follow_up is None:
        question = line.question
        return base | {
            "kind": "question",
            "question": question.content if question else {},
            "advice": (question.advice if question else "") or "",
        }
    follow_up: FollowUp = line.follow_up
    card = follow_up.person.card or {}
    return base | {
        "kind": "situation",
        "reference": follow_up.reference,
        "initials": card.get("initials", ""),
        "birth_year": str(card.get("birth", ""))[:4],
        "sector": card.get("sector", ""),
        "lead": str(follow_up.lead_organisation or ""),
        "steps": (review.steps if review else None) or {},
        "review_on": review.review_on.isoformat() if review and review.review_on else "",
        "schemes": [
            {"label": row.item.label, "state": row.state} for row in schemes if row.follow_up_id == follow_up.pk
        ],
        "decisions": [
            {"kind": row.kind, "owner": str(row.owner), "due_on": row.due_on.isoformat(),
             "precision": row.precision or ""}
            for row in actions
            if row.follow_up_id == follow_up.pk
        ],
        "settled": [
            {"kind": row.kind, "owner": str(row.owner), "result": row.result}
            for row in settled
            if row.follow_up_id == follow_up.pk
        ],
    }  # fmt: skip


def answer(
    *,
    by: Viewer,
    minutes: Minutes,
    approval: str,
    now: datetime,
    objection: str = "",
    day_number: int | None = None,
) -> MinutesAnswer:
    """Record a member service's answer; approved by all who were there, the minutes are fixed at once."""
    session = minutes.session
    facts.require_on(by, session, Ask.VIEW, now)
    if minutes.state != MinutesState.SUBMITTED:
        raise GuardRefused("Ce relevé est déjà approuvé : demandez un additif.")
    members = set(session.members.filter(is_guest=False).values_list("organisation_id", flat=True))
    if by.organisation_id not in members:
        raise AccessRefused(code="not_invited")
    if approval not in Approval.values:
        raise InputRefused("Choisissez une réponse.", field="approval")
    if approval == Approval.OBJECTED:
        if objection not in ObjectionKind.values:
            raise InputRefused("Indiquez sur quoi porte la rectification.", field="objection")
        if not minutes.items.filter(position__gt=0, line__day_number__in=[day_number]).exists():
            raise InputRefused("Indiquez le numéro de la situation.", field="day_number")
    with audit.writing(by, now=now) as w:
        row, _ = MinutesAnswer.objects.update_or_create(
            minutes=minutes, organisation_id=by.organisation_id,
            defaults={
                "mandate_id": by.mandate_id, "answer": approval, "answered_at": now,
                "objection": objection if approval == Approval.OBJECTED else "",
                "day_number": day_number if approval == Approval.OBJECTED else None,
            },
        )  # fmt: skip
        w.note(Act.CHANGE, minutes, classes=[DataClass.SESSION_MINUTES], why=approval)
        said = minutes.answers.filter(answer=Approval.APPROVED).values_list("organisation_id", flat=True)
        if members <= set(said):
            _approve(w, minutes=minutes, by=audit.system_actor(session.territory_id), now=now)
    return row


def resubmit(*, by: Viewer, minutes: Minutes, now: datetime) -> Minutes:
    """Assemble again after a correction was made in the records, before approval; every answer starts over."""
    session = minutes.session
    facts.require_on(by, session, Ask.CREATE, now)
    if minutes.state != MinutesState.SUBMITTED:
        raise GuardRefused("Ce relevé est approuvé : il ne change plus.")
    with audit.writing(by, now=now) as w:
        w.note(Act.DELETE, minutes, classes=[DataClass.SESSION_MINUTES], why="resubmitted")
        minutes.delete()
    return submit(by=by, session=session, now=now)


def approve_silent(now: datetime) -> int:
    """Approve what nobody objected to within the delay (nightly). Returns how many minutes were approved."""
    rows = Minutes.objects.filter(state=MinutesState.SUBMITTED, silence_on__lt=localdate(now)).select_related(
        "session__territory"
    )
    approved = 0
    for minutes in rows:
        if minutes.answers.filter(answer=Approval.OBJECTED).exists():
            continue
        actor = audit.system_actor(minutes.territory_id)
        with audit.writing(actor, now=now) as w:
            _approve(w, minutes=minutes, by=actor, now=now)
        approved += 1
    return approved


def _approve(w: Writing, *, minutes: Minutes, by: Actor, now: datetime) -> None:
    """Fix the minutes: digest written, doors of the meeting closed, questions without a name deleted."""
    session = minutes.session
    minutes.state = MinutesState.APPROVED
    minutes.approved_at = now
    minutes.digest = digest(list(minutes.items.order_by("position").values_list("item_hash", flat=True)))
    minutes.revision += 1
    minutes.save()
    LIFECYCLE.apply(session, SessionState.APPROVED, w=w, by=by, now=now, approved_at=now)
    situations = list(FollowUp.objects.filter(agenda_lines__session=session))
    meeting.close_windows(w, session=session, follow_ups=situations, at=now)
    questions.delete_questions(w, session, now)
    w.note(Act.CHANGE, minutes, classes=[DataClass.SESSION_MINUTES], why="approved")


def add_addendum(*, by: Viewer, item_id: UUID, objection: str, correction: str, now: datetime) -> MinutesAddendum:
    """Correct approved minutes by an addendum; the text approved stays as it is."""
    item = MinutesItem.objects.select_related("minutes__session").filter(pk=item_id).first()
    if item is None or item.minutes.state != MinutesState.APPROVED:
        raise AccessRefused(code="addendum")
    session = item.minutes.session
    facts.require_on(by, session, Ask.VIEW, now)
    if not facts.coordinates(by):
        raise AccessRefused(code="addendum")
    if objection not in ObjectionKind.values:
        raise InputRefused("Indiquez sur quoi porte la correction.", field="objection")
    text = correction.strip()
    if not text or len(text) > ADDENDUM_MAX:
        raise InputRefused(f"La correction tient en {ADDENDUM_MAX} caractères.", field="correction")
    keys.ensure(item.subject_id)
    with audit.writing(by, now=now) as w:
        row = MinutesAddendum(
            subject_id=item.subject_id, territory_id=item.territory_id, minutes=item.minutes, item=item,
            objection=objection, correction=text, added_at=now, added_by=by.mandate_id,
        )  # fmt: skip
        row.save()
        w.note(Act.CREATE, row, subjects=[item.subject_id], classes=[DataClass.SESSION_MINUTES], why=objection)
    return row
