"""What the limits of law depend on, for one person: opened by the program itself, since the host may not read it.

The host's manager who enters hours must be stopped by the rule, and never reads whether somebody has a job or when they
turn eighteen: a system gate opens it, and only the rule that says no comes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from casework import audit
from casework.access.matrix import DataClass
from casework.audit import Act, Purpose
from casework.placements.tig.clock import Suspension, is_suspended
from casework.placements.tig.codes import Audience
from casework.placements.tig.limits import Worker
from casework.sealing import sweep

if TYPE_CHECKING:
    from casework.placements.tig.models import ClockSuspension, TigPlacement, WorkSuspension


@dataclass(frozen=True, kw_only=True)
class Labour:
    """One person's standing under labour law, and the days on which the work is stopped."""

    is_minors: bool
    adult_on: date | None
    job_minutes: int
    stopped: tuple[Suspension, ...]

    def on(self, day: date) -> Worker:
        """Return the worker of that day: from the eighteenth birthday the limits are those of adults."""
        minor = self.is_minors and (self.adult_on is None or day < self.adult_on)
        return Worker(is_minor=minor, has_job=self.job_minutes > 0, job_minutes=self.job_minutes)

    def is_stopped(self, day: date) -> bool:
        """Say whether nobody may be made to work that day (HOST-11, TIG-10)."""
        return is_suspended(self.stopped, day)


def of(
    placements: Iterable[TigPlacement],
    clock: Iterable[ClockSuspension],
    work: Iterable[WorkSuspension],
) -> Mapping[UUID, Labour]:
    """Return the labour of each placement; opens in a system gate, so never inside a transaction."""
    rows, stops = list(placements), list(clock)
    if not rows:
        return {}
    with audit.reading(
        audit.system_actor(rows[0].territory_id), subjects=[row.subject_id for row in rows],
        classes=[DataClass.SENTENCE], purpose=Purpose.SYSTEM, act=Act.SYSTEM, object_type="tig_placement",
        object_ids=[row.pk for row in rows],
    ):  # fmt: skip
        sweep.open_many(rows, "situation")
        stopped: dict[UUID, list[Suspension]] = {row.pk: [] for row in rows}
        for stop in stops:
            if not stop.work_goes_on:
                stopped[stop.placement_id].append(Suspension(stop.starts_on, stop.ends_on))
        for halt in work:
            stopped[halt.placement_id].append(Suspension(halt.starts_on, halt.ends_on))
        return {row.pk: _labour(row, tuple(stopped[row.pk])) for row in rows}


def _labour(placement: TigPlacement, stopped: tuple[Suspension, ...]) -> Labour:
    known = placement.situation or {}
    adult_on = known.get("adult_on") or ""
    return Labour(
        is_minors=placement.audience == Audience.MINORS,
        adult_on=date.fromisoformat(adult_on) if adult_on else None,
        job_minutes=int(known.get("job_minutes") or 0),
        stopped=stopped,
    )
