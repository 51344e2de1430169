"""Published figures: years of a commune drawn and audited, and a million anonymous lines turned into curves.

The edition and the audit are of the real catalogue, after five years of editions. The curves are compared with the one
SQL aggregate that they need. Alone: `make bench k=releases`.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

from tests.bench.measure import Budget, Result, measure

LINES = 1_000_000
YEARS = range(2020, 2026)
AGGREGATE = (
    "SELECT stratum, days, SUM(known), SUM(1 - known) FROM bench_lines GROUP BY stratum, days ORDER BY stratum, days"
)


def run(size: float) -> Iterator[Result]:
    """Yield the last edition, the audit of everything published, the curves and their memory."""
    yield from _editions()
    yield from _curves(max(1000, int(LINES * size)))


def _editions() -> Iterator[Result]:
    from casework.indicators.releases import building, catalogue, disclosure
    from casework.indicators.releases.tables import populations
    from tests.indicators.disclosure.years import town

    minutes_2 = Budget(milliseconds=120_000)
    drawn = town(1, YEARS)
    known = {each.key: each for each in populations()}
    before = [table for edition in drawn.editions[:-1] for table in edition]
    yield measure(
        f"edition of {YEARS[-1]} after {len(YEARS) - 1} years",
        lambda: building.draw(
            year=YEARS[-1], catalogue=catalogue.TABLES, populations=known, sheets=drawn.sheets, released=before
        ),
        budget=minutes_2, rounds=1,
    )  # fmt: skip
    used = building.in_use(catalogue.TABLES, known)
    cells = [cell for table in drawn.printed for cell in building.knowns(table, used)]
    yield measure(
        f"audit of all {len(YEARS)} editions ({len(cells)} cells)",
        lambda: disclosure.audit(cells),
        budget=minutes_2,
        rounds=1,
    )


def _curves(lines: int) -> Iterator[Result]:
    from django.db import connection

    from casework.indicators.releases.survival import curves

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_lines (stratum varchar(20), days integer, known integer)")
        cursor.execute(
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %s) INSERT INTO bench_lines "
            "SELECT 'kind ' || (i %% 8), 1 + (i * CAST(7919 AS BIGINT)) %% 730, CASE WHEN (i * CAST(104729 AS BIGINT)) %% 10 < 4 THEN 1 ELSE 0 END FROM n",
            [lines - 1],
        )
    try:

        def rows() -> list[Any]:
            with connection.cursor() as cursor:
                cursor.execute(AGGREGATE)
                return list(cursor.fetchall())

        yield measure(
            f"curves over {lines} lines, all anew", lambda: curves(rows()), rows, budget=Budget(ratio=1.2), rounds=5
        )
        tracemalloc.start()
        curves(rows())
        peak = tracemalloc.get_traced_memory()[1] / 1_000_000
        tracemalloc.stop()
        yield Result("memory of the curves at their highest (MB)", peak, None, peak, 0, None, Budget(milliseconds=80))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE bench_lines")
