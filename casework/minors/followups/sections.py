"""The parts of the page of a situation. Each room registers its own; the page only lays them out.

Meetings live above followups: they register here what the tab « Réunions » shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.casefile.navigation import Section as MenuSection
from casework.minors.followups.facts import Relation
from casework.minors.followups.models import FollowUp

# Returns what the template gets as `section`, or None when this viewer has nothing to see there.
Build = Callable[[Viewer, FollowUp, Relation, datetime], Any]

# The line of the menu under which the pages about situations stand.
SITUATIONS = MenuSection("Situations", "groups", 20)

TABS = {
    "suivi": "Suivi",
    "actions": "Actions",
    "reunions": "Réunions",
    "famille": "Famille et information",
    "documents": "Documents",
    "consultations": "Qui a ouvert cette fiche",
}


@dataclass(frozen=True)
class Section:
    """One part: on which tab, in which order, main column or side, by which template."""

    tab: str
    order: int
    template: str
    build: Build
    aside: bool = False
    opens: frozenset[DataClass] = frozenset()  # read whenever all of them are open to the viewer


_SECTIONS: dict[str, Section] = {}


def register(section: Section) -> None:
    """Add a part; the same template twice counts once."""
    if section.tab not in TABS:
        raise ValueError(f"unknown tab {section.tab}")
    _SECTIONS[f"{section.tab}:{section.template}"] = section


@dataclass(frozen=True)
class Built:
    """A part ready to be shown."""

    template: str
    data: Any
    aside: bool


def opened_by(tab: str, classes: Iterable[DataClass]) -> frozenset[DataClass]:
    """Return which of the classes open to a viewer the parts of a tab read, to be told in one event."""
    held = frozenset(classes)
    parts = (item.opens for item in _SECTIONS.values() if item.tab == tab and item.opens <= held)
    return frozenset().union(*parts)


def build(tab: str, viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> list[Built]:
    """Return the parts of one tab that this viewer may see, in order."""
    found = sorted((item for item in _SECTIONS.values() if item.tab == tab), key=lambda item: item.order)
    built = ((item, item.build(viewer, follow_up, relation, now)) for item in found)
    return [Built(item.template, data, item.aside) for item, data in built if data is not None]
