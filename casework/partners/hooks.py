"""What higher floors do when a territory opens or a function changes hands: they register, partners calls (design.md §3).

Opening and hand-over run inside the transaction of the act: what follows, follows at once or not at all. A change of
seat is told after it, and each listener opens its own transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from casework.audit import Actor
from casework.errors import GuardRefused

if TYPE_CHECKING:
    from casework.audit import Writing
    from casework.partners.models import Mandate, Organisation, Territory

# The last argument: these cases only; None, all that is left.
HandOver = Callable[["Writing", "Mandate", "Mandate", Actor, datetime, frozenset[UUID] | None], int]
Entrusting = Callable[["Mandate", Actor, datetime], "list[Entrusted]"]
NewTerritory = Callable[["Writing", "Territory", datetime], object]
SeatChange = Callable[["Organisation", Actor, datetime], None]

# Uses up the agreement of a second person to one act, target and content, or raises GuardRefused.
Agreement = Callable[["Writing", str, UUID, Mapping[str, object], datetime], object]

_agreement: list[Agreement] = []
_hand_over: dict[str, HandOver] = {}
_entrusted: dict[str, Entrusting] = {}
_new_territory: dict[str, NewTerritory] = {}
_seat_change: dict[str, SeatChange] = {}


@dataclass(frozen=True, kw_only=True)
class Entrusted:
    """A case in the hands of one function, by reference; `what` says in which way, without a name."""

    object_id: UUID
    reference: str
    what: str


def on_new_territory(name: str, listener: NewTerritory) -> None:
    """Register `listener(w, territory, now)`, in the same transaction."""
    _new_territory[name] = listener


def on_hand_over(name: str, listener: HandOver) -> None:
    """Register `listener(w, old, new, by, now, only) -> number of cases passed`, in the same transaction."""
    _hand_over[name] = listener


def on_entrusted(name: str, listener: Entrusting) -> None:
    """Register `listener(mandate, by, now) -> cases in the hands of mandate that `by` may hear of`."""
    _entrusted[name] = listener


def on_seat_change(name: str, listener: SeatChange) -> None:
    """Register `listener(organisation, by, now)`, called after representatives or deputies changed."""
    _seat_change[name] = listener


def on_agreement(taker: Agreement) -> None:
    """Register who keeps the agreements of second persons: `taker(w, act, target_id, content, now)`."""
    _agreement[:] = [taker]


def take_agreement(w: Writing, act: str, target_id: UUID, content: Mapping[str, object], now: datetime) -> None:
    """Use up the agreement to this very act, in its transaction. Raises GuardRefused where there is none."""
    if not _agreement:
        raise GuardRefused("Cet acte demande l’accord d’une seconde personne.")
    for taker in _agreement:
        taker(w, act, target_id, content, now)


def hand_over(
    w: Writing, old: Mandate, new: Mandate, by: Actor, now: datetime, only: frozenset[UUID] | None = None
) -> int:
    """Pass what was entrusted to `old` on to `new`, or some cases of it; return how many followed."""
    return sum(listener(w, old, new, by, now, only) for listener in _hand_over.values())


def entrusted(mandate: Mandate, by: Actor, now: datetime) -> list[Entrusted]:
    """Return the cases in the hands of `mandate`, by reference."""
    found = [case for listener in _entrusted.values() for case in listener(mandate, by, now)]
    return sorted(found, key=lambda case: case.reference)


def territory_opened(w: Writing, territory: Territory, now: datetime) -> None:
    """Let higher floors give a new territory what it starts with."""
    for listener in _new_territory.values():
        listener(w, territory, now)


def seats_changed(organisation: Organisation, by: Actor, now: datetime) -> None:
    """Tell that the seats of a service changed. Not to be called inside a transaction."""
    for listener in _seat_change.values():
        listener(organisation, by, now)
