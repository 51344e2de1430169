"""Which version of the code is running."""

from __future__ import annotations

import tomllib
from functools import cache

from django.conf import settings


@cache
def release() -> str:
    """Return the version written in pyproject.toml, or "inconnue" where the file is not deployed."""
    try:
        found = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    except OSError:
        return "inconnue"
    return str(found["project"]["version"])
