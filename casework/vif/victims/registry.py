"""What the victim's side gives to the other floors: a page of the menu, lines of « Mon travail », dates, erasure."""

from __future__ import annotations

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.casefile import cases, daily, navigation
from casework.vif.victims import (  # noqa: F401  some register on import
    deadlines,
    states,
    work,
)
from casework.vif.victims.access_room import Supports
from casework.vif.victims.actions import erasing

cases.register(Supports())
daily.register("victims.erase_closed", erasing.erase_closed)
navigation.register(
    navigation.Entry(
        label="Personnes accompagnées", url_name="victims:index", icon="shield", order=58, action=Action.LIST,
        data_class=DataClass.VIF_VICTIM,
    )
)  # fmt: skip
