"""`migrate`, two to three times quicker, for the demo and the tests. An installation has Django’s own command.

    python -m scripts.quick_migrate --verbosity 0 --database keystore

Django makes every related model anew each time a migration adds a model, a constraint or an index: nearly all of them
here, hundreds of times. What is added to the models of before needs no other to be made again; a test holds that the
base is then what the models say.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest import mock

from django.core.management import execute_from_command_line
from django.db.migrations.migration import Migration
from django.db.migrations.state import ModelState, ProjectState

_apply: Final = Migration.apply
_add_model: Final = ProjectState.add_model
_append_option: Final = ProjectState._append_option  # type: ignore[attr-defined]  # absent from the stubs


@contextmanager
def quickly() -> Iterator[None]:
    """Let Django apply migrations the quick way meanwhile."""
    with mock.patch.object(Migration, "apply", _applied):
        yield


def _applied(migration: Migration, *args: Any, **options: Any) -> ProjectState:
    """Apply one migration. Going back, a state is not the last one: what is added to it must not show in others."""
    with (
        mock.patch.object(ProjectState, "add_model", _added),
        mock.patch.object(ProjectState, "_append_option", _appended),
    ):
        return _apply(migration, *args, **options)


def _added(state: ProjectState, model: ModelState) -> None:
    """Make the new model alone: as when Python reads it, its keys join the models already there."""
    if "apps" not in state.__dict__:
        _add_model(state, model)
        return
    key = (model.app_label, model.name_lower)
    state.models[key] = model
    if state._relations is not None:  # type: ignore[attr-defined]  # absent from the stubs
        state.resolve_model_relations(key)
    state.apps.render_multiple([model])


def _appended(state: ProjectState, app_label: str, model_name: str, option: str, added: Any) -> None:
    """Write the constraint or the index on the model as it is."""
    if "apps" not in state.__dict__:
        _append_option(state, app_label, model_name, option, added)
        return
    options = state.models[app_label, model_name].options
    options[option] = [*options[option], added]
    setattr(state.apps.get_model(app_label, model_name)._meta, option, list(options[option]))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with quickly():
        execute_from_command_line(["manage.py", "migrate", *sys.argv[1:]])
