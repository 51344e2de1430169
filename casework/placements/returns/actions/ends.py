"""What is kept when a measure ends: one anonymous line (REC-24), written later with all those of its month (ADR 67)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework.audit import Writing
from casework.casefile import anonymous_lines
from casework.casefile.calendar import month_of
from casework.placements.returns.codes import Kind, Result
from casework.placements.returns.models import EndedMeasure, WaitingEnd


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
    age_band: str = ""


def record(w: Writing, ended: Ended) -> None:
    """Let an end wait for its line, in the transaction of the end: counted once, or not at all.

    No event of its own, no id of the file: the end tells itself, and its early erasure leaves this row alone.
    """
    WaitingEnd(
        territory_id=ended.territory_id, organisation_id=ended.organisation_id, kind=ended.kind, result=ended.result,
        received_year=ended.received_on.year, month=month_of(ended.on), hours=ended.minutes // 60, age_band=ended.age_band,
        recorded_in=month_of(localdate(w.now)),
    ).save(force_insert=True)  # fmt: skip


def write_lines(now: datetime) -> int:
    """Write the lines of the ends recorded before this month; return how many. Daily."""
    return anonymous_lines.write_lines(WaitingEnd, EndedMeasure, now)
