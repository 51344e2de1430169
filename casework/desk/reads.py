"""What the screens of the desk show: the day's work, work under other functions, faults."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from casework.access.viewer import Viewer, viewer_for
from casework.casefile import deadlines, work
from casework.desk.context import mandate_label
from casework.desk.models import ErrorReport
from casework.desk.welcome import Welcome, welcome
from casework.desk.work import Group, grouped, to_do
from casework.errors import AccessRefused
from casework.partners.models import Mandate

FAULTS_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """What waits for the same person under another function."""

    mandate_id: UUID
    label: str
    count: int


@dataclass(frozen=True, kw_only=True)
class MyWork:
    """The page « Mon travail »."""

    today: date
    groups: tuple[Group, ...]
    to_do: int
    elsewhere: tuple[Elsewhere, ...]
    has_deadlines: bool
    welcome: Welcome


def my_work(viewer: Viewer, now: datetime) -> MyWork:
    """Return the viewer's day under the current function, and counts under the others."""
    today = timezone.localdate(now)
    items = work.for_viewer(viewer, now)
    return MyWork(
        today=today,
        groups=grouped(items, today),
        to_do=to_do(items, today),
        elsewhere=tuple(_elsewhere(viewer, now, today)),
        has_deadlines=bool(deadlines.for_viewer(viewer, now)),
        welcome=welcome(viewer),
    )


def waiting_now(viewer: Viewer, now: datetime) -> int:
    """Return how many lines are late or due this week, for the menu."""
    return to_do(work.for_viewer(viewer, now), timezone.localdate(now))


def _elsewhere(viewer: Viewer, now: datetime, today: date) -> Iterable[Elsewhere]:
    """Count what waits under each other live function with a signed charter; one that is not genuine is silent."""
    running = Mandate.objects.live(now).filter(agent=viewer.agent_id, charter_signed_at__lte=now)
    for mandate in running.select_related("agent", "organisation", "territory").order_by("id"):
        if mandate.pk == viewer.mandate_id:
            continue
        try:
            there = viewer_for(
                mandate,
                session_ref=viewer.session_ref,
                request_id=viewer.request_id,
                net_prefix=viewer.net_prefix,
                now=now,
            )
        except AccessRefused:
            continue
        count = to_do(work.for_viewer(there, now), today)
        if count:
            label = mandate_label(mandate)
            if mandate.territory_id != viewer.territory_id:
                label += f" ({mandate.territory.name})"
            yield Elsewhere(mandate_id=mandate.pk, label=label, count=count)


def faults() -> list[ErrorReport]:
    """Return the latest faults; they hold no personal data."""
    return list(ErrorReport.objects.order_by("-at", "-id")[:FAULTS_SHOWN])
