"""The anonymous lines of what ended: they wait for their month to be over, then are written together (ADR 67)."""

from __future__ import annotations

from datetime import datetime
from random import SystemRandom

from django.db.models import Model
from django.utils.timezone import localdate

from casework import audit
from casework.audit import Act
from casework.casefile.calendar import month_of


def write_lines(waiting: type[Model], lines: type[Model], now: datetime) -> int:
    """Write as `lines` the rows of `waiting` recorded before this month, each town's together; return how many.

    Both share their columns; `waiting` has `recorded_in` too. In no order, under new random ids, told as one event with
    their count: neither the time nor the rank of a line leads to an end that the journal and the files still tell. Daily,
    so that a month that was missed is caught up; once each.
    """
    names = [field.attname for field in lines._meta.concrete_fields if not field.primary_key]
    due = waiting._default_manager.filter(recorded_in__lt=month_of(localdate(now)))
    written = 0
    for territory_id in sorted(due.order_by().values_list("territory_id", flat=True).distinct()):
        with audit.writing(audit.system_actor(territory_id), now=now) as w:
            rows = list(due.select_for_update().filter(territory_id=territory_id))
            made = [lines(**{name: getattr(row, name) for name in names}) for row in rows]
            SystemRandom().shuffle(made)
            lines._default_manager.bulk_create(made)
            waiting._default_manager.filter(pk__in=[row.pk for row in rows]).delete()
            w.note(Act.CREATE, None, object_type=lines._meta.label_lower, n=len(made), why="ended")
        written += len(made)
    return written
