"""Counts of persons that single nobody out (domain.md §8.4). Pure functions.

A list of one, a zero that says something of everyone, or a masked count that the total gives back: none is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final, TypeVar

K_PERSONS: Final = 5
"""SDC-05: counts of persons."""

K_JUDICIAL: Final = 11
"""SDC-05: minors’ judicial measures, VIF, recidivism."""

Key = TypeVar("Key")

SLACK: Final = K_PERSONS
"""By how much two neighbouring bands overlap."""


def shown(counts: Mapping[Key, int], *, k: int) -> tuple[dict[Key, int | None], int | None]:
    """Return the counts that may be shown, and their total; None stands for one that is masked.

    A count under `k`, zero included, is masked. Where a single one is, the smallest of the others goes with it: the
    total would give it back (SDC-06). A total under `k` masks everything.
    """
    total = sum(counts.values())
    if total < k:
        return dict.fromkeys(counts), None
    masked = {key for key, n in counts.items() if n < k}
    if len(masked) == 1 and (others := [key for key in counts if key not in masked]):
        masked.add(min(others, key=lambda key: counts[key]))
    # What is masked together must hold k persons too, else the total less the rest tells it nearly.
    while masked and sum(counts[key] for key in masked) < k and (left := [key for key in counts if key not in masked]):
        masked.add(min(left, key=lambda key: counts[key]))
    return {key: None if key in masked else n for key, n in counts.items()}, total


def periods(by_month: Mapping[date, int], *, k: int) -> tuple[list[tuple[date, date, int]], date | None]:
    """Return consecutive periods (first month, last month, count) of at least `k` each, oldest first; and what is left.

    `by_month`: closed months only, by their first day. A period closes with the month that brings it to `k`: later
    months never change it, so that a page less an earlier page is never a small number (SDC-07). The second value is
    the first month that no period tells yet, None where there is none.
    """
    found: list[tuple[date, date, int]] = []
    first, total = None, 0
    for month in sorted(by_month):
        first, total = first or month, total + by_month[month]
        if total >= k:
            found.append((first, month, total))
            first, total = None, 0
    return found, first


def band(n: int, before: int | None) -> int:
    """Return which band tells a number that is counted again and again; `before`: the one that told it last, None at first.

    A band holds K_JUDICIAL numbers and SLACK more, which it shares with the next one. A number that stays in its band is
    told as before; one that leaves it goes to the nearest band that holds it. Whoever keeps every count told knows of none
    of them, and of no difference between two, fewer than K_JUDICIAL possible values (SDC-07).
    """
    highest = n // K_JUDICIAL
    if before is not None and before > highest:
        return highest
    lowest = max(0, -((K_JUDICIAL - 1 + SLACK - n) // K_JUDICIAL))
    return lowest if before is None else max(before, lowest)


def bounds(band: int) -> tuple[int, int]:
    """Return the smallest and the largest number that a band holds."""
    return band * K_JUDICIAL, band * K_JUDICIAL + K_JUDICIAL - 1 + SLACK
