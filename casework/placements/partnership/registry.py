"""What the yearly page gives to the other floors: a tab beside the posts."""

from __future__ import annotations

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.casefile import navigation
from casework.placements.hosts.reads import unplaced

navigation.register(
    navigation.Entry(
        label="Bilan de l’année", url_name="partnership:index", icon="print", order=58, section=navigation.POSTS,
        action=Action.COUNT, data_class=DataClass.INDICATORS, concerns=unplaced.concerns,
    )
)  # fmt: skip
