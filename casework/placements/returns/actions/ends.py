"""What is kept when a measure ends: one anonymous line (REC-24), written later with all those of its month (ADR 67)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from random import SystemRandom
from typing import Final
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.audit import Act, Writing
from casework.placements.returns.codes import Kind, Result
from casework.placements.returns.cohorts import month_of
from casework.placements.returns.models import EndedMeasure, EndFacts, WaitingEnd

_FACTS: Final = tuple(field.attname for field in EndFacts._meta.fields if field.name != "id")


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


def record(w: Writing, ended: Ended) -> None:
    """Let an end wait for its line, in the transaction of the end: counted once, or not at all.

    No event of its own, no id of the file: the end tells itself, and its early erasure leaves this row alone.
    """
    WaitingEnd(
        territory_id=ended.territory_id, organisation_id=ended.organisation_id, kind=ended.kind, result=ended.result,
        received_year=ended.received_on.year, month=month_of(ended.on), hours=ended.minutes // 60,
        recorded_in=month_of(localdate(w.now)),
    ).save(force_insert=True)  # fmt: skip


def write_lines(now: datetime) -> int:
    """Write the lines of the ends recorded before this month, each town's together; return how many.

    In no order, under new random ids, told as one event with their count: neither the time nor the rank of a line leads to
    an end that the journal and the files still tell. Daily, so that a month that was missed is caught up; once each.
    """
    due = WaitingEnd.objects.filter(recorded_in__lt=month_of(localdate(now)))
    written = 0
    for territory_id in sorted(due.order_by().values_list("territory_id", flat=True).distinct()):
        with audit.writing(audit.system_actor(territory_id), now=now) as w:
            rows = list(due.select_for_update().filter(territory_id=territory_id))
            lines = [EndedMeasure(**{name: getattr(row, name) for name in _FACTS}) for row in rows]
            SystemRandom().shuffle(lines)
            EndedMeasure.objects.bulk_create(lines)
            WaitingEnd.objects.filter(pk__in=[row.pk for row in rows]).delete()
            w.note(Act.CREATE, None, object_type=EndedMeasure._meta.label_lower, n=len(lines), why="ended")
        written += len(lines)
    return written
