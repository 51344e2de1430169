"""What migrations leave in a base is what the models say: the quick `migrate` of the tests forgets nothing."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.db import connection, connections, router
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState

from scripts import quick_migrate

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="the operations are the same on PostgreSQL")


def _described(base, models):
    """Return, by table: its columns, its constraints by name, the text of its indexes."""
    with base.cursor() as cursor:
        cursor.execute("SELECT tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        indexes = set(cursor.fetchall())
        found = {}
        for model in models:
            table = model._meta.db_table
            columns = {
                (row.name, row.type_code, row.null_ok)
                for row in base.introspection.get_table_description(cursor, table)
            }
            named = {
                (
                    name if row["check"] and not name.startswith("__unnamed") else "",
                    tuple(row["columns"]),
                    row["unique"],
                    row["check"],
                    row["foreign_key"],
                )
                for name, row in base.introspection.get_constraints(cursor, table).items()
            }
            found[table] = (columns, named, {sql for name, sql in indexes if name == table})
    return found


@pytest.mark.attack("R-12")
@pytest.mark.django_db
def test_the_migrated_base_is_what_the_models_say():
    models = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and router.allow_migrate_model("default", model)
    ]
    assert len(models) > 100
    fresh = DatabaseWrapper(connection.settings_dict | {"NAME": ":memory:", "OPTIONS": {}}, alias="fresh")
    connections["fresh"] = fresh
    try:
        with fresh.schema_editor(atomic=False) as editor:
            for model in models:
                if not model._meta.auto_created:  # made with the model that asks for it
                    editor.create_model(model)
        said = _described(fresh, models)
    finally:
        fresh.close()
        del connections["fresh"]
    migrated = _described(connection, models)
    differences = {t: [a ^ b for a, b in zip(said[t], migrated[t], strict=True)] for t in said}
    assert not {t: found for t, found in differences.items() if any(found)}


def test_an_installation_migrates_as_django_does():
    assert get_commands()["migrate"] == "django.core"


def test_the_quick_way_is_put_back_afterwards(monkeypatch):
    monkeypatch.setattr(Migration, "apply", quick_migrate._apply)
    with quick_migrate.quickly():
        assert Migration.apply is quick_migrate._applied
    assert (Migration.apply, ProjectState.add_model) == (quick_migrate._apply, quick_migrate._add_model)
