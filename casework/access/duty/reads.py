"""What the pages « Permanence » show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from casework.access import inbox, subjects
from casework.access.duty import actions
from casework.access.duty.models import Standing, StandingKind
from casework.access.exclusions.reads import shut
from casework.access.viewer import Viewer
from casework.partners import genuine
from casework.partners.models import Mandate


@dataclass(frozen=True, kw_only=True)
class Line:
    """Who is switched on, from when to when."""

    id: UUID
    who: str
    starts_at: datetime
    ends_at: datetime
    runs: bool


@dataclass(frozen=True, kw_only=True)
class Case:
    """One of the service's situations, by reference."""

    id: UUID
    reference: str
    url: str


def colleagues(viewer: Viewer, now: datetime) -> list[tuple[UUID, str]]:
    """Return the colleagues of the lead's own service and role, for duty."""
    rows = Mandate.objects.live(now).filter(
        organisation_id=viewer.organisation_id, role=viewer.role, agent__is_active=True
    )
    kept = rows.exclude(agent_id=viewer.agent_id).select_related("agent").order_by("agent__last_name", "id")
    return [(row.pk, row.agent.full_name) for row in kept]


def everybody(viewer: Viewer, now: datetime) -> list[tuple[UUID, str]]:
    """Return the functions of the territory, for the right to open in an emergency."""
    rows = Mandate.objects.live(now).filter(territory_id=viewer.territory_id, agent__is_active=True)
    kept = rows.exclude(agent_id=viewer.agent_id).select_related("agent", "organisation")
    return [(row.pk, f"{row.agent.full_name} ({row.label})") for row in kept.order_by("agent__last_name", "id")]


def lines(viewer: Viewer, kind: StandingKind, now: datetime) -> list[Line]:
    """Return who is or will be switched on: in one's own service for duty, in the territory for emergencies."""
    rows = Standing.objects.filter(territory_id=viewer.territory_id, kind=kind, ends_at__gt=now)
    if kind is StandingKind.DUTY:
        rows = rows.filter(mandate__organisation_id=viewer.organisation_id, mandate__role=viewer.role)
    kept = genuine.kept(rows.select_related("mandate__agent", "mandate__organisation").order_by("starts_at", "id"))
    return [
        Line(
            id=row.pk, who=row.mandate.agent.full_name, starts_at=row.starts_at, ends_at=row.ends_at, runs=row.runs(now)
        )
        for row in kept
    ]


def mine(viewer: Viewer, now: datetime) -> list[tuple[StandingKind, datetime]]:
    """Return what is switched on for this function now, and until when."""
    return [(StandingKind(row.kind), row.ends_at) for row in genuine.kept(_switched_on(viewer, now))]


def _switched_on(viewer: Viewer, now: datetime) -> QuerySet[Standing]:
    return Standing.objects.filter(mandate_id=viewer.mandate_id, starts_at__lte=now, ends_at__gt=now)


inbox.probe("standings", _switched_on)


def until(viewer: Viewer, now: datetime) -> datetime | None:
    """Return until when the viewer is on duty, None when it is not."""
    row = actions.running(viewer.mandate_id, StandingKind.DUTY, now)
    return None if row is None else row.ends_at


def cases(viewer: Viewer, now: datetime) -> list[Case]:
    """Return the service's situations for its agent on duty, by reference; none to anybody else."""
    if until(viewer, now) is None:
        return []
    gone = shut(viewer, now)
    found = [target for room in subjects.rooms() for target in room.of_service(viewer, now)]
    return [
        Case(id=target.object_id, reference=target.reference, url=target.url)
        for target in sorted(found, key=lambda each: each.reference)
        if target.subject_id not in gone
    ]
