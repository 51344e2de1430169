"""How long after the end nothing is known: the curve of Kaplan and Meier, from aggregated rows, of nobody (REC-23).

A row counts, for one stratum and one time after the end (in any one unit), the known returns and those who were observed
no longer. Variance of Greenwood; interval at 95 % on the scale log(-log S), which stays between 0 and 1.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

LEAST: Final = 300
"""Under so many persons each step of a curve is one of them: it is not shown (security.md §3.14)."""

_Z: Final = 1.959963984540054  # 95 %


@dataclass(frozen=True, slots=True)
class Step:
    """The curve from one time on: at risk just before it, what happened at it, the share of whom nothing is known.

    `variance`: of Greenwood, of that share. `low`, `high`: the interval; None where the share is 0 or 1 and none exists.
    """

    time: float
    at_risk: int
    events: int
    censored: int
    share: float
    variance: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """The steps of one stratum, in the order of time, and how many persons it counts."""

    persons: int
    steps: tuple[Step, ...]

    def at(self, time: float) -> Step | None:
        """Return the step in force at a time, None before the first."""
        return next((step for step in reversed(self.steps) if step.time <= time), None)


@dataclass(frozen=True, slots=True)
class Point:
    """What may be printed at one time: per cent of whom nothing is known, its interval, and who was still observed."""

    time: float
    percent: int
    low: int
    high: int
    at_risk: int


def curves(rows: Iterable[tuple[str, float, int, int]]) -> dict[str, Curve]:
    """Return the curve of each stratum from rows (stratum, time, events, censored), in any order; equal times add up."""
    strata: dict[str, dict[float, list[int]]] = defaultdict(dict)
    for stratum, time, events, censored in rows:
        at = strata[stratum].setdefault(time, [0, 0])
        at[0] += events
        at[1] += censored
    return {stratum: _curve(times) for stratum, times in sorted(strata.items())}


def shown(curve: Curve, times: Sequence[float]) -> tuple[Point, ...] | None:
    """Return what may be printed of a curve at a few times; None where it counts fewer than 300 persons.

    In whole per cent, and persons at risk to the ten below: two points never give one person back. A time at which fewer
    than 20 are still observed is left out.
    """
    if curve.persons < LEAST:
        return None
    points = []
    for time in times:
        step = curve.at(time)
        left = curve.persons - sum(each.events + each.censored for each in curve.steps if each.time < time)
        if step is None or step.low is None or step.high is None or left < 20:
            continue
        points.append(
            Point(
                time=time, percent=round(100 * step.share), low=math.floor(100 * step.low),
                high=math.ceil(100 * step.high), at_risk=left // 10 * 10,
            )
        )  # fmt: skip
    return tuple(points)


def _curve(times: dict[float, list[int]]) -> Curve:
    persons = at_risk = sum(events + censored for events, censored in times.values())
    share, sum_of_greenwood, steps = 1.0, 0.0, []
    for time, (events, censored) in sorted(times.items()):
        if events:
            share *= 1 - events / at_risk
            left = at_risk - events
            sum_of_greenwood += events / (at_risk * left) if left else math.inf
        low, high = _interval(share, sum_of_greenwood)
        variance = share**2 * sum_of_greenwood if share else 0.0
        steps.append(Step(time, at_risk, events, censored, share, variance, low, high))
        at_risk -= events + censored
    return Curve(persons, tuple(steps))


def _interval(share: float, greenwood: float) -> tuple[float, float] | tuple[None, None]:
    """Return the interval on the scale log(-log S) (Kalbfleisch and Prentice 1980)."""
    if not 0 < share < 1:
        return None, None
    spread = math.exp(_Z * math.sqrt(greenwood) / math.log(share))
    low, high = share ** (1 / spread), share**spread
    return (low, high) if low <= high else (high, low)
