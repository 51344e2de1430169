"""`make bench`: every `bench_*.py` beside this file, in throw-away databases, one table.

A bench module has `def run(size: float) -> Iterator[Result]`; it builds its data and yields `measure(...)`.
`size` 1 is the size the budgets are about; smaller is for a quick look.

    python -m tests.bench.run [--only WORD] [--size 0.1] [--strict]
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Print the table. Return 1 with --strict when a budget is missed, 2 when nothing ran."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="part of a module's name")
    parser.add_argument("--size", type=float, default=1.0)
    parser.add_argument("--strict", action="store_true")
    options = parser.parse_args()

    names = sorted(path.stem for path in HERE.glob("bench_*.py") if options.only in path.stem)
    if not names:
        print("no such bench")
        return 2
    with tempfile.TemporaryDirectory(prefix="casework-bench-") as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        os.environ["CASEWORK_VAR"] = folder
        return _run(names, options)


def _run(names: list[str], options: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    from tests.bench.measure import HEAD, line

    setup_test_environment(debug=False)
    print(f"database: {connection.vendor}, size {options.size:g}", flush=True)
    old = setup_databases(verbosity=0, interactive=False)
    missed = False
    try:
        for name in names:
            module = importlib.import_module(f"tests.bench.{name}")
            print(f"\n{(module.__doc__ or name).splitlines()[0]}\n{HEAD}", flush=True)
            for each in module.run(options.size):
                print(line(each), flush=True)
                missed |= bool(each.misses)
    finally:
        teardown_databases(old, verbosity=0)
    return 1 if missed and options.strict else 0


if __name__ == "__main__":
    sys.exit(main())
