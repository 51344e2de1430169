"""What measures give to the other floors: a page of the menu, lines of « Mon travail », dates, erasure."""

from __future__ import annotations

from datetime import datetime

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.casefile import cases, daily, navigation
from casework.vif.offenders import (  # noqa: F401  some register on import
    deadlines,
    facts,
    states,
    work,
)
from casework.vif.offenders.access_room import Measures
from casework.vif.offenders.actions import erasing


def _concerns(viewer: Viewer, now: datetime) -> bool:
    """Show the page to who follows people or reads for the prosecutor; to the SPIP once it took one over."""
    if facts.writes(viewer.role) or facts.reads_all(viewer.role):
        return True
    return facts.visible_to(viewer, now).exists()


cases.register(Measures())
daily.register("vif.erase_closed_measures", erasing.erase_closed)
navigation.register(
    navigation.Entry(
        label="Mesures VIF", url_name="measures:index", icon="shield", order=56, action=Action.LIST,
        data_class=DataClass.VIF_PERSON, concerns=_concerns,
    )
)  # fmt: skip
