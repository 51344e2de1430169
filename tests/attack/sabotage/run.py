"""`make drill`: take away each control in turn and see a test turn red.

    python -m tests.attack.sabotage.run [--core] [--only WORD] [--jobs N]

First the named tests run on an untouched copy: they must be green, or red would prove nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tests.attack.sabotage.harness import PATIENCE_SECONDS, Sabotage, attempt, copy_of_the_tree, run_tests
from tests.attack.sabotage.sabotages import SABOTAGES


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
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1))
    options = parser.parse_args()

    todo = chosen(options)
    if not todo:
        print("no such sabotage")
        return 2
    tests = sorted({test for sabotage in todo for test in sabotage.tests})
    with copy_of_the_tree() as copy:
        code, said = run_tests(copy, tests, PATIENCE_SECONDS * len(tests))
    if code != 0:
        print(f"the tests are not green before any sabotage ({code})\n{said}")
        return 2

    failures = 0
    started = time.monotonic()
    with ThreadPoolExecutor(options.jobs) as pool:
        for sabotage, (red, why) in zip(todo, pool.map(attempt, todo), strict=True):
            print(f"{'red  ' if red else 'GREEN'}  {sabotage.name}: {sabotage.control}", flush=True)
            if not red:
                failures += 1
                print(f"       {why}", flush=True)
    seconds = time.monotonic() - started
    print(f"{len(todo) - failures} of {len(todo)} controls are held by a test ({seconds:.0f} s)")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
