"""Shares and means of published numbers: only on enough people, rounded, with their interval (SDC-08, REC-23, §3.14)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

BASE: Final = 20
"""SDC-08: fewest people of whom a share is said."""

STEP: Final = 5
"""Shares are said to so many points: two of them never give a number back that is not printed."""

MEAN_OF: Final = 10
"""Fewest people of whom a mean or a duration is said."""

_Z: Final = 1.959963984540054  # 95 %


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A share in per cent and the interval of Wilson at 95 %, all rounded to five points, the interval outwards."""

    percent: int
    low: int
    high: int


def rate(part: int | None, base: int | None, *, k: int) -> Rate | None:
    """Return the share that `part` makes of `base`, both as published (None: hidden); None where it is not shown.

    The base holds at least 20, the part and the rest of it at least `k` each: a rate of 95 % of 20 tells of the last one.
    """
    if part is None or base is None or base < BASE or part < k or base - part < k:
        return None
    low, high = wilson(part, base)
    steps = 100 // STEP
    return Rate(
        percent=STEP * ((2 * part * steps + base) // (2 * base)),  # halves up, in integers
        low=STEP * math.floor(low * steps), high=STEP * math.ceil(high * steps),
    )  # fmt: skip


def wilson(part: int, base: int) -> tuple[float, float]:
    """Return the interval of Wilson at 95 % of a share, as fractions of 1 (Wilson 1927); `base` is above 0."""
    share = part / base
    middle = (share + _Z**2 / (2 * base)) / (1 + _Z**2 / base)
    half = _Z * math.sqrt(share * (1 - share) / base + _Z**2 / (4 * base**2)) / (1 + _Z**2 / base)
    return max(0.0, middle - half), min(1.0, middle + half)


def mean(total: float, people: int | None) -> float | None:
    """Return a mean (of hours, of days) over at least 10 people or acts, in the unit of `total`; None where it is not shown."""
    return total / people if people is not None and people >= MEAN_OF else None
