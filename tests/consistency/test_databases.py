"""Which tests run on both databases (ADR 73): those that may ask one. The others are proven not to."""

from __future__ import annotations

import pytest
from django.db import connections

from tests import databases


def test_without_the_mark_a_test_can_send_no_query() -> None:
    """So that leaving it out of the run on PostgreSQL loses nothing."""
    for alias in connections:
        with pytest.raises(RuntimeError, match="Database access not allowed"):
            connections[alias].cursor()


def test_a_test_that_takes_nothing_asks_nothing(request: pytest.FixtureRequest) -> None:
    assert not databases.may_ask(request.node)


@pytest.mark.django_db
def test_the_mark_lets_it_ask(request: pytest.FixtureRequest) -> None:
    assert databases.may_ask(request.node)
    assert not databases.proves_nothing_more(request.node)


def test_so_does_a_fixture_that_has_a_base(db: None, request: pytest.FixtureRequest) -> None:
    assert databases.may_ask(request.node)


@pytest.mark.parametrize(("vendor", "left_out"), [("sqlite", False), ("postgresql", True)])
def test_only_on_postgresql_is_what_asks_nothing_left_out(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, vendor: str, left_out: bool
) -> None:
    monkeypatch.setattr(databases, "connection", type("On", (), {"vendor": vendor}))
    assert databases.proves_nothing_more(request.node) is left_out
