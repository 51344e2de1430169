"""Time ours against the same page in plain Django, in one run, so that only ratios matter.

On SQLite the database works inside the process, so the processor time of the process is all that a page costs and
the compared number: it does not count what else the machine does. On PostgreSQL the server works apart: wall time.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.test.utils import CaptureQueriesContext

MARKS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@dataclass(frozen=True)
class Budget:
    """What the ratio, the time and the number of queries may be at most; None: not limited."""

    ratio: float | None = None
    milliseconds: float | None = None
    queries: int | None = None
    more_queries: int | None = None


@dataclass(frozen=True)
class Result:
    """One line of the table. Times are medians, in milliseconds; `ours` and `plain` are compared."""

    name: str
    ours: float
    plain: float | None
    wall: float
    queries: int
    plain_queries: int | None
    budget: Budget

    @property
    def ratio(self) -> float | None:
        """Ours divided by plain; None when there is nothing to compare with."""
        return self.ours / self.plain if self.plain else None

    @property
    def misses(self) -> list[str]:
        """What goes past the budget."""
        budget, found = self.budget, []
        if budget.ratio and self.ratio and self.ratio > budget.ratio:
            found.append(f"ratio {self.ratio:.2f} > {budget.ratio}")
        if budget.milliseconds and self.wall > budget.milliseconds:
            found.append(f"{self.wall:.0f} ms > {budget.milliseconds:.0f}")
        if budget.queries is not None and self.queries > budget.queries:
            found.append(f"{self.queries} queries > {budget.queries}")
        if budget.more_queries is not None and self.plain_queries is not None:
            more = self.queries - self.plain_queries
            if more > budget.more_queries:
                found.append(f"{more} more queries > {budget.more_queries}")
        return found


def measure(
    name: str,
    ours: Callable[[], Any],
    plain: Callable[[], Any] | None = None,
    *,
    budget: Budget | None = None,
    before_ours: Callable[[], None] | None = None,
    rounds: int = 9,
) -> Result:
    """Run `ours` and `plain` in turn, `rounds` times each, and return their medians.

    `before_ours` runs, untimed, before each round of ours: to empty the caches of keys, say. Alternating the two
    cancels what the machine does meanwhile. Queries are counted apart, on one more round of each.
    """
    queries, plain_queries = count_queries(ours, before_ours), count_queries(plain) if plain else None
    clock = 0 if connections["default"].vendor == "sqlite" else 1
    times: list[tuple[float, float]] = []
    plain_times: list[tuple[float, float]] = []
    for _ in range(rounds):
        if before_ours:
            before_ours()
        times.append(_once(ours))
        if plain:
            plain_times.append(_once(plain))
    return Result(
        name=name,
        ours=statistics.median(each[clock] for each in times),
        plain=statistics.median(each[clock] for each in plain_times) if plain_times else None,
        wall=statistics.median(each[1] for each in times),
        queries=queries,
        plain_queries=plain_queries,
        budget=budget or Budget(),
    )


def count_queries(work: Callable[[], Any], before: Callable[[], None] | None = None) -> int:
    """Return how many queries `work` makes, on both databases; marks of transactions are none."""
    if before:
        before()
    with ExitStack() as stack:
        captured = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in connections]
        work()
    return sum(not query["sql"].startswith(MARKS) for each in captured for query in each)


def _once(work: Callable[[], Any]) -> tuple[float, float]:
    """Return the processor time and the wall time of one go, in milliseconds."""
    gc.collect()
    gc.disable()
    try:
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        return (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000
    finally:
        gc.enable()


HEAD = f"{'page':44} {'ours ms':>9} {'plain ms':>9} {'ratio':>6} {'wall ms':>9} {'queries':>8} {'plain':>6}  budget"


def line(each: Result) -> str:
    """Return one line of the printed table."""
    plain = f"{each.plain:9.2f}" if each.plain is not None else f"{'–':>9}"
    ratio = f"{each.ratio:6.2f}" if each.ratio is not None else f"{'–':>6}"
    plain_queries = f"{each.plain_queries:6d}" if each.plain_queries is not None else f"{'–':>6}"
    verdict = "; ".join(each.misses) or "ok"
    return (
        f"{each.name:44} {each.ours:9.2f} {plain} {ratio} {each.wall:9.2f} {each.queries:8d} {plain_queries}  {verdict}"
    )
