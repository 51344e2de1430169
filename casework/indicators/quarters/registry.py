"""What the dashboard gives to the other floors: a tab of the menu, lines of « Mon travail », reminders at night."""

from __future__ import annotations

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.casefile import daily, navigation
from casework.indicators.quarters import work  # noqa: F401  it registers on import
from casework.indicators.quarters.actions import asking

navigation.register(
    navigation.Entry(
        label="Tableau de bord", url_name="quarters:index", icon="chart", order=872, section=navigation.INDICATORS,
        action=Action.LIST, data_class=DataClass.EVALUATION,
    )
)  # fmt: skip
daily.register("quarters.remind", asking.remind)
