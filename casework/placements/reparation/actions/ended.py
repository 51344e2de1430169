"""What a réparation leaves behind when it ends: one anonymous line, and a watch where its service asked (REC-24, SDC-05a)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Purpose, Writing
from casework.casefile import ages
from casework.placements.reparation.actions import team
from casework.placements.reparation.codes import State
from casework.placements.reparation.models import Reparation
from casework.placements.returns.actions import ends as returns
from casework.placements.returns.actions import watches
from casework.placements.returns.actions.ends import Ended
from casework.placements.returns.actions.watches import Known
from casework.placements.returns.codes import Kind, Result

RESULTS: dict[str, Result] = {
    State.CLOSED_SUCCESS: Result.DONE, State.CLOSED_FAILURE: Result.NOT_DONE, State.REFUSED: Result.VOID,
    State.VOID: Result.VOID, State.TRANSFERRED: Result.TRANSFERRED,
}  # fmt: skip


@dataclass(frozen=True)
class Left:
    """What will be written with the end, read before its transaction."""

    ended: Ended
    known: Known | None
    watch_id: UUID | None


def prepare(by: Viewer, reparation: Reparation, *, to: State, on: date) -> Left:
    """Return what a réparation that ends in this state leaves: its age band (SDC-09), a name only where a watch stays."""
    ended = Ended(
        territory_id=reparation.territory_id, organisation_id=reparation.organisation_id, kind=Kind.REPARATION,
        result=RESULTS[to], received_on=localdate(reparation.received_at), on=on,
    )  # fmt: skip
    watched = watches.is_watched(ended)
    classes = [DataClass.REPARATION_CONTENT, *([DataClass.REPARATION_ACTIVITY] if watched else [])]
    with audit.reading(
        by, subjects=[reparation.subject_id], classes=classes, purpose=Purpose.REVIEW, module="placements",
        object_type="reparation.reparation", object_ids=[reparation.pk],
    ):  # fmt: skip
        ended = replace(ended, age_band=ages.band(reparation.born_on, on))
        if not watched:
            return Left(ended, None, None)
        name, order = reparation.identity or {}, reparation.order or {}
        known = Known(
            last_name=name.get("last_name", ""), first_name=name.get("first_name", ""),
            mark=order.get("case_mark", ""),
        )  # fmt: skip
    return Left(ended, known, watches.make_key())


def leave(w: Writing, reparation: Reparation, left: Left, *, by: Viewer, now: datetime) -> None:
    """Write what a réparation leaves, in the transaction of its end."""
    returns.record(w, left.ended)
    if left.known and left.watch_id:
        officers = [mandate.pk for mandate in team.in_charge([reparation.pk], now).get(reparation.pk, [])]
        watches.leave(
            w, watch_id=left.watch_id, ended=left.ended, known=left.known, officers=officers,
            by=by, now=now,
        )  # fmt: skip
