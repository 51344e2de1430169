"""Figures: a million lines of nobody counted by population and year, against one SQL aggregate by stratum and month."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connection
from django.utils.timezone import localdate

from casework.indicators.releases import activity, tables
from casework.placements.returns.models import EndedMeasure
from tests.bench.cast import cast
from tests.bench.measure import Budget, Result, measure
from tests.people import People

LINES, YEARS, MEGABYTES = 1_000_000, 8, 80
TABLE = EndedMeasure._meta.db_table

# What somebody would write by hand for all years at once: the finest cross, by month of end.
PLAIN = f"""
SELECT line.kind, line.result, line.age_band, service.kind, line.month, COUNT(*)
FROM {TABLE} line JOIN partners_organisation service ON service.id = line.organisation_id
WHERE line.territory_id = %s GROUP BY 1, 2, 3, 4, 5
"""

FILL = """
WITH RECURSIVE n(i) AS (SELECT {zero} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {lines})
INSERT INTO {table} (id, territory_id, organisation_id, kind, result, received_year, month, hours, age_band)
SELECT {uuid}, {territory}, CASE i % 3 WHEN 0 THEN {a} WHEN 1 THEN {b} ELSE {c} END,
       CASE i % 5 WHEN 0 THEN 'tig' ELSE 'reparation' END,
       CASE i % 7 WHEN 0 THEN 'not_done' WHEN 1 THEN 'not_done' ELSE 'done' END,
       {first} + i * {years} / {lines}, {day}, i % 100,
       CASE i % 6 WHEN 0 THEN '13_15' WHEN 1 THEN '16_17' WHEN 2 THEN '18_20' WHEN 3 THEN '21_25' WHEN 4 THEN '26_up' ELSE '' END
FROM n
"""


def run(size: float) -> Iterator[Result]:
    """Write the lines and time the refresh of all closed years."""
    people = cast()
    lines, last = max(1_000, int(LINES * size)), localdate().year - 1
    first = last - YEARS + 1
    _fill(people, lines, first)
    territory, today = people.territory.pk, localdate()
    population = tables.population("measures")
    assert population is not None

    def ours() -> int:
        found = [population.count(territory, year, None, today) for year in range(first, last + 1)]
        return sum(sum(each.counts.values()) for each in found if each)

    def plain() -> int:
        with connection.cursor() as cursor:
            cursor.execute(PLAIN, [_id(territory)])
            return sum(row[-1] for row in cursor.fetchall())

    assert ours() == plain() == lines
    tracemalloc.start()
    ours()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    assert peak < MEGABYTES, f"{peak:.0f} MB"
    yield measure(
        f"{lines} lines, {YEARS} years ({peak:.1f} MB)", ours, plain, budget=Budget(ratio=1.2, queries=3 * YEARS)
    )
    yield measure("acts of a year", lambda: activity.of_year(territory, last), budget=Budget(queries=10))


def _id(value: Any) -> Any:
    return value.hex if connection.vendor == "sqlite" else value


def _fill(people: People, lines: int, first: int) -> None:
    sqlite = connection.vendor == "sqlite"
    names = {
        name: f"'{_id(value)}'"
        for name, value in {
            "territory": people.territory.pk, "a": people.probation.pk, "b": people.pjj_service.pk,
            "c": people.accredited.pk,
        }.items()
    }  # fmt: skip
    day = date(first, 1, 1).isoformat()
    # Month after month, as lines are written.
    months = f"(i * {12 * YEARS} / {lines})"
    words = {
        "uuid": "lower(hex(randomblob(16)))" if sqlite else "gen_random_uuid()",
        "zero": "0" if sqlite else "0::bigint",
        "day": f"date('{day}', '+' || {months} || ' months')"
        if sqlite
        else f"(date '{day}' + make_interval(months => {months}::int))::date",
    }
    with connection.cursor() as cursor:
        sql = FILL.format(table=TABLE, lines=lines, first=first, years=YEARS, **names, **words)
        if not sqlite:
            for name in names:
                sql = sql.replace(names[name], f"{names[name]}::uuid")
        cursor.execute(sql)
        cursor.execute("ANALYZE" if sqlite else f"ANALYZE {TABLE}")
