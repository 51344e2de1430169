"""What decide() is asked of figures: rows 29 (released tables) and 29a (what is written around them)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from casework.access.matrix import DataClass
from casework.access.policy import Action, Facts, decide, require
from casework.access.viewer import Viewer
from casework.errors import AccessRefused
from casework.indicators.releases.codes import ReleaseState
from casework.indicators.releases.models import Release


def _of_nobody(viewer: Viewer, data_class: DataClass) -> Facts:
    return Facts(
        territory_id=viewer.territory_id, data_class=data_class, excluded=False, rules_in_force=True, state_open=True
    )


def may(viewer: Viewer, action: Action, now: datetime) -> bool:
    """Say whether this viewer may do that with what is written around figures (row 29a)."""
    return decide(viewer, action, _of_nobody(viewer, DataClass.EVALUATION), now).allow


def require_evaluation(viewer: Viewer, action: Action, now: datetime) -> None:
    """Ask the same. Raises AccessRefused."""
    require(viewer, action, _of_nobody(viewer, DataClass.EVALUATION), now)


def require_counts(viewer: Viewer, now: datetime) -> None:
    """Ask whether this viewer reads released tables (row 29). Raises AccessRefused."""
    require(viewer, Action.COUNT, _of_nobody(viewer, DataClass.INDICATORS), now)


def find_release(viewer: Viewer, pk: UUID, now: datetime) -> Release:
    """Return a proposed or published release of the territory, for who prepares or agrees to it.

    Raises AccessRefused, absent or refused alike.
    """
    require_evaluation(viewer, Action.VIEW, now)
    row = Release.objects.filter(territory_id=viewer.territory_id, pk=pk).exclude(state=ReleaseState.WITHDRAWN).first()
    if row is None:
        raise AccessRefused(code="release")
    return row


def published(viewer: Viewer, now: datetime) -> list[Release]:
    """Return what was published on the viewer's territory, latest year first; the last edition of each year only."""
    require_counts(viewer, now)
    rows = Release.objects.filter(territory_id=viewer.territory_id, state=ReleaseState.PUBLISHED)
    latest: dict[int, Release] = {}
    for row in rows.order_by("-year", "-version"):
        latest.setdefault(row.year, row)
    return list(latest.values())
