"""What is kept when a measure ends: one anonymous line (REC-24)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from casework.audit import Act, Writing
from casework.placements.returns.codes import Kind, Result
from casework.placements.returns.cohorts import month_of
from casework.placements.returns.models import EndedMeasure


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A measure that ends, without its person."""

    territory_id: UUID
    organisation_id: UUID
    kind: Kind
    result: Result
    received_on: date
    on: date
    minutes: int = 0


def record(w: Writing, ended: Ended) -> EndedMeasure:
    """Write the anonymous line, in the transaction of the end: counted once, or not at all."""
    row = EndedMeasure(
        territory_id=ended.territory_id, organisation_id=ended.organisation_id, kind=ended.kind, result=ended.result,
        received_year=ended.received_on.year, month=month_of(ended.on), hours=ended.minutes // 60,
    )  # fmt: skip
    row.save(force_insert=True)
    w.note(Act.CREATE, row, why="ended")
    return row
