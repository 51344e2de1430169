"""Whom one counts, subject by subject: each module registers its populations, and counts them in one or two queries."""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from typing import Final

_BY_SUBJECT: Final = {"minors": ("minors",), "placements": ("placements", "returns"), "exclusions": ("exclusions",)}


def load(subjects: Collection[str]) -> None:
    """Register the populations of the subjects that are switched on."""
    for subject, modules in _BY_SUBJECT.items():
        for name in modules if subject in subjects else ():
            import_module(f"{__name__}.{name}")
