"""Numbers of the year, written with the act they count: they outlive the files and name nobody (seed, action 6)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F
from django.utils.timezone import localdate

from casework.audit import Writing
from casework.vif.offenders.models import Measure, YearCount


def count(w: Writing, measure: Measure, what: str, now: datetime) -> None:
    """Add one to a number of this year, inside the transaction of the act. `what`: one of reads.yearly.LINES."""
    year = localdate(now).year
    row, _ = YearCount.objects.get_or_create(
        organisation_id=measure.organisation_id, territory_id=measure.territory_id, year=year, what=what
    )
    YearCount.objects.filter(pk=row.pk).update(n=F("n") + 1)
