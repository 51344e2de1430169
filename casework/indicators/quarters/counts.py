"""What a contributor may answer: whole numbers by sector, or « je n’ai pas ce chiffre ». Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from casework.casefile import small_counts
from casework.errors import InputRefused
from casework.indicators.quarters.codes import BY_CODE, ELSEWHERE

MOST = 9_999
K_FACTS = small_counts.K_PERSONS
"""Facts fewer than this are not shown by sector, nor alone in the town."""

Cells = Mapping[str, int]
Counts = Mapping[str, Cells | None]
"""Indicator -> {sector, or "" where it is counted for the town: count}; None: not known, which is not zero."""


def places(code: str, sectors: Sequence[str]) -> tuple[str, ...]:
    """Return where an indicator is counted: the sectors and elsewhere, or the town as a whole."""
    return (*sectors, ELSEWHERE) if BY_CODE[code].by_sector else ("",)


def check(counts: Counts, *, asked: Sequence[str], sectors: Sequence[str]) -> None:
    """Refuse what is not one answer for each indicator asked. Raises InputRefused."""
    if set(counts) != set(asked):
        raise InputRefused("Répondez à chaque ligne, même par « je n’ai pas ce chiffre ».", field=None)
    for code, cells in counts.items():
        if cells is None:
            continue
        if set(cells) != set(places(code, sectors)):
            raise InputRefused("Les secteurs ont changé : rechargez la page.", field=None)
        if not all(type(n) is int and 0 <= n <= MOST for n in cells.values()):
            raise InputRefused(f"Un nombre entier, de 0 à {MOST}.", field=None)


def added(answers: Sequence[Cells | None], where: Sequence[str]) -> dict[str, int] | None:
    """Return the sum of what several contributors answered about one indicator, None where none of them knows it."""
    known = [cells for cells in answers if cells is not None]
    if not known:
        return None
    return {place: sum(cells.get(place, 0) for cells in known) for place in where}


def shown(cells: Cells) -> tuple[dict[str, int | None], int | None]:
    """Return the cells that may be shown, and the total; None is hidden.

    No fact at all says nothing of anybody, and is shown; save where the town has a few, which it would place
    (SDC-05, SDC-06).
    """
    some = {place: n for place, n in cells.items() if n}
    found, total = small_counts.shown(some, k=K_FACTS) if some else ({}, 0)
    if total is None:
        return dict.fromkeys(cells), None
    return {place: found.get(place, 0) for place in cells}, total
