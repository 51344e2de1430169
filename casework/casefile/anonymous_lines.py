"""The anonymous lines of what ended: they wait for their month to be over, then are written together (ADR 67)."""

from __future__ import annotations

import uuid
from datetime import datetime
from random import SystemRandom
from typing import ClassVar

from django.db import models
from django.utils.timezone import localdate

from casework import audit
from casework.audit import Act
from casework.casefile.calendar import month_of
from casework.partners.models import Territory


class Line(models.Model):
    """Abstract: what is kept of one end: coded, of nobody. It outlives the file; never changed, never joined (REC-24).

    A subject adds its columns in an abstract class of its own; the line and the row that waits for it both have them.
    """

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    CLEAR: ClassVar[dict[str, str]] = {"id": "technical", "territory": "reference"}

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.pk}"


class Waiting(Line):
    """Abstract: an end that is not yet among the lines: it waits for its month to be over, whatever becomes of its file."""

    recorded_in = models.DateField("mois de l’inscription")

    class Meta(Line.Meta):
        abstract = True

    WAITS: ClassVar[dict[str, str]] = {"recorded_in": "month precision"}


def write_lines(waiting: type[Waiting], lines: type[Line], now: datetime) -> int:
    """Write as `lines` the rows of `waiting` recorded before this month, each town's together; return how many.

    Both share their columns but `recorded_in`. In no order, under new random ids, told as one event with
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
