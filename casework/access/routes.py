"""The policy of each route, said on the view itself; a view without one is refused (and fails the build).

    @member(Action.LIST, DataClass.YOUTH_CARD)
    def index(request: AgentRequest) -> HttpResponse: ...

The decorator is the outermost one. It only declares: ViewerMiddleware applies it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar, overload

from casework.access.matrix import DataClass
from casework.access.policy import Action

View = TypeVar("View", bound=Callable[..., Any])


class Door(Enum):
    """Who may knock."""

    PUBLIC = "public"  # nobody needs to be signed in
    FIRST_FACTOR = "first_factor"  # the password is given, the second factor is asked
    SIGNED_IN = "signed_in"  # both factors; a mandate is not needed
    MEMBER = "member"  # live mandate, signed charter, role ceiling


@dataclass(frozen=True, kw_only=True)
class RoutePolicy:
    """What a route asks for before its view runs; the view then decides on the object."""

    door: Door
    needs: tuple[tuple[Action, DataClass], ...] = ()  # one of them is enough
    passive: bool = False  # polled: neither an activity nor an event
    while_locked: bool = False  # reachable behind the idle lock


def policy_of(view: Callable[..., Any]) -> RoutePolicy | None:
    """Return the declared policy of a view, None if it has none."""
    policy = getattr(view, "policy", None)
    return policy if isinstance(policy, RoutePolicy) else None


def _declare(view: View, policy: RoutePolicy) -> View:
    view.policy = policy  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Open to everybody: sign-in, single-use links, help."""
    return _declare(view, RoutePolicy(door=Door.PUBLIC, while_locked=True))


@overload
def first_factor(view: View) -> View: ...
@overload
def first_factor(*, passive: bool = ...) -> Callable[[View], View]: ...
def first_factor(view: View | None = None, *, passive: bool = False) -> Any:
    """Open once the password is given: asking for, or enrolling, the second factor."""
    policy = RoutePolicy(door=Door.FIRST_FACTOR, passive=passive, while_locked=True)
    return _declare(view, policy) if view is not None else lambda inner: _declare(inner, policy)


@overload
def signed_in(view: View) -> View: ...
@overload
def signed_in(*, passive: bool = ..., while_locked: bool = ...) -> Callable[[View], View]: ...
def signed_in(view: View | None = None, *, passive: bool = False, while_locked: bool = False) -> Any:
    """Open to an agent with both factors, even without a mandate: account, charter, lock, sign-out."""
    policy = RoutePolicy(door=Door.SIGNED_IN, passive=passive, while_locked=while_locked)
    return _declare(view, policy) if view is not None else lambda inner: _declare(inner, policy)


def member(
    action: Action,
    data_class: DataClass,
    *others: tuple[Action, DataClass],
    passive: bool = False,
) -> Callable[[View], View]:
    """Open to a live mandate with a signed charter whose role could do `action` on `data_class`.

    `others`: further (action, data class) pairs; one of them is enough. Everyone else gets the same
    404 as for an absent page.
    """
    policy = RoutePolicy(door=Door.MEMBER, needs=((action, data_class), *others), passive=passive)
    return lambda view: _declare(view, policy)
