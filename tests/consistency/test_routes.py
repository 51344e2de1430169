"""Every route says who may use it; a route without a policy fails the build."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from casework.access.matrix import DataClass
from casework.access.policy import Action, ceiling
from casework.access.routes import Door, policy_of
from casework.partners.codes import Role


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


@pytest.mark.rule("ACL-11", "SDC-10")
def test_only_published_tables_open_by_a_right_to_count():
    """Counts of persons one may not open are given by the published vector: its own pages, to be read and no more."""
    vector = "casework.indicators.releases.views.published"
    opened = set()
    for where, pattern in routes():
        for action, data_class in policy_of(pattern.callback).needs:
            if action is Action.COUNT or data_class is DataClass.INDICATORS:
                assert (action, data_class) == (Action.COUNT, DataClass.INDICATORS), where
                assert pattern.callback.__module__ == vector, where
                opened.add(where)
    assert opened
