"""The stand-alone verifier, run as whoever receives an export would: another process, no path to our code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "verify_journal.py"


def check(*arguments: object) -> tuple[int, str]:
    """Run the verifier; return its exit code and what it says."""
    done = subprocess.run(  # noqa: S603 our own file
        [sys.executable, "-I", "-S", str(TOOL), *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr
