"""`make drill`: take away each control in turn and see a test turn red.

    python -m tests.attack.sabotage.run [--core] [--only WORD] [--jobs N] [-v]

First the named tests run on an untouched copy: they must be green, or red would prove nothing. That run also leaves the
bases from which the others start. `-v` prints which test failed, and how.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.attack.sabotage.harness import PATIENCE_SECONDS, Sabotage, attempt, copy_of_the_tree, run_tests
from tests.attack.sabotage.sabotages import SABOTAGES
from tests.ready import folder


def chosen(options: argparse.Namespace) -> list[Sabotage]:
    """Return the sabotages asked for."""
    return [
        sabotage
        for sabotage in SABOTAGES
        if (sabotage.core or not options.core) and options.only.lower() in sabotage.name.lower()
    ]


def main() -> int:
    """Return 0 when every control is held by a test, 1 otherwise, 2 when nothing could be tried."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--core", action="store_true", help="only those of every landing")
    parser.add_argument("--only", default="", help="part of a name")
    parser.add_argument("-v", "--verbose", action="store_true", help="say which test failed, and how")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1))
    options = parser.parse_args()

    todo = chosen(options)
    if not todo:
        print("no such sabotage")
        return 2
    started = time.monotonic()
    # One copy for the whole run: what is being typed meanwhile changes nothing.
    with copy_of_the_tree() as tree:
        ready = folder(tree)
        if said := _not_green(todo, tree, ready, options.jobs):
            print(f"the tests are not green before any sabotage\n{said}")
            return 2
        print(f"green before any sabotage ({time.monotonic() - started:.0f} s)", flush=True)
        failures = _sabotage(todo, partial(attempt, ready=ready, tree=tree), options)
    seconds = time.monotonic() - started
    print(f"{len(todo) - failures} of {len(todo)} controls are held by a test ({seconds:.0f} s)")
    return 1 if failures else 0


def _not_green(todo: Sequence[Sabotage], tree: Path, ready: Path, jobs: int) -> str:
    """Run every named test once, the control in place. Return what pytest said if one is red, else nothing."""
    for postgres in (False, True):
        tests = sorted({test for each in todo if each.postgres is postgres for test in each.tests})
        if not tests:
            continue
        code, said = run_tests(
            tree, tests, ready=ready, postgres=postgres, patience=PATIENCE_SECONDS * len(tests),
            workers=jobs if jobs > 1 and len(tests) > 1 else 0,
        )  # fmt: skip
        if code != 0:
            return f"{said}\n(pytest answered {code})"
    return ""


def _sabotage(
    todo: Sequence[Sabotage], try_one: Callable[[Sabotage], tuple[bool, str]], options: argparse.Namespace
) -> int:
    """Carry out each sabotage and print how it went. Return how many stayed green."""
    failures = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for sabotage, (red, said) in zip(todo, pool.map(try_one, todo), strict=True):
            print(f"{'red  ' if red else 'GREEN'}  {sabotage.name}: {sabotage.control}", flush=True)
            if not red or options.verbose:
                print("".join(f"       {line}\n" for line in said.splitlines()), end="", flush=True)
            failures += not red
    return failures


if __name__ == "__main__":
    sys.exit(main())
