"""What known returns give to the other floors: a page of « Mon service », lines of « Mon travail »."""

from __future__ import annotations

from casework.access import inbox
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.casefile import daily, navigation
from casework.placements.returns import facts, work  # noqa: F401  some register on import
from casework.placements.returns.actions import ends, watches
from casework.placements.returns.reads import sheets

navigation.register(
    navigation.Entry(
        label="Retours connus", url_name="returns:index", icon="calendar", order=66, section=navigation.OWN_SERVICE,
        action=Action.MANAGE, data_class=DataClass.OWN_SERVICE, leads_only=True, concerns=facts.leads,
    )
)  # fmt: skip
inbox.probe("returns", facts.visible_to)
inbox.probe("returns_sheet", sheets.expected)
inbox.probe("returns_unheld", watches.left_to_head)
daily.register("returns.write_lines", ends.write_lines)
daily.register("returns.destroy", watches.destroy_due)
