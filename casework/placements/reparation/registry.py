"""What réparations give to the other floors: a page of the menu, lines of « Mon travail », dates, erasure."""

from __future__ import annotations

from datetime import datetime

from casework.access.matrix import DataClass
from casework.access.policy import Action, ceiling
from casework.access.viewer import Viewer
from casework.casefile import daily, navigation
from casework.placements.hosts import cases
from casework.placements.hosts.actions import requests
from casework.placements.reparation import (  # noqa: F401  some register on import
    deadlines,
    facts,
    states,
    work,
)
from casework.placements.reparation.access_room import Reparations
from casework.placements.reparation.actions import erasing, hosting


def _concerns(viewer: Viewer, now: datetime) -> bool:
    """Show the page to who reads files, and to a host that receives somebody or is asked to."""
    if ceiling(viewer.role, Action.LIST, DataClass.REPARATION_CONTENT):
        return True
    return facts.visible_to(viewer, now).exists() or facts.requests_to(viewer, now).exists()


requests.register(hosting.ROOM)
cases.register(Reparations())
daily.register("reparation.erase_closed", erasing.erase_closed)
navigation.register(
    navigation.Entry(
        label="Réparations", url_name="reparation:index", icon="handshake", order=55, section=navigation.POSTS, action=Action.LIST,
        data_class=DataClass.REPARATION_ACTIVITY, concerns=_concerns,
    )
)  # fmt: skip
