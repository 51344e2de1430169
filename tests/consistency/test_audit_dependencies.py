"""`make audit` fails on a known hole, and says in plain words when nobody could be asked."""

from __future__ import annotations

import json
import subprocess

import pytest

from scripts import audit_dependencies

SOUND = {"name": "django", "version": "5.2.19", "vulns": []}
HOLED = {"name": "jinja", "version": "1.0", "vulns": [{"id": "PYSEC-2026-1"}]}
SKIPPED = {"name": "alone", "skip_reason": "connection refused"}
NOTHING = "NOTHING WAS LOOKED UP"


@pytest.fixture
def answers(monkeypatch, capsys):
    """Run the step on what pip-audit would answer; return its exit code and what it says."""

    def run(stdout):
        def pip_audit(*args, **kwargs):
            if stdout is None:
                raise subprocess.TimeoutExpired("pip-audit", 1)
            return subprocess.CompletedProcess(args, 1, stdout, "")

        monkeypatch.setattr(audit_dependencies.subprocess, "run", pip_audit)
        code = audit_dependencies.main()
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


@pytest.mark.parametrize(
    "stdout", [None, "", "Traceback", "[]", "{}", json.dumps({"dependencies": [SKIPPED]}), '{"dependencies": []}']
)
def test_offline_it_passes_and_says_that_nothing_was_looked_up(answers, stdout):
    code, said = answers(stdout)
    assert code == 0
    assert NOTHING in said


def test_a_known_hole_fails(answers):
    code, said = answers(json.dumps({"dependencies": [SOUND, HOLED]}))
    assert code == 1
    assert "jinja 1.0: PYSEC-2026-1" in said


def test_a_green_that_means_something_says_how_many_were_looked_up(answers):
    code, said = answers(json.dumps({"dependencies": [SOUND, SKIPPED]}))
    assert code == 0
    assert "1 of 2 packages looked up, 0 known holes" in said
    assert "NOT CHECKED: alone" in said
    assert NOTHING not in said
