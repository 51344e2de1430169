"""Adding up the minutes of a placement, in the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from casework.placements.tig.models import Adjustment, HalfDay, TigPlacement


@dataclass(frozen=True)
class Minutes:
    """Done (attendance and adjustments) and planned, of one placement."""

    done: int = 0
    planned: int = 0


def of(placements: Iterable[UUID]) -> Mapping[UUID, Minutes]:
    """Return the minutes of each placement, in two queries whatever their number."""
    ids = list(placements)
    done: dict[UUID, int] = defaultdict(int)
    planned: dict[UUID, int] = defaultdict(int)
    sums: Any = HalfDay.objects.filter(placement_id__in=ids).order_by().values("placement_id")
    for row in sums.annotate(done=Sum("minutes"), planned=Sum("planned_minutes", filter=Q(outcome=""))):
        done[row["placement_id"]] += row["done"] or 0
        planned[row["placement_id"]] += row["planned"] or 0
    extra: Any = Adjustment.objects.filter(placement_id__in=ids).order_by().values("placement_id")
    for row in extra.annotate(done=Sum("minutes")):
        done[row["placement_id"]] += row["done"] or 0
    return {pk: Minutes(max(0, done[pk]), planned[pk]) for pk in ids}


def done(placement: TigPlacement) -> int:
    """Return the minutes done by one placement."""
    return of([placement.pk])[placement.pk].done
