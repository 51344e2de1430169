"""What the evaluation gives to the other floors: a tab of the menu."""

from __future__ import annotations

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.casefile import navigation

navigation.register(
    navigation.Entry(
        label="Évaluation annuelle", url_name="evaluation:index", icon="print", order=874,
        section=navigation.INDICATORS, action=Action.LIST, data_class=DataClass.EVALUATION,
    )
)  # fmt: skip
