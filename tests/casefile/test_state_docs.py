"""The document of states says what the tables say."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from casework.casefile import lifecycle, state_docs
from casework.casefile.lifecycle import Lifecycle
from tests.casefile.lifecycles import assert_every_pair
from tests.casefile.support import PARCELS
from tests.consistency.project import ROOT, modules


@pytest.mark.rule("10.1")
def test_the_checked_in_document_is_fresh():
    assert (ROOT / state_docs.PATH).read_text(encoding="utf-8") == state_docs.render(), "run: make docs"


def test_every_table_is_registered():
    import sys

    state_docs.render()
    written = {
        id(value): f"{name}.{key}"
        for name, module in list(sys.modules.items())
        if name.startswith("casework.") and name.endswith(".states")
        for key, value in vars(module).items()
        if isinstance(value, Lifecycle)
    }
    registered = {id(table) for table in lifecycle.registered()}
    assert written
    assert not [where for key, where in written.items() if key not in registered]


@pytest.mark.rule("10.1")
def test_every_pair_of_every_table():
    state_docs.render()
    for table in lifecycle.registered():
        assert_every_pair(table)


def test_every_column_with_a_table_is_written_by_apply_alone():
    """`x.state = ...` and `update(state=...)` outside lifecycle.py would walk round guards and journal."""
    import ast

    fields = {table.field for table in _tables()}
    models = {table.name.split(".")[-1].replace("_", "") for table in _tables()}
    found = []
    for path, tree in modules().items():
        if path.name == "lifecycle.py":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign | ast.AugAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found += [
                    f"{path}:{node.lineno} {ast.unparse(target)}"
                    for target in targets
                    if isinstance(target, ast.Attribute)
                    and target.attr in fields
                    and ast.unparse(target.value).lower().replace("_", "").split(".")[-1] in models
                ]
    assert not found, "\n".join(found)


def _tables():
    state_docs.render()
    return lifecycle.registered()


def test_the_document_shows_diagram_labels_guards_and_rules(monkeypatch):
    state_docs.render()  # every states.py is loaded once, into the true registry
    monkeypatch.setattr(lifecycle, "_REGISTRY", {PARCELS.name: PARCELS})
    text = state_docs.render()
    assert "## Colis (`depot.parcel`)" in text
    assert "  packed --> sent: expédier" in text
    assert "  [*] --> packed: emballer" in text
    assert "  delivered --> [*]" in text
    assert "| emballé | expédié | expédier | coordination du CLSPD | `has_address` | D-02 |" in text
    assert "coordination du CLSPD, le système" in text
    assert "États sans suite : « livré »." in text


def test_the_command_writes_and_checks(tmp_path):
    with override_settings(BASE_DIR=tmp_path):
        with pytest.raises(CommandError, match="make docs"):
            call_command("state_docs", "--check")
        call_command("state_docs")
        call_command("state_docs", "--check")
        (tmp_path / state_docs.PATH).write_text("old")
        with pytest.raises(CommandError, match="make docs"):
            call_command("state_docs", "--check")
