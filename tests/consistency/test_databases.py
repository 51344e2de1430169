"""Which tests run on both databases (ADR 73): those that may ask one. The others are proven not to."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections

from tests import databases
from tests.audit.flush import KEPT
from tests.people import build


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


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_a_base_is_emptied_of_all_but_the_names_of_models() -> None:
    """What the next test would find of this one: nothing, and all that Django writes of models is as migrations left it."""
    names = list(ContentType.objects.order_by("pk").values_list("pk", "app_label", "model"))
    permissions = Permission.objects.count()
    assert {(model._meta.app_label, model._meta.model_name) for model in apps.get_models()} <= {
        (label, model) for _, label, model in names
    }
    build()
    ContentType.objects.create(app_label="nobody", model="witness")
    for alias in connections:
        call_command("flush", database=alias, interactive=False, verbosity=0, reset_sequences=False)
        with connections[alias].cursor() as cursor:
            for table in connections[alias].introspection.django_table_names(only_existing=True, include_views=False):
                cursor.execute(f'SELECT count(*) FROM "{table}"')
                assert bool(cursor.fetchone()[0]) is (table in KEPT and alias == DEFAULT_DB_ALIAS), (alias, table)
    assert list(ContentType.objects.order_by("pk").values_list("pk", "app_label", "model")) == names
    assert Permission.objects.count() == permissions
