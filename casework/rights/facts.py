"""The facts about the register of violations handed to decide() (row 32)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from casework.access.matrix import DataClass
from casework.access.policy import Action, Facts, decide, require
from casework.access.viewer import Viewer
from casework.errors import AccessRefused
from casework.rights.codes import IncidentState
from casework.rights.models import SecurityIncident


def of(territory_id: UUID | None, *, is_open: bool = True) -> Facts:
    """Return the facts of the register of a territory, or of one of its violations."""
    return Facts(
        territory_id=territory_id, data_class=DataClass.RIGHTS, excluded=False, rules_in_force=True, state_open=is_open
    )


def keeps(viewer: Viewer, now: datetime) -> bool:
    """Say whether this viewer keeps the register: the coordination and the DPO."""
    return decide(viewer, Action.MANAGE, of(viewer.territory_id), now).allow


def find(viewer: Viewer, pk: UUID, now: datetime) -> SecurityIncident:
    """Return one violation of the viewer's territory. Raises AccessRefused, absent or refused alike."""
    require(viewer, Action.VIEW, of(viewer.territory_id), now)
    incident = SecurityIncident.objects.filter(pk=pk, territory_id=viewer.territory_id).first()
    if incident is None:
        raise AccessRefused(code="incident")
    return incident


def require_change(viewer: Viewer, incident: SecurityIncident, now: datetime) -> None:
    """Ask decide() for a change of one violation. Raises AccessRefused."""
    is_open = incident.state != IncidentState.CLOSED
    require(viewer, Action.CHANGE, of(incident.territory_id, is_open=is_open), now)
