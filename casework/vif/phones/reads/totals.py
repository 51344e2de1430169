"""What a ressort passed on of its devices: read there, and read by the communes it serves, which read nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.timezone import localdate

from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.casefile.small_counts import K_JUDICIAL
from casework.vif.phones import facts, law
from casework.vif.phones.models import Served, Totals

SHOWN = 10
"""Counts shown: ten years of one ressort."""


@dataclass(frozen=True, kw_only=True)
class Count:
    """One count. `in_use`: None under the threshold (domain.md §8.4). `typed`: copied from a paper."""

    ressort: str
    counted_on: date
    allotted: int
    in_use: int | None
    typed: bool


@dataclass(frozen=True, kw_only=True)
class Received:
    """What the coordinator and the mayor read, latest first."""

    counts: tuple[Count, ...]
    may_type: bool
    threshold: int = K_JUDICIAL


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the ressort passed on, to whom on this server, and when it may again (None: today)."""

    counts: tuple[Count, ...]
    communes: tuple[str, ...]
    next_on: date | None
    may_pass: bool
    threshold: int = K_JUDICIAL


def received(viewer: Viewer, now: datetime) -> Received:
    """Return the counts received by the viewer's commune. One query. Raises AccessRefused."""
    facts.require_totals(viewer, Action.LIST, now)
    return Received(
        counts=_counts(Totals.objects.filter(territory_id=viewer.territory_id)),
        may_type=facts.of_totals(viewer, Action.CREATE, now),
    )


def told(viewer: Viewer, now: datetime) -> Told:
    """Return what the viewer's ressort passed on. Constant queries. Raises AccessRefused."""
    facts.require_stock(viewer, Action.LIST, now)
    counts = _counts(Totals.objects.filter(territory_id=viewer.territory_id))
    next_on = law.next_count(counts[0].counted_on) if counts else None
    names = Served.objects.filter(ressort_id=viewer.territory_id).values_list("commune__name", flat=True)
    return Told(
        counts=counts, communes=tuple(names.order_by("commune__name")),
        next_on=next_on if next_on and next_on > localdate(now) else None,
        may_pass=facts.of_stock(viewer, Action.CREATE, now),
    )  # fmt: skip


def _counts(rows: QuerySet[Totals]) -> tuple[Count, ...]:
    return tuple(
        Count(
            ressort=row.ressort, counted_on=row.counted_on, allotted=row.allotted, in_use=row.in_use,
            typed=row.recorded_by is not None,
        )
        for row in rows[:SHOWN]
    )  # fmt: skip
