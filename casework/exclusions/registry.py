"""What exclusion support gives to the other floors: pages of the menu, lines of « Mon travail », dates, erasure."""

from __future__ import annotations

from datetime import datetime

from casework.access import memo
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.casefile import cases, daily, navigation
from casework.exclusions import (  # noqa: F401  some register on import
    deadlines,
    facts,
    states,
    work,
)
from casework.exclusions.access_room import Supports
from casework.exclusions.actions import erasing, holding, houses, lines


def _takes_part(viewer: Viewer, now: datetime) -> bool:
    """Show the pages to a school or a host that signed, and to who could sign for one."""

    def ask() -> bool:
        return facts.works_here(viewer, now) and (
            viewer.is_service_lead or facts.sends(viewer.role) or facts.conventions(viewer, now).exists()
        )

    return memo.once(("exclusion_support.part", viewer, now), ask)


def _receives(viewer: Viewer, now: datetime) -> bool:
    """Show what is announced to those who receive."""
    return facts.receives(viewer.role) and _takes_part(viewer, now)


def _only_counts(viewer: Viewer, now: datetime) -> bool:
    """Show the conventions to who knows that supports exist without a name (row 26 « e »); who takes part has its own line."""
    return facts.counts_are_open(viewer, now) and not facts.works_here(viewer, now)


cases.register(Supports())
daily.register("exclusions.free_unconfirmed", holding.free_unconfirmed)
daily.register("exclusions.forget_needs", houses.forget_needs)
daily.register("exclusions.erase_over", erasing.erase_over)
daily.register("exclusions.write_lines", lines.write_lines)

SECTION = navigation.Section("Accueil d’élèves exclus", "book", 56, in_ressort=False)
for label, url_name, order, action, data_class, concerns in (
    ("La semaine", "exclusion_support:week", 561, Action.LIST, DataClass.EXCLUSION, _takes_part),
    ("Élèves", "exclusion_support:index", 562, Action.LIST, DataClass.EXCLUSION, _takes_part),
    ("Semaines annoncées", "exclusion_support:weeks", 564, Action.VIEW, DataClass.EXCLUSION, _receives),
    ("Sans place", "exclusion_support:waiting", 566, Action.LIST, DataClass.EXCLUSION, _takes_part),
    ("Conventions", "exclusion_support:conventions", 568, Action.LIST, DataClass.EXCLUSION, _takes_part),
):
    navigation.register(
        navigation.Entry(
            label=label, url_name=url_name, icon="book", order=order, section=SECTION, action=action,
            data_class=data_class, concerns=concerns,
        )
    )  # fmt: skip
navigation.register(
    navigation.Entry(
        label="Accueil d’élèves : conventions", url_name="exclusion_support:town_conventions", icon="book", order=932,
        section=navigation.PARTNERS, action=Action.EXISTS, data_class=DataClass.EXCLUSION, concerns=_only_counts,
        in_ressort=False,
    )
)  # fmt: skip
