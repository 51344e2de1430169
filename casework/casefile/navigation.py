"""The menu, by task. Each subject registers its entries; the desk renders those the role ceiling allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from casework.access.matrix import DataClass
    from casework.access.policy import Action
    from casework.access.viewer import Viewer


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of the menu. `data_class` None: shown under any live mandate. `order` follows design.md §8."""

    label: str
    url_name: str
    icon: str
    order: int
    action: Action | None = None
    data_class: DataClass | None = None
    leads_only: bool = False  # rows where the matrix says "service lead" (31a)
    seated_only: bool = False  # nothing to show to a service that sits in no group
    concerns: Callable[[Viewer, datetime], bool] | None = None  # asked last, of those the rest lets through


_ENTRIES: dict[str, Entry] = {}


def register(entry: Entry) -> None:
    """Add an entry; the same URL name twice counts once."""
    _ENTRIES[entry.url_name] = entry


def entries() -> list[Entry]:
    """Return every entry in menu order."""
    return sorted(_ENTRIES.values(), key=lambda entry: (entry.order, entry.label))
