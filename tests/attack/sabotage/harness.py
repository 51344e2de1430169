"""Remove one control in a copy of the tree, run the tests that hold it, and expect red.

A sabotage that leaves its tests green says that nothing proves the control: that is a failure. One whose
text is no longer found, or found twice, is stale: a failure too.
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

ROOT = Path(__file__).resolve().parents[3]
COPIED = ("casework", "config", "tests", "scripts", "tools", "docs", "manage.py", "pyproject.toml")
# What pytest answers when tests ran and some failed; anything else (2 to 5) proves nothing.
TESTS_FAILED = 1
PATIENCE_SECONDS = 300


@dataclass(frozen=True)
class Sabotage:
    """One control taken away.

    `file` is edited by replacing the only occurrence of `find` by `replace`; every entry of `tests` (path or
    path::name) must then contain a failing test. `core` ones run at each landing.
    """

    name: str
    control: str
    file: str
    find: str
    replace: str
    tests: tuple[str, ...]
    core: bool = False


class StaleSabotage(Exception):
    """The text to replace is not there exactly once."""


def altered(source: str, sabotage: Sabotage) -> str:
    """Return the source without its control. Raises StaleSabotage."""
    count = source.count(sabotage.find)
    if count != 1 or sabotage.find == sabotage.replace:
        raise StaleSabotage(f"{sabotage.name}: text found {count} times in {sabotage.file}")
    return source.replace(sabotage.find, sabotage.replace)


@contextmanager
def copy_of_the_tree() -> Iterator[Path]:
    """Give a throw-away copy of the code and its tests."""
    with tempfile.TemporaryDirectory(prefix="casework-sabotage-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
            elif source.exists():
                shutil.copy2(source, copy / name)
        yield copy


def run_tests(copy: Path, tests: Sequence[str], patience: int = PATIENCE_SECONDS) -> tuple[int, str]:
    """Run tests inside the copy. Return pytest's exit code and the end of what it said."""
    environment = os.environ | {
        "CASEWORK_MODE": "test",
        "CASEWORK_VAR": str(copy / "var"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(copy / "var" / "hypothesis"),
    }
    for name in ("PYTHONPATH", "PYTEST_ADDOPTS", "DATABASE_URL", "KEYSTORE_URL"):
        environment.pop(name, None)
    command = [
        sys.executable, "-m", "pytest", "-n0", "-q", "-x", "--no-header", "-p", "no:randomly", "-p",
        "no:cacheprovider", "--tb=line", *tests,
    ]  # fmt: skip
    try:
        run = subprocess.run(
            command,
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return -1, "no end in time"
    return run.returncode, "\n".join((run.stdout + run.stderr).splitlines()[-12:])


def attempt(sabotage: Sabotage) -> tuple[bool, str]:
    """Carry out one sabotage. Return whether every named test went red, and why not."""
    with copy_of_the_tree() as copy:
        target = copy / sabotage.file
        try:
            target.write_text(altered(target.read_text(), sabotage))
        except (OSError, StaleSabotage) as problem:
            return False, str(problem)
        for test in sabotage.tests:
            code, said = run_tests(copy, [test])
            if code != TESTS_FAILED:
                return False, f"{test} answered {code} without the control\n{said}"
    return True, ""
