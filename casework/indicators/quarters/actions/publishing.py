"""A dashboard published once: frozen, it changes no more (SDC-07)."""

from __future__ import annotations

from datetime import datetime

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import format as fr
from casework.casefile import revision
from casework.errors import ConflictRefused, GuardRefused
from casework.indicators.quarters import facts
from casework.indicators.quarters.models import Quarter
from casework.indicators.quarters.reads import kept


def publish(*, by: Viewer, quarter: Quarter, expected: int | None, now: datetime) -> None:
    """Freeze the dashboard of a quarter that is over; links that wait die.

    Raises AccessRefused, GuardRefused (not over, published), ConflictRefused (changed, or counts came in meanwhile).
    """
    facts.require_keeper(by, now)
    if not quarter.period.is_over(localdate(now)):
        raise GuardRefused(f"Ce trimestre se termine le {fr.long_date(quarter.period.last)} : publiez-le ensuite.")
    seen = kept.marks(quarter)
    vector = kept.vector(by, quarter)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Quarter.objects.filter(territory_id=by.territory_id), quarter.pk, expected)
        if row.published_at is not None:
            raise GuardRefused("Ce tableau de bord est déjà publié.")
        if kept.marks(row) != seen or row.revision != quarter.revision:
            raise ConflictRefused("Des chiffres viennent d’arriver.", current_revision=row.revision)
        revision.save(row, vector=vector.stored(), published_at=now, published_by=by.mandate_id)
        w.note(Act.CHANGE, row, classes=[DataClass.EVALUATION], why="published")
