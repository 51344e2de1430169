"""The nightly freeze: each population is counted once for each period, then sealed (SDC-07). Nothing counts it again.

A count that came out a little later would differ by few, and the difference would tell of them. What is written down after
the freeze (a letter that came late, a sheet signed late) is of no count: a later one is of later people.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.audit import Act
from casework.indicators.releases import tables
from casework.indicators.releases.models import ATOMS, AtomSheet
from casework.indicators.releases.tables import Counted, Population
from casework.partners.models import Territory
from casework.sealing import keys

BACK: Final = 8
"""How many closed periods back a night looks: those of a base restored, or of sheets signed late."""


def freeze(now: datetime) -> int:
    """Count and seal every closed period that is not yet; return how many sheets were made. Daily, safe to run again."""
    today = localdate(now)
    made = 0
    for territory_id in Territory.objects.order_by("pk").values_list("pk", flat=True):
        standing: dict[str, list[tuple[int, int]]] = {}
        for key, first, period in AtomSheet.objects.filter(territory_id=territory_id).values_list(
            "population", "first", "period"
        ):
            standing.setdefault(key, []).append((first, period))
        for population in tables.populations():
            made += _population(territory_id, population, standing.get(population.key, []), today, now)
    return made


def closed(population: Population, today: date) -> Iterable[int]:
    """Return the periods that may be frozen today, oldest first."""
    years, month, day = population.closes
    last = today.year - years if today >= date(today.year, month, day) else today.year - years - 1
    return range(last - BACK + 1, last + 1)


def _population(
    territory_id: UUID, population: Population, standing: list[tuple[int, int]], today: date, now: datetime
) -> int:
    made = 0
    for period in closed(population, today):
        counted_years = {year for first, last in standing for year in range(first, last + 1)}
        if period in counted_years:
            continue
        after = max((last for _, last in standing if last < period), default=None)
        counted = population.count(territory_id, period, after, today)
        if counted is None or counted_years & set(range(counted.first, period + 1)):
            continue
        if _seal(territory_id, population, period, counted, now):
            standing.append((counted.first, period))
            made += 1
    return made


def _seal(territory_id: UUID, population: Population, period: int, counted: Counted, now: datetime) -> bool:
    """Write the sheet under a key of its own, told with the number of its lines; False where another night made it."""
    sheet_id = uuid.uuid4()
    keys.ensure(sheet_id)
    with audit.writing(audit.system_actor(territory_id), now=now) as w:
        Territory.objects.select_for_update().get(pk=territory_id)
        if AtomSheet.objects.filter(territory_id=territory_id, population=population.key, period=period).exists():
            return False
        row = AtomSheet(
            id=sheet_id, subject_id=sheet_id, territory_id=territory_id, population=population.key, period=period,
            first=counted.first, source=counted.source, frozen_at=now,
            counts=[[list(key), n] for key, n in sorted(counted.counts.items())],
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[ATOMS], n=len(counted.counts), why="frozen")
    return True
