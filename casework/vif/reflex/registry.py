"""What the reflex sheet gives to the other floors: a page of the menu."""

from __future__ import annotations

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.casefile import navigation

navigation.register(
    navigation.Entry(
        label="Fiche réflexe", url_name="reflex:sheet", icon="alert", order=930, section=navigation.PARTNERS,
        action=Action.VIEW,
        data_class=DataClass.REFLEX,
    )
)  # fmt: skip
