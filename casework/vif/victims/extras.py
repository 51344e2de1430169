"""What a room built on this one adds to a support, without this one knowing it: a link on its page, a bar to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from casework.access.viewer import Viewer
from casework.vif.victims.models import VictimSupport


@dataclass(frozen=True)
class Link:
    """One line of the page: what it is, how it stands in a few words, where it opens."""

    label: str
    said: str
    url: str


Links = Callable[[Viewer, VictimSupport, datetime], list[Link]]
Holds = Callable[[VictimSupport, datetime], str]
_LINKS: dict[str, Links] = {}
_HOLDS: dict[str, Holds] = {}


def register(name: str, *, links: Links, holds: Holds) -> None:
    """Add a room. `holds` returns, in French, why the support may not end now; "" when nothing holds it."""
    _LINKS[name], _HOLDS[name] = links, holds


def links_of(viewer: Viewer, support: VictimSupport, now: datetime) -> list[Link]:
    """Return what other rooms show on the page of this support to this viewer."""
    return [link for ask in _LINKS.values() for link in ask(viewer, support, now)]


def holding(support: VictimSupport, now: datetime) -> list[str]:
    """Return why this support may not end now."""
    return [message for ask in _HOLDS.values() if (message := ask(support, now))]
