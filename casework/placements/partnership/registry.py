"""What these pages give to the other floors: two tabs beside the posts, the night that counts a month."""

from __future__ import annotations

from datetime import datetime

from casework.access.matrix import DataClass
from casework.access.policy import Action, ceiling
from casework.access.viewer import Viewer
from casework.casefile import daily, navigation
from casework.placements.hosts.reads import unplaced
from casework.placements.partnership import actions, months


def _counts_only(viewer: Viewer, now: datetime) -> bool:
    """Show the months to who reads no file: the others have their lists."""
    return not ceiling(viewer.role, Action.LIST, DataClass.PLACEMENT) and months.are_open(viewer, now)


navigation.register(
    navigation.Entry(
        label="Bilan de l’année", url_name="partnership:index", icon="print", order=58, section=navigation.POSTS,
        action=Action.COUNT, data_class=DataClass.INDICATORS, concerns=unplaced.concerns,
    )
)  # fmt: skip
navigation.register(
    navigation.Entry(
        label="TIG et réparations en chiffres", url_name="partnership:months", icon="chart", order=53,
        section=navigation.POSTS, action=Action.EXISTS, data_class=DataClass.PLACEMENT, concerns=_counts_only,
    )
)  # fmt: skip
daily.register("partnership.count_month", actions.count_month)
