"""What a held key shows for a moment: the name, and what services prepared. Nothing else opens an identity (T-40)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.policy import decide
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import format as fr
from casework.errors import AccessRefused, GuardRefused
from casework.minors.followups import facts as followup_facts
from casework.minors.followups.codes import ActionType
from casework.minors.followups.models import Action
from casework.minors.followups.reads.situations import full_name
from casework.minors.sessions.codes import FactKind, PreparationState, Presence, SessionState
from casework.minors.sessions.models import GroupSession, Preparation
from casework.minors.sessions.reads.services import services_of
from casework.sealing import sweep


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What one service prepared, as it is read once the situation is open."""

    letter: str
    service: str
    text: str
    details: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Revealed:
    """The name and the preparations, for as long as a key is held."""

    name: str
    prepared: tuple[Prepared, ...]


def reveal(viewer: Viewer, session: GroupSession, line_id: UUID, *, now: datetime) -> Revealed:
    """Open the name, and the preparations once the line was opened: each time one event, Act.REVEAL.

    A preparation belongs to its author until its situation is opened (row 4a); from then on it is read with the
    reviews (row 4). Raises AccessRefused, GuardRefused while a guest without function is in the room.
    """
    line = session.lines.select_related("follow_up__person").filter(pk=line_id).first()
    if line is None or line.follow_up is None:
        raise AccessRefused(code="line")
    follow_up = line.follow_up
    link = followup_facts.require_on(viewer, follow_up, Ask.REVEAL, DataClass.YOUTH_IDENTITY, now)
    if session.state != SessionState.OPEN or line.opened_at is None:
        raise GuardRefused("Ouvrez d’abord cette situation : le nom ne s’affiche qu’ensuite.")
    if session.members.filter(is_guest=True, presence=Presence.PRESENT).exists():
        raise GuardRefused("Un invité sans fonction est présent : le nom ne peut pas être affiché.")
    read = decide(viewer, Ask.REVEAL, link.facts(DataClass.YOUTH_REVIEW), now).allow
    classes = {DataClass.YOUTH_IDENTITY, *({DataClass.YOUTH_PREPARATION} if read else ())}
    rows = list(Preparation.objects.filter(line=line).select_related("organisation")) if read else []
    with audit.reading(
        viewer, subjects=[line.subject_id], classes=classes, purpose=Purpose.SESSION, act=Act.REVEAL,
        object_type="agenda_line", object_ids=[line.pk],
    ):  # fmt: skip
        sweep.open_many([follow_up.person], "last_name", "first_name")
        sweep.open_many(rows, "content")
        given = {service.id: service.letter for service in services_of(session)}
        kinds = dict(Action.objects.filter(follow_up=follow_up).values_list("pk", "kind"))
        return Revealed(
            name=full_name(follow_up.person),
            prepared=tuple(
                sorted((_prepared(row, given, kinds) for row in rows), key=lambda one: (one.letter, one.service))
            ),
        )


def _prepared(row: Preparation, given: Mapping[UUID, str], kinds: Mapping[UUID, str]) -> Prepared:
    content = row.content or {}
    results = {"done": "fait", "not_done": "pas fait"}
    details = [
        f"{ActionType(kind).label} : {results.get(answer, '')}"
        for key, answer in (content.get("decisions") or {}).items()
        if (kind := kinds.get(UUID(key))) is not None
    ]
    if content.get("proposes") in ActionType.values:
        details.append(f"propose : {ActionType(content['proposes']).label}")
    fact = content.get("fact") or {}
    if fact.get("kind") in FactKind.values and fact.get("on"):
        details.append(f"{FactKind(fact['kind']).label} le {fr.numeric_day(date.fromisoformat(fact['on']))}")
    return Prepared(
        letter=given.get(row.organisation_id, ""),
        service=row.organisation.short_name or row.organisation.name,
        text=fr.label(PreparationState, content.get("state", "")),
        details=tuple(details),
    )
