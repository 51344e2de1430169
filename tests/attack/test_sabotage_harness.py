"""The harness itself: a stale text, a text found twice or an empty change is never taken for a success."""

from __future__ import annotations

import ast

import pytest

from scripts.rules import marked_ids, read_register
from tests.attack.sabotage import harness
from tests.attack.sabotage.harness import ROOT, Sabotage, StaleSabotage, altered
from tests.attack.sabotage.sabotages import SABOTAGES


def sabotage(**changes):
    values = {"name": "n", "control": "c", "file": "f", "find": "a", "replace": "b", "tests": ("t",)}
    return Sabotage(**values | changes)


def test_the_only_occurrence_is_replaced():
    assert altered("x a y", sabotage()) == "x b y"


@pytest.mark.parametrize("source", ["x y", "a a"])
def test_a_stale_text_is_refused(source):
    with pytest.raises(StaleSabotage):
        altered(source, sabotage())


def test_a_change_of_nothing_is_refused():
    with pytest.raises(StaleSabotage):
        altered("a", sabotage(replace="a"))


@pytest.mark.parametrize(
    ("code", "said", "held"),
    [
        (0, "", False),
        (1, "FAILED tests/a.py::test_a - AssertionError", True),
        (1, "ERROR tests/a.py::test_a - NameError", False),
        (2, "FAILED tests/a.py::test_a", False),
        (5, "", False),
        (-1, "no end in time", False),
    ],
)
def test_only_failed_tests_count_as_red(monkeypatch, code, said, held):
    monkeypatch.setattr(harness, "run_tests", lambda copy, tests, **options: (code, said))
    done = harness.attempt(sabotage(file="manage.py", find="Run one management command.", replace="-"))
    assert done[0] is held


def test_what_stays_green_on_bases_made_before_is_tried_on_bases_of_its_own(monkeypatch, tmp_path):
    tried = []

    def run(copy, tests, *, ready, postgres):
        tried.append(ready)
        return (0, "") if ready else (1, "FAILED tests/a.py::test_a")

    monkeypatch.setattr(harness, "run_tests", run)
    assert harness.attempt(sabotage(file="manage.py", find="Run one management command.", replace="-"), tmp_path)[0]
    assert tried == [tmp_path, None]


@pytest.mark.parametrize("each", SABOTAGES, ids=lambda each: each.name)
def test_every_sabotage_still_finds_its_text_and_its_tests(each):
    altered((ROOT / each.file).read_text(), each)
    for test in each.tests:
        path, _, name = test.partition("::")
        assert not name or name.split("[")[0] in functions(path), test


# The attacks that no sabotage can show, with the reason why.
WITHOUT: dict[str, str] = {}


def test_every_attack_has_a_control_that_is_taken_away():
    """A whole file named by a sabotage counts for what every test of it proves, not for what one of them does."""
    wanted = {rule.id for rule in read_register().values() if rule.id[:2] in ("T-", "R-") and rule.held_by == "test"}
    shown = {found for each in SABOTAGES for test in each.tests for found in proved_by(test)}
    assert sorted(wanted - shown - set(WITHOUT)) == []
    assert sorted(set(WITHOUT) & shown) == []


def functions(path: str) -> dict[str, set[str]]:
    """Return the ids marked on each test of a file."""
    nodes = ast.walk(ast.parse((ROOT / path).read_text()))
    return {
        node.name: {found for each in node.decorator_list for found in marked_ids(each)}
        for node in nodes
        if isinstance(node, ast.FunctionDef)
    }


def proved_by(test: str) -> set[str]:
    """Return the ids that a failure of `test` (path or path::name) speaks of."""
    path, _, name = test.partition("::")
    everywhere = {
        found
        for node in ast.parse((ROOT / path).read_text()).body
        if isinstance(node, ast.Assign) and any(getattr(each, "id", "") == "pytestmark" for each in node.targets)
        for found in marked_ids(node)
    }
    return everywhere | (functions(path)[name.split("[")[0]] if name else set())


def test_names_are_unique():
    names = [each.name for each in SABOTAGES]
    assert len(names) == len(set(names))
