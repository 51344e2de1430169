"""The lists of réparations: one's own cases, and whom a host receives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.placements.reparation import facts, law
from casework.placements.reparation.actions import team
from casework.placements.reparation.codes import ENDED, State, Track
from casework.placements.reparation.models import Reparation
from casework.placements.reparation.reads import sessions
from casework.placements.reparation.reads.sessions import SessionLine
from casework.sealing import sweep

READY_TO_REPORT = frozenset(State) - ENDED - {State.REPORTED}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One réparation of a list."""

    id: UUID
    reference: str
    name: str
    is_module: bool
    state: State
    is_over: bool
    place: str
    term_on: date
    report_due_on: date | None
    """The last good day of the report; None once it left."""


@dataclass(frozen=True, kw_only=True)
class Received:
    """A young person as the host sees it: name, dates, activity, educator, presence (REP-16)."""

    id: UUID
    name: str
    activity: str
    educator: str
    service: str
    sessions: tuple[SessionLine, ...]


def own(viewer: Viewer, now: datetime) -> list[Line]:
    """Return the réparations whose content the viewer may open, those to report first. Constant queries."""
    rows = list(
        facts.visible_to(viewer, now, DataClass.REPARATION_CONTENT)
        .select_related("post__host").order_by("term_on", "reference")
    )  # fmt: skip
    links = facts.relations(viewer, rows, now)
    rows = [row for row in rows if links[row.pk].may(viewer, Action.LIST, DataClass.REPARATION_CONTENT, now)]
    names = _names(viewer, rows)
    lines = [
        Line(
            id=row.pk, reference=row.reference, name=names[row.pk], is_module=row.track == Track.MODULE,
            state=State(row.state), is_over=row.state in ENDED, place=_place(row), term_on=row.term_on,
            report_due_on=due_on(row),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(
        lines, key=lambda line: (line.is_over, line.report_due_on is None, line.report_due_on or line.term_on)
    )


def due_on(row: Reparation) -> date | None:
    """Return the last good day of the report, None when it left or will never be asked."""
    return law.report_due_on(track=row.track, term_on=row.term_on) if row.state in READY_TO_REPORT else None


def received(viewer: Viewer, now: datetime) -> list[Received]:
    """Return whom the viewer receives as a host, today's first. Constant queries."""
    rows = list(
        facts.visible_to(viewer, now).filter(post__isnull=False).select_related("post", "organisation")
        .order_by("reference")
    )  # fmt: skip
    links = facts.relations(viewer, rows, now)
    rows = [row for row in rows if links[row.pk].may(viewer, Action.LIST, DataClass.REPARATION_ACTIVITY, now)]
    names = _names(viewer, rows)
    dates = sessions.of_hosts(rows, now)
    educators = team.in_charge([row.pk for row in rows], now)
    found = [
        Received(
            id=row.pk, name=names[row.pk], activity=row.post.nature if row.post else "",
            educator=", ".join(mandate.agent.full_name for mandate in educators.get(row.pk, ())),
            service=row.organisation.short_name, sessions=dates.get(row.pk, ()),
        )
        for row in rows
        if row.pk in dates  # without a half-day to come or lately, a host has nothing to read
    ]  # fmt: skip
    return sorted(found, key=lambda one: (_next_day(one, localdate(now)), one.name))


def _next_day(one: Received, today: date) -> date:
    return min((each.day for each in one.sessions if not each.presence_code), default=date.max)


def _names(viewer: Viewer, rows: list[Reparation]) -> dict[UUID, str]:
    if not rows:
        return {}
    with audit.reading(
        viewer, subjects=[row.subject_id for row in rows], classes=[DataClass.REPARATION_ACTIVITY],
        purpose=Purpose.LISTING, act=Act.LIST, module="placements", object_type=Reparation._meta.label_lower,
    ):  # fmt: skip
        sweep.open_many(rows, "identity")
        return {row.pk: full_name(row.identity) for row in rows}


def full_name(identity: object) -> str:
    """Return first name and name of an opened identity."""
    found = identity if isinstance(identity, dict) else {}
    return f"{found.get('first_name', '')} {found.get('last_name', '')}".strip()


def _place(row: Reparation) -> str:
    if row.post is not None:
        return row.post.host.name
    return row.mediator or ""
