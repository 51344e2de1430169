"""The menu, by task. Each subject registers its pages; the desk renders those the role ceiling allows.

A tired person reads nine lines at most: pages of one task stand under one line, as tabs of each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from casework.access.matrix import DataClass
    from casework.access.policy import Action
    from casework.access.viewer import Viewer


@dataclass(frozen=True)
class Section:
    """One line of the menu that holds several pages; it shows only to whoever may open one of them."""

    label: str
    icon: str
    order: int
    in_ressort: bool = True  # a court’s ressort has none of what the page is about otherwise (ADR 72)


POSTS = Section("Postes et accueils", "handshake", 50, in_ressort=False)
OWN_SERVICE = Section("Mon service", "groups", 62)
INDICATORS = Section("Indicateurs", "chart", 870)
RIGHTS = Section("Droits et durées", "shield", 885)
PARTNERS = Section("Partenaires", "handshake", 895)
SERVER = Section("Serveur", "admin", 975)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A page of the menu. `data_class` None: shown under any live mandate. `order` follows design.md §8.

    Without `section` it is a line of its own; alone of its section that a person may open, it gives its own name
    to the line.
    """

    label: str
    url_name: str
    icon: str
    order: int
    section: Section | None = None
    action: Action | None = None
    data_class: DataClass | None = None
    leads_only: bool = False  # rows where the matrix says "service lead" (31a)
    seated_only: bool = False  # nothing to show to a service that sits in no group
    in_ressort: bool = True  # as its section says, where it has one
    concerns: Callable[[Viewer, datetime], bool] | None = None  # asked last, of those the rest lets through


_ENTRIES: dict[str, Entry] = {}


def register(entry: Entry) -> None:
    """Add a page; the same URL name twice counts once."""
    _ENTRIES[entry.url_name] = entry


def entries() -> list[Entry]:
    """Return every page in menu order."""
    return sorted(_ENTRIES.values(), key=lambda entry: (entry.order, entry.label))
