"""The facts about the dashboard handed to access.decide() (row 29a): the coordinator writes, the others read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.errors import AccessRefused
from casework.indicators.quarters.models import Asking, Contributor, Quarter
from casework.indicators.releases import facts as figures


def keeps(viewer: Viewer, now: datetime) -> bool:
    """Say whether this viewer prepares the dashboard."""
    return figures.may(viewer, Action.CREATE, now)


def require_keeper(viewer: Viewer, now: datetime) -> None:
    """Refuse whoever does not prepare the dashboard. What a published one refuses, its actions say. Raises AccessRefused."""
    figures.require_evaluation(viewer, Action.CREATE, now)


def visible_to(viewer: Viewer, now: datetime) -> QuerySet[Quarter]:
    """Return the quarters that the viewer may open, latest first: what is being prepared is its keeper’s alone."""
    figures.require_evaluation(viewer, Action.LIST, now)
    rows = Quarter.objects.filter(territory_id=viewer.territory_id).order_by("-year", "-number")
    return rows if keeps(viewer, now) else rows.filter(published_at__isnull=False)


def find(viewer: Viewer, pk: UUID, now: datetime) -> Quarter:
    """Return one quarter. Raises AccessRefused, absent or refused alike."""
    found = visible_to(viewer, now).select_related("territory").filter(pk=pk).first()
    if found is None:
        raise AccessRefused(code="quarter")
    return found


def find_contributor(viewer: Viewer, pk: UUID, now: datetime) -> Contributor:
    """Return one contributor in the list of its keeper. Raises AccessRefused, absent or refused alike."""
    require_keeper(viewer, now)
    found = Contributor.objects.filter(territory_id=viewer.territory_id, ended_on=None, pk=pk).first()
    if found is None:
        raise AccessRefused(code="contributor")
    return found


def find_asking(viewer: Viewer, pk: UUID, now: datetime) -> Asking:
    """Return what one contributor was asked, for the keeper. Raises AccessRefused, absent or refused alike."""
    require_keeper(viewer, now)
    rows = Asking.objects.select_related("quarter", "contributor", "territory")
    found = rows.filter(territory_id=viewer.territory_id, pk=pk).first()
    if found is None:
        raise AccessRefused(code="asking")
    return found
