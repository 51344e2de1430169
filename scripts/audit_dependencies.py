"""Known holes in our packages (pip-audit), without failing where the network is closed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 25


def main() -> int:
    """Return 1 when a package in use has a published hole; 0 when none has, or nobody could be asked."""
    command = [
        sys.executable, "-m", "pip_audit", "--requirement", str(ROOT / "requirements" / "base.txt"),
        "--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off",
        "--timeout", "5",
    ]  # fmt: skip
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        print("pip-audit: no answer in time, not checked", file=sys.stderr)
        return 0
    try:
        answer = json.loads(run.stdout)
    except json.JSONDecodeError:
        print("pip-audit: the advisory service cannot be reached from here, not checked", file=sys.stderr)
        return 0
    packages = answer["dependencies"]
    holes = [
        (package["name"], package["version"], hole["id"]) for package in packages for hole in package.get("vulns", [])
    ]
    unknown = sum("skip_reason" in package for package in packages)
    if unknown:
        print(
            f"pip-audit: {unknown} of {len(packages)} packages could not be looked up from here",
            file=sys.stderr,
        )
    for name, version, advisory in holes:
        print(f"{name} {version}: {advisory}")
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main())
