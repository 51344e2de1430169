"""What higher floors do when a territory opens or a function changes hands: they register, partners calls (design.md §3).

Opening and hand-over run inside the transaction of the act: what follows, follows at once or not at all. A change of
seat is told after it, and each listener opens its own transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from casework.audit import Actor

if TYPE_CHECKING:
    from casework.audit import Writing
    from casework.partners.models import Mandate, Organisation, Territory

HandOver = Callable[["Writing", "Mandate", "Mandate", Actor, datetime], int]
NewTerritory = Callable[["Writing", "Territory", datetime], object]
SeatChange = Callable[["Organisation", Actor, datetime], None]

_hand_over: dict[str, HandOver] = {}
_new_territory: dict[str, NewTerritory] = {}
_seat_change: dict[str, SeatChange] = {}


def on_new_territory(name: str, listener: NewTerritory) -> None:
    """Register `listener(w, territory, now)`, in the same transaction."""
    _new_territory[name] = listener


def on_hand_over(name: str, listener: HandOver) -> None:
    """Register `listener(w, old, new, by, now) -> number of cases passed`, in the same transaction."""
    _hand_over[name] = listener


def on_seat_change(name: str, listener: SeatChange) -> None:
    """Register `listener(organisation, by, now)`, called after representatives or deputies changed."""
    _seat_change[name] = listener


def hand_over(w: Writing, old: Mandate, new: Mandate, by: Actor, now: datetime) -> int:
    """Pass what was entrusted to `old` on to `new`; return how many cases followed."""
    return sum(listener(w, old, new, by, now) for listener in _hand_over.values())


def territory_opened(w: Writing, territory: Territory, now: datetime) -> None:
    """Let higher floors give a new territory what it starts with."""
    for listener in _new_territory.values():
        listener(w, territory, now)


def seats_changed(organisation: Organisation, by: Actor, now: datetime) -> None:
    """Tell that the seats of a service changed. Not to be called inside a transaction."""
    for listener in _seat_change.values():
        listener(organisation, by, now)
