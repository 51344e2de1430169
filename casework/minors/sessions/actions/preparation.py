"""« Ma préparation »: what one service clicks before the meeting. Never compulsory, codes only (SIT-06)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups import facts as followup_facts
from casework.minors.followups.codes import OPEN_RESULTS, ActionType
from casework.minors.followups.models import Action
from casework.minors.sessions.codes import FactKind, LineKind, PreparationState, SessionState
from casework.minors.sessions.models import AgendaLine, GroupSession, Preparation
from casework.partners import reads as partners
from casework.partners.models import Organisation
from casework.sealing import keys

ANSWERS = ("done", "not_done")
FACT_DAYS = 366


@dataclass(frozen=True, kw_only=True)
class PreparationData:
    """One line prepared: one of five states, own decisions of last time, one proposal, one dated fact."""

    state: str = ""
    decisions: Mapping[UUID, str] = field(default_factory=dict)
    proposes: str = ""
    fact_kind: str = ""
    fact_on: date | None = None

    @property
    def is_empty(self) -> bool:
        """Say whether nothing was clicked."""
        return not (self.state or self.decisions or self.proposes or self.fact_kind)


def save(*, by: Viewer, session: GroupSession, lines: Mapping[UUID, PreparationData], now: datetime) -> datetime:
    """Keep what the viewer's service prepared on these lines; an empty one takes its preparation back.

    Raises AccessRefused (neither in the circle nor asked), InputRefused (a code out of its list, somebody else's
    decision, a fact ahead or not allowed), GuardRefused (the situation is already open at the meeting).
    """
    if session.state not in (SessionState.CONVENED, SessionState.OPEN):
        raise GuardRefused("Rien n’est à préparer pour cette réunion.")
    rows = {
        line.pk: line
        for line in session.lines.filter(pk__in=lines, kind=LineKind.SITUATION).select_related("follow_up")
    }
    if len(rows) != len(lines):
        raise AccessRefused(code="line")
    contents: dict[UUID, dict[str, Any]] = {}
    for pk, line in rows.items():
        if line.follow_up is None:  # kind SITUATION has one
            raise AccessRefused(code="line")
        followup_facts.require_on(
            by,
            line.follow_up,
            Ask.CHANGE,
            DataClass.YOUTH_PREPARATION,
            now,
            is_author=True,  # its own service only
        )
        if line.opened_at is not None:
            raise GuardRefused("Cette situation est déjà ouverte en réunion : dites-le de vive voix.")
        contents[pk] = _content(by, session, line, lines[pk], now)
    keys.ensure(*(line.subject_id for line in rows.values()))
    with audit.writing(by, now=now) as w:
        held = {
            row.line_id: row
            for row in Preparation.objects.select_for_update(of=("self",)).filter(
                line__in=rows, organisation_id=by.organisation_id
            )
        }
        for pk, line in rows.items():
            row = held.get(pk)
            if not contents[pk]:
                if row is not None:
                    w.note(Act.DELETE, row, subjects=[line.subject_id], classes=[DataClass.YOUTH_PREPARATION])
                    row.delete()
                continue
            if row is None:
                row = Preparation(
                    subject_id=line.subject_id, territory_id=session.territory_id, line=line,
                    organisation_id=by.organisation_id, revision=0,
                )  # fmt: skip
            row.content, row.author_mandate_id, row.saved_at = contents[pk], by.mandate_id, now
            row.revision += 1
            row.save()
            w.note(Act.CHANGE, row, subjects=[line.subject_id], classes=[DataClass.YOUTH_PREPARATION])
    return now


def _content(
    by: Viewer, session: GroupSession, line: AgendaLine, data: PreparationData, now: datetime
) -> dict[str, Any]:
    """Return the sealed content: codes and dates only; empty when nothing was clicked."""
    if data.is_empty:
        return {}
    content: dict[str, Any] = {}
    if data.state:
        content["state"] = _code(PreparationState, data.state)
    if data.decisions:
        own = set(own_decisions(by, line).values_list("pk", flat=True))
        if not set(data.decisions) <= own or not set(data.decisions.values()) <= set(ANSWERS):
            raise InputRefused("Répondez seulement pour les décisions de votre service.")
        content["decisions"] = {str(pk): answer for pk, answer in sorted(data.decisions.items())}
    if data.proposes:
        content["proposes"] = _code(ActionType, data.proposes)
    if data.fact_kind or data.fact_on:
        content["fact"] = _fact(by, session, data, now)
    content.setdefault("state", _state_of(content))
    return content


def _state_of(content: Mapping[str, Any]) -> str:
    """Return the state that goes without saying when only a detail was clicked."""
    if "proposes" in content:
        return PreparationState.PROPOSES.value
    return (PreparationState.LAST_DECISIONS if "decisions" in content else PreparationState.WILL_SPEAK).value


def _fact(by: Viewer, session: GroupSession, data: PreparationData, now: datetime) -> dict[str, str]:
    if not facts_enabled(by, session, now):
        raise InputRefused("Votre service n’a pas choisi de transmettre des faits datés.", field="fact_kind")
    if not data.fact_kind or data.fact_on is None:
        raise InputRefused("Un fait demande sa nature et sa date.", field="fact_on")
    today = localdate(now)
    if not today - timedelta(days=FACT_DAYS) <= data.fact_on <= today:
        raise InputRefused("La date du fait est dans les douze derniers mois.", field="fact_on")
    return {"kind": _code(FactKind, data.fact_kind), "on": data.fact_on.isoformat()}


def _code(codes: Any, value: str) -> str:
    if value not in codes.values:
        raise InputRefused("Choisissez une valeur de la liste.")
    return value


def own_decisions(by: Viewer, line: AgendaLine) -> Any:
    """Return the open decisions of the viewer's service on this situation: those of last time."""
    return Action.objects.filter(
        follow_up_id=line.follow_up_id, owner_id=by.organisation_id, result__in=OPEN_RESULTS
    ).order_by("due_on", "pk")


def facts_enabled(by: Viewer, session: GroupSession, now: datetime) -> bool:
    """Say whether the viewer's service switched dated facts on."""
    seat = partners.membership(session.group, Organisation(pk=by.organisation_id), now)
    return seat is not None and seat.dated_facts_enabled
