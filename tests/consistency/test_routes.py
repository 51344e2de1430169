"""Every route says who may use it; a route without a policy fails the build."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from casework.access.policy import ceiling
from casework.access.routes import Door, policy_of
from casework.partners.codes import Role

# Who is not signed in reaches these and nothing else. A new line here is a decision.
PUBLIC = {
    "home", "sent_messages", "help", "help_who_sees", "privacy", "accessibility", "robots", "healthz", "readyz",
    "sign_in", "demo_sign_in", "second_factor", "invitation", "choose_password", "enrol",
}  # fmt: skip


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield (path, pattern) for every URL of the site."""
    for entry in (resolver or get_resolver()).url_patterns:
        where = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, where)
        else:
            yield where, entry


@pytest.mark.attack("T-34")
def test_every_route_declares_its_policy():
    missing = [where for where, pattern in routes() if policy_of(pattern.callback) is None]
    assert not missing, missing


@pytest.mark.rule("GDP-15")
def test_what_is_open_to_everybody_is_listed():
    open_to_all = {pattern.name for _, pattern in routes() if policy_of(pattern.callback).door is Door.PUBLIC}
    assert open_to_all <= PUBLIC, f"public without a decision: {sorted(open_to_all - PUBLIC)}"


def test_every_member_route_is_open_to_some_role():
    for where, pattern in routes():
        policy = policy_of(pattern.callback)
        if policy.door is Door.MEMBER:
            assert any(ceiling(role, action, data) for role in Role for action, data in policy.needs), where


def test_routes_are_named_and_carry_opaque_ids():
    for where, pattern in routes():
        assert pattern.name, where
        assert "<int:" not in where, f"{where}: a number tells how many there are"


@pytest.mark.rule("SIT-03")
def test_no_route_exports_a_list_of_names():
    assert not [where for where, _ in routes() if "export" in where and "import" not in where]
