"""References that people say aloud: prefix, year, four random signs (`MIR-2026-K7QF`; design.md §11).

Random, so that a reference does not tell how many files were opened. No vowel, so that the four
signs never make a word; no look-alike (0 O, 1 I L, 5 S, 8 B, 2 Z, 6 G).
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.timezone import localdate

if TYPE_CHECKING:
    from django.db.models import Model

ALPHABET = "CDFHJKMNPQRTVWX347"
LENGTH = 4

_SHAPE = re.compile(rf"([A-Z][A-Z0-9]{{0,3}})(20\d\d)([{ALPHABET}]{{{LENGTH}}})")


def new_reference(prefix: str, year: int) -> str:
    """Return a new reference; the caller's unique constraint decides whether it must be drawn again.

    Raises ValueError when `prefix` is not one to four capital letters or digits (first a letter).
    """
    if not re.fullmatch(r"[A-Z][A-Z0-9]{0,3}", prefix):
        raise ValueError("prefix")
    return f"{prefix}-{year:04d}-{''.join(secrets.choice(ALPHABET) for _ in range(LENGTH))}"


def free_reference(model: type[Model], prefix: str, now: datetime) -> str:
    """Return a reference of this year that no row of `model` has; its unique constraint still decides."""
    drawn = new_reference(prefix, localdate(now).year)
    while model._default_manager.filter(reference=drawn).exists():
        drawn = new_reference(prefix, localdate(now).year)
    return drawn


def read_reference(text: str) -> str | None:
    """Return the reference typed in `text`, tidied (`mir 2026 k7qf` too), or None if it is not one."""
    found = _SHAPE.fullmatch(re.sub(r"[\s\-–—_./]", "", text).upper())
    return "-".join(found.groups()) if found else None
