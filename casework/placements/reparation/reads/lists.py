"""The lists of réparations: one's own cases, whom a host receives, and counts for who knows only that they exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count
from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import small_counts
from casework.errors import AccessRefused
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


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many réparations, by stage; None where a number would single somebody out."""

    stages: tuple[tuple[str, int | None], ...]
    total: int | None
    k: int


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


STAGES: Mapping[str, tuple[State, ...]] = {
    "à préparer": (State.PROPOSED, State.ORDERED, State.AGREED, State.ASSIGNED, State.VICTIM_PENDING),
    "en cours": (State.IN_PROGRESS, State.DIFFICULTY),
    "rapport remis ou closes depuis moins de six mois": (
        State.REPORTED, *sorted(ENDED),
    ),
}  # fmt: skip


def counts(viewer: Viewer, now: datetime) -> Counts:
    """Return counts by stage, masked where they would single somebody out (row 16 « e », SDC-05, SDC-06).

    Raises AccessRefused to whoever does not know that réparations exist.
    """
    if not facts.counts_are_open(viewer, now):
        raise AccessRefused(code="counts")
    rows = Reparation.objects.filter(territory_id=viewer.territory_id).exclude(facts.gone(now)).order_by()
    by_state = dict(rows.values_list("state").annotate(n=Count("*")))
    by_stage = {label: sum(by_state.get(state, 0) for state in states) for label, states in STAGES.items()}
    shown, total = small_counts.shown(by_stage, k=small_counts.K_JUDICIAL)
    return Counts(stages=tuple(shown.items()), total=total, k=small_counts.K_JUDICIAL)


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
