"""Who reads the reflex sheet and who writes it, as decide() says (row 25)."""

from __future__ import annotations

from datetime import datetime

from casework.access.matrix import DataClass
from casework.access.policy import Action, Facts, decide, require
from casework.access.viewer import Viewer

REFLEX = DataClass.REFLEX


def _facts(viewer: Viewer) -> Facts:
    return Facts(
        territory_id=viewer.territory_id, data_class=REFLEX, excluded=False, rules_in_force=True, state_open=True
    )


def require_reader(viewer: Viewer, now: datetime) -> None:
    """Raise AccessRefused to whoever does not read it."""
    require(viewer, Action.VIEW, _facts(viewer), now)


def may_write(viewer: Viewer, now: datetime) -> bool:
    """Say whether this viewer writes it: the coordinator, and on the victim's side its lead alone."""
    return decide(viewer, Action.CHANGE, _facts(viewer), now).allow


def require_writer(viewer: Viewer, now: datetime) -> None:
    """Raise AccessRefused to whoever does not write it."""
    require(viewer, Action.CHANGE, _facts(viewer), now)
