"""What outlives a support: one anonymous line, written with all those of its month, in no order (REC-24, ADR 67)."""

from __future__ import annotations

from datetime import date, datetime
from random import SystemRandom
from typing import Final

from django.utils.timezone import localdate

from casework import audit
from casework.audit import Act, Writing
from casework.exclusions.codes import CAME, Result, State
from casework.exclusions.models import EndedSupport, ExclusionSupport, WaitingLine
from casework.exclusions.models.lines import SupportFacts

_FACTS: Final = tuple(field.attname for field in SupportFacts._meta.fields if field.name != "id")
_RESULTS: Final = {State.DECLINED: Result.DECLINED, State.CANCELLED: Result.CANCELLED}


def leave(w: Writing, support: ExclusionSupport) -> None:
    """Let what a support was worth counting wait for its line, in the transaction that deletes it: once, or not at all.

    A place without a name was nobody's, and leaves nothing. A pupil who never came counts as cancelled.
    """
    if support.notified_at is None:
        return
    came = [row.theme for row in support.half_days.filter(presence__in=[str(each) for each in CAME])]
    result = _RESULTS.get(State(support.state), Result.RECEIVED if came else Result.CANCELLED)
    received = result == Result.RECEIVED
    WaitingLine(
        territory_id=support.territory_id, school_year=support.school_year, kind=support.kind, result=result,
        is_first=received and not support.is_again, half_days=len(came) if received else 0,
        activities=sum(1 for theme in came if theme) if received else 0,
        return_held=received and support.return_held_on is not None, since=support.since if received else "",
        recorded_in=_month(localdate(w.now)),
    ).save(force_insert=True)  # fmt: skip


def write_lines(now: datetime) -> int:
    """Write the lines of what was deleted before this month, each town's together; return how many. Daily.

    Shuffled, under new random ids, told as one event with their count: neither time nor rank leads to a record.
    """
    due = WaitingLine.objects.filter(recorded_in__lt=_month(localdate(now)))
    written = 0
    for territory_id in sorted(due.order_by().values_list("territory_id", flat=True).distinct()):
        with audit.writing(audit.system_actor(territory_id), now=now) as w:
            rows = list(due.select_for_update().filter(territory_id=territory_id))
            lines = [EndedSupport(**{name: getattr(row, name) for name in _FACTS}) for row in rows]
            SystemRandom().shuffle(lines)
            EndedSupport.objects.bulk_create(lines)
            WaitingLine.objects.filter(pk__in=[row.pk for row in rows]).delete()
            w.note(Act.CREATE, None, object_type=EndedSupport._meta.label_lower, n=len(lines), why="ended")
        written += len(lines)
    return written


def _month(day: date) -> date:
    return day.replace(day=1)
