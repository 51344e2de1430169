"""T-34: each route of the site is closed to whom its policy does not name, before its view runs."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import URLPattern

from casework.access import refusals
from casework.access.matrix import DataClass
from casework.access.middleware import _allowed
from casework.access.policy import Action, ceiling
from casework.access.routes import Door, first_factor, member, policy_of, public, signed_in
from casework.partners.codes import Role
from tests.access.make import viewer
from tests.access.reviewed import ROWS, kinds
from tests.consistency.test_routes import routes

NUMBERS = {name: row for row, name in ROWS.items()}
PUBLIC = {
    # sign-in: these judge by themselves what was already given
    "sign_in", "demo_sign_in", "second_factor", "enrol", "add_passkey", "invitation", "choose_password",
    # a one-time link for a referral by somebody without an account
    "link",
    # a one-time link by which a host without an account answers a request of a place
    "answer_link",
    # a one-time link by which a body without an account gives its counts of a quarter: a form about nobody
    "counts_link",
    # pages that name nobody
    "help", "help_who_sees", "privacy", "accessibility", "robots", "healthz", "readyz",
    # the mail of the fictitious town, absent elsewhere
    "sent_messages",
}  # fmt: skip


def _members() -> list[tuple[str, URLPattern]]:
    return [(where, route) for where, route in routes() if getattr(policy_of(route.callback), "door", 0) is Door.MEMBER]


@pytest.mark.attack("T-34")
@pytest.mark.rule("ACL-01", "GDP-15")
@pytest.mark.parametrize("kind", ["court_district", "commune"])
@pytest.mark.parametrize("role", Role)
def test_each_route_opens_to_the_roles_of_its_policy_only(
    role: Role, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "not_found", lambda request, **said: "absent")
    request: Any = RequestFactory().get("/")
    for where, route in _members():
        policy = policy_of(route.callback)
        assert policy is not None
        here = [(action, each) for action, each in policy.needs if kind in kinds(NUMBERS[each.value])]
        may = any(ceiling(role, action, data_class) for action, data_class in here)
        request.viewer = viewer(role, territory_kind=kind)
        assert (_allowed(request, policy) is None) is may, where
        request.viewer = None
        assert _allowed(request, policy) == "absent", where


@pytest.mark.attack("T-34")
def test_public_routes_are_few_and_known() -> None:
    """A new public route is a decision: it is written here."""
    open_to_all = {route.name for _, route in routes() if getattr(policy_of(route.callback), "door", 0) is Door.PUBLIC}
    assert open_to_all <= PUBLIC, sorted(open_to_all - PUBLIC)


def test_a_decorator_only_declares() -> None:
    def view(request: Any) -> str:
        return "answer"

    for decorate, door in (
        (public, Door.PUBLIC),
        (first_factor, Door.FIRST_FACTOR),
        (signed_in, Door.SIGNED_IN),
        (signed_in(passive=True), Door.SIGNED_IN),
        (member(Action.LIST, DataClass.YOUTH_CARD), Door.MEMBER),
    ):
        policy = policy_of(decorate(view))
        assert policy is not None
        assert policy.door is door
        assert view(None) == "answer"
    assert policy_of(lambda request: None) is None


def test_a_policy_that_is_not_ours_is_none() -> None:
    def view(request: Any) -> None:
        return None

    view.policy = "public"  # type: ignore[attr-defined]
    assert policy_of(view) is None
