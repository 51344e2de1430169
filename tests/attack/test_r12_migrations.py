"""R-12, R-13: migrations go forward and back on a filled base; what was sealed before still opens."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from casework.minors.followups.models import FollowedPerson
from casework.sealing import keys
from tests.followups.saisine_setting import opened, refer

# What a referral fills, and whose later migrations drag few others along: the whole chain is minutes of one worker.
FILLED = {"followups", "access"}
OURS = {config.label for config in apps.get_app_configs() if config.name.startswith("casework.")}


def ours():
    loader = MigrationLoader(None)
    return {key: found for key, found in loader.disk_migrations.items() if key[0] in OURS}


@pytest.mark.attack("R-12")
def test_every_step_of_every_migration_can_be_undone():
    stuck = [
        f"{app}.{name}: {operation.describe()}"
        for (app, name), migration in ours().items()
        for operation in migration.operations
        if not operation.reversible
    ]
    assert not stuck


@pytest.mark.attack("R-12")
@pytest.mark.attack("R-13")
@pytest.mark.django_db(databases="__all__", transaction=True)
def test_back_and_forward_on_a_filled_base_changes_no_value(people):
    """Whatever came after the first migration of situations and of access is undone, then done again."""
    follow_up = refer(people)
    sums = _sums(follow_up)
    executor = MigrationExecutor(connection)
    targets = [key for key in executor.loader.disk_migrations if key[0] in FILLED and key[1].startswith("0001")]
    assert len(targets) == len(FILLED)
    undone = {migration.app_label for migration, _ in executor.migration_plan(targets)}
    assert undone >= FILLED
    try:
        executor.migrate(targets)
    finally:
        call_command("migrate", verbosity=0)
    keys.forget()
    assert _sums(follow_up) == sums


def _sums(follow_up):
    """Return every opened value of the person."""
    with opened(follow_up):
        person = FollowedPerson.objects.get(pk=follow_up.subject_id)
        return [getattr(person, f.attname) for f in FollowedPerson._meta.concrete_fields if hasattr(f, "label")]
