"""A hamlet that an attacker would like to read: one situation per stage, a canary in every sealed text.

    hamlet = build(people)
    hamlet.follow_ups["followed"]     the richest record: circle, schemes, actions, measure, point, mayor…
    hamlet.convened / hamlet.held     a meeting called, with preparations; one held, its minutes submitted
    hamlet.urls()                     one address per route of the site, with ids that exist

Everything is written by the actions themselves. Each canary holds `TOKEN`, the letters of its data class and the
name of its situation: a page that shows one says what it leaked, and of whom.
"""

from __future__ import annotations

from tests.attack.hamlet.building import build
from tests.attack.hamlet.town import (
    ENDINGS,
    PRIMARY,
    ROLES,
    TOKEN,
    Hamlet,
    canary,
    named_routes,
    needles,
    object_routes,
)

__all__ = [
    "ENDINGS",
    "PRIMARY",
    "ROLES",
    "TOKEN",
    "Hamlet",
    "build",
    "canary",
    "named_routes",
    "needles",
    "object_routes",
]
