"""Counting once a month what stands, for whoever knows that files exist and reads none (SDC-07)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.audit import Act
from casework.casefile import small_counts
from casework.casefile.calendar import month_of
from casework.partners.models import Territory
from casework.placements.partnership.codes import REPARATIONS, TIG
from casework.placements.partnership.models import MonthCount
from casework.placements.reparation.models import Reparation
from casework.placements.tig.models import TigPlacement


def count_month(now: datetime) -> int:
    """Count each town for the month that is over, once; return how many were counted. Daily, safe to run again.

    What stood on the evening before the night that counts: the last of the month, unless a night was missed.
    """
    yesterday = localdate(now) - timedelta(days=1)
    month = month_of(month_of(localdate(now)) - timedelta(days=1))
    counted = MonthCount.objects.filter(month=month).values_list("territory_id", flat=True)
    towns = list(Territory.objects.exclude(pk__in=counted).order_by("pk").values_list("pk", flat=True))
    for territory_id in towns:
        with audit.writing(audit.system_actor(territory_id), now=now) as w:
            last = MonthCount.objects.filter(territory_id=territory_id).first()
            before = last.bands if last else [None] * (len(TIG) + len(REPARATIONS))
            bands = [small_counts.band(n, band) for n, band in zip(_stand(territory_id), before, strict=True)]
            row = MonthCount(territory_id=territory_id, month=month, stood_on=yesterday, bands=bands)
            row.save(force_insert=True)
            w.note(Act.CREATE, row, why="frozen")
    return len(towns)


def _stand(territory_id: UUID) -> list[int]:
    """Return how many files stand at each of codes.STAGES; two queries."""
    tig = Counter(TigPlacement.objects.filter(territory_id=territory_id).values_list("state", flat=True))
    reparations = Counter(Reparation.objects.filter(territory_id=territory_id).values_list("state", flat=True))
    return [
        *(sum(tig[state] for state in states) for states in TIG.values()),
        *(sum(reparations[state] for state in states) for states in REPARATIONS.values()),
    ]
