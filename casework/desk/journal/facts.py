"""Who reads the Journal: row 30 of the matrix, on one's own territory."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from casework.access.matrix import DataClass
from casework.access.policy import Action, Facts, decide, require
from casework.access.viewer import Viewer
from casework.errors import AccessRefused


def _facts(viewer: Viewer, data_class: DataClass) -> Facts:
    return Facts(
        territory_id=viewer.territory_id, data_class=data_class, excluded=False, rules_in_force=True, state_open=True
    )


def require_journal(viewer: Viewer, action: Action, now: datetime) -> UUID:
    """Return the territory whose journal this viewer reads. Raises AccessRefused."""
    require(viewer, action, _facts(viewer, DataClass.JOURNAL), now)
    if viewer.territory_id is None:
        raise AccessRefused(code="territory")
    return viewer.territory_id


def may_decide_on_terms(viewer: Viewer, now: datetime) -> bool:
    """Say whether this viewer may ask for the purge of the journal at its term (row 32)."""
    return decide(viewer, Action.CREATE, _facts(viewer, DataClass.RIGHTS), now).allow


def may_read(viewer: Viewer, now: datetime) -> bool:
    """Say whether this viewer reads the Journal at all."""
    return decide(viewer, Action.LIST, _facts(viewer, DataClass.JOURNAL), now).allow
