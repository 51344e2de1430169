"""Remove one control in a copy of the tree, run the tests that hold it, and expect red.

A sabotage that leaves its tests green says that nothing proves the control: that is a failure. One whose
text is no longer found, or found twice, is stale: a failure too. So is one that stops the tests from being run at all:
only a test that ran and failed is red.

A run starts from bases migrated beforehand (`ready`), which spares most of its time. Whatever stays green that way is
tried again on bases that the altered code migrates itself, so that nothing is green for that reason.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.ready import FOLDER

ROOT = Path(__file__).resolve().parents[3]
COPIED = ("casework", "config", "tests", "scripts", "tools", "docs", "requirements", "manage.py", "pyproject.toml")
# What pytest answers when tests ran and some failed; anything else (2 to 5) proves nothing.
TESTS_FAILED = 1
PATIENCE_SECONDS = 900


@dataclass(frozen=True)
class Sabotage:
    """One control taken away.

    `file` is edited by replacing the only occurrence of `find` by `replace`; every entry of `tests` (path or
    path::name) must then contain a failing test. `core` ones run at each landing; `postgres` ones need PostgreSQL, where
    SQLite has nothing to lose.
    """

    name: str
    control: str
    file: str
    find: str
    replace: str
    tests: tuple[str, ...]
    core: bool = False
    postgres: bool = False


class StaleSabotage(Exception):
    """The text to replace is not there exactly once."""


def altered(source: str, sabotage: Sabotage) -> str:
    """Return the source without its control. Raises StaleSabotage."""
    count = source.count(sabotage.find)
    if count != 1 or sabotage.find == sabotage.replace:
        raise StaleSabotage(f"{sabotage.name}: text found {count} times in {sabotage.file}")
    return source.replace(sabotage.find, sabotage.replace)


@contextmanager
def copy_of_the_tree(tree: Path = ROOT) -> Iterator[Path]:
    """Give a throw-away copy of the code and its tests."""
    with tempfile.TemporaryDirectory(prefix="casework-sabotage-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = tree / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
            elif source.exists():
                shutil.copy2(source, copy / name)
        yield copy


def run_tests(
    copy: Path,
    tests: Sequence[str],
    *,
    ready: Path | None = None,
    postgres: bool = False,
    patience: int = PATIENCE_SECONDS,
    workers: int = 0,
) -> tuple[int, str]:
    """Run tests inside the copy. Return pytest's exit code and the end of what it said.

    `ready` is the folder of the bases migrated beforehand; `patience` is in seconds.
    """
    environment = os.environ | {
        "CASEWORK_MODE": "test",
        "CASEWORK_VAR": str(copy / "var"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(copy / "var" / "hypothesis"),
    }
    # Where `CI` is set, pytest prints whole differences in its summary, and what failed is no longer told on one line.
    for name in ("PYTHONPATH", "PYTEST_ADDOPTS", "DATABASE_URL", "KEYSTORE_URL", "CI", "BUILD_NUMBER", FOLDER):
        environment.pop(name, None)
    command = [
        sys.executable, "-m", "pytest", f"-n{workers}", "-q", "-x", "--no-header", "-p", "no:randomly", "-p",
        "no:cacheprovider", "--tb=line",
    ]  # fmt: skip
    if postgres:
        command.insert(0, str(copy / "scripts" / "with_postgres"))
    elif ready is not None:
        environment[FOLDER] = str(ready)
    try:
        run = subprocess.run(
            [*command, *tests],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return -1, "no end in time"
    said = (run.stdout + run.stderr).splitlines()
    failed = [line for line in said[:-12] if line.startswith("FAILED ")]
    return run.returncode, "\n".join([*failed, *said[-12:]])


def is_red(code: int, said: str) -> bool:
    """Return whether a test ran and failed; one that could not be set up proves nothing."""
    return code == TESTS_FAILED and any(line.startswith("FAILED ") for line in said.splitlines())


def attempt(sabotage: Sabotage, ready: Path | None = None, tree: Path = ROOT) -> tuple[bool, str]:
    """Carry out one sabotage of `tree`. Return whether every named test went red, and what they said."""
    said = []
    with copy_of_the_tree(tree) as copy:
        target = copy / sabotage.file
        try:
            target.write_text(altered(target.read_text(), sabotage))
        except (OSError, StaleSabotage) as problem:
            return False, str(problem)
        for test in sabotage.tests:
            for base in dict.fromkeys((ready, None)):
                code, words = run_tests(copy, [test], ready=base, postgres=sabotage.postgres)
                if is_red(code, words):
                    break
            else:
                return False, f"{test} answered {code} without the control\n{words}"
            said += [line for line in words.splitlines() if line.startswith("FAILED ")]
    return True, "\n".join(said)
