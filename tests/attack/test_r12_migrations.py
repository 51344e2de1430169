"""R-12, R-13: migrations go forward and back on a filled base; what was sealed before still opens."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from casework.minors.followups.models import FollowedPerson
from casework.sealing import keys
from tests.followups.saisine_setting import opened, refer

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
    """The migrations of the files and of erasure are undone, then done again."""
    follow_up = refer(people)
    sums = _sums(follow_up)
    try:
        call_command("migrate", "casefile", "0001", verbosity=0)
    finally:
        call_command("migrate", verbosity=0)
    keys.forget()
    assert _sums(follow_up) == sums


def _sums(follow_up):
    """Return every opened value of the person."""
    with opened(follow_up):
        person = FollowedPerson.objects.get(pk=follow_up.subject_id)
        return [getattr(person, f.attname) for f in FollowedPerson._meta.concrete_fields if hasattr(f, "label")]
