"""What outlives a support: one anonymous line, written with all those of its month, in no order (REC-24, ADR 67)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils.timezone import localdate

from casework.audit import Writing
from casework.casefile import anonymous_lines
from casework.casefile.calendar import month_of
from casework.exclusions.codes import CAME, Result, State
from casework.exclusions.models import EndedSupport, ExclusionSupport, WaitingLine

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
        recorded_in=month_of(localdate(w.now)),
    ).save(force_insert=True)  # fmt: skip


def write_lines(now: datetime) -> int:
    """Write the lines of what was deleted before this month; return how many. Daily."""
    return anonymous_lines.write_lines(WaitingLine, EndedSupport, now)
