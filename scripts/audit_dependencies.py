"""Known holes in our packages (pip-audit), without failing where the network is closed.

Where nobody could be asked, the step passes and says in capitals that its green means nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 25
COMMAND = (
    sys.executable, "-m", "pip_audit", "--requirement", str(ROOT / "requirements" / "base.txt"), "--require-hashes",
    "--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "5",
)  # fmt: skip


def main() -> int:
    """Return 1 when a package in use has a published hole; 0 when none has, or nobody could be asked."""
    try:
        run = subprocess.run(COMMAND, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return _nothing_known("no answer in time")
    try:
        packages = json.loads(run.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return _nothing_known("the advisory service cannot be reached from here")
    asked = [package for package in packages if "skip_reason" not in package]
    if not asked:
        return _nothing_known(f"none of {len(packages)} packages could be looked up from here")
    holes = [(package["name"], package["version"], hole["id"]) for package in asked for hole in package["vulns"]]
    for name, version, advisory in holes:
        print(f"{name} {version}: {advisory}")
    print(f"pip-audit: {len(asked)} of {len(packages)} packages looked up, {len(holes)} known holes")
    for package in packages:
        if package not in asked:
            print(f"pip-audit: NOT CHECKED: {package['name']}", file=sys.stderr)
    return 1 if holes else 0


def _nothing_known(why: str) -> int:
    """Say that the step passes without having looked at anything."""
    print(f"pip-audit: NOTHING WAS LOOKED UP ({why}): this step passes and proves nothing", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
