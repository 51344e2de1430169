"""The harness itself: a stale text, a text found twice or an empty change is never taken for a success."""

from __future__ import annotations

from pathlib import Path

import pytest

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


@pytest.mark.parametrize(("code", "held"), [(0, False), (1, True), (2, False), (5, False), (-1, False)])
def test_only_failed_tests_count_as_red(monkeypatch, code, held):
    monkeypatch.setattr(harness, "run_tests", lambda copy, tests: (code, ""))
    done = harness.attempt(sabotage(file="manage.py", find="Run one management command.", replace="-"))
    assert done[0] is held


@pytest.mark.parametrize("each", SABOTAGES, ids=lambda each: each.name)
def test_every_sabotage_still_finds_its_text_and_its_tests(each):
    altered((ROOT / each.file).read_text(), each)
    for test in each.tests:
        assert (ROOT / Path(test.split("::")[0])).exists(), test


def test_names_are_unique():
    names = [each.name for each in SABOTAGES]
    assert len(names) == len(set(names))
