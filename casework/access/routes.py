"""The policy of each route, said on the view itself; a view without one is refused (and fails the build).

    @member(Action.LIST, DataClass.YOUTH_CARD)
    def index(request: AgentRequest) -> HttpResponse: ...

The decorator is the outermost one. It only declares: ViewerMiddleware applies it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
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
    FUNCTION = "function"  # live mandate, signed charter; the page says itself what each may do there
    MEMBER = "member"  # live mandate, signed charter, role ceiling


@dataclass(frozen=True, kw_only=True)
class RoutePolicy:
    """What a route asks for before its view runs; the view then decides on the object."""

    door: Door
    needs: tuple[tuple[Action, DataClass], ...] = ()  # one of them is enough
    passive: bool = False  # polled: neither an activity nor an event
    while_locked: bool = False  # reachable behind the idle lock
    step_up: timedelta | None = None  # the second factor was given less than this ago


def policy_of(view: Callable[..., Any]) -> RoutePolicy | None:
    """Return the declared policy of a view, None if it has none."""
    policy = getattr(view, "policy", None)
    return policy if isinstance(policy, RoutePolicy) else None


def _declare(view: View, policy: RoutePolicy) -> View:
    view.policy = replace(policy, step_up=getattr(view, "step_up", None))  # type: ignore[attr-defined]  # a mark on the view
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


def in_function(view: View) -> View:
    """Open to a live mandate with a signed charter, whatever its role: pages that hold no record.

    The view shows only what concerns this person, and answers 404 for the rest.
    """
    return _declare(view, RoutePolicy(door=Door.FUNCTION))


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


@overload
def stepped_up(view: View) -> View: ...
@overload
def stepped_up(*, minutes: float = ...) -> Callable[[View], View]: ...
def stepped_up(view: View | None = None, *, minutes: float = 5) -> Any:
    """Ask for a second factor given less than `minutes` ago, once the policy of the route is met.

    Above or below `@member` or `@signed_in`. Somebody whose factor is older gets the page « Confirmez que c’est
    vous » and then what was asked, form included (step_up.py).
    """
    within = timedelta(minutes=minutes)

    def decorate(inner: View) -> View:
        policy = policy_of(inner)
        if policy is not None:
            inner.policy = replace(policy, step_up=within)  # type: ignore[attr-defined]  # a mark on the view
        else:
            inner.step_up = within  # type: ignore[attr-defined]  # a mark on the view
        return inner

    return decorate(view) if view is not None else decorate
