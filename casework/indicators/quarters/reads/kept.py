"""What is kept of a quarter, opened under the read gate: words, counts, the vector published or about to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.indicators.quarters import dashboard, own
from casework.indicators.quarters.dashboard import Answer, Vector
from casework.indicators.quarters.models import Asking, Quarter
from casework.indicators.quarters.periods import Period
from casework.sealing import sweep

CLASSES = [DataClass.EVALUATION]


def gate(by: Viewer, quarters: Iterable[Quarter], act: Act = Act.VIEW) -> Any:
    """Open the read gate on some quarters."""
    rows = list(quarters)
    return audit.reading(
        by, subjects=[row.subject_id for row in rows], classes=CLASSES, module="indicators", act=act,
        purpose=Purpose.REVIEW if act == Act.VIEW else Purpose.DOCUMENT, object_type="quarters.quarter",
        object_ids=[row.pk for row in rows],
    )  # fmt: skip


def words(by: Viewer, quarter: Quarter) -> Mapping[str, Any]:
    """Return what is said of a quarter."""
    with gate(by, [quarter]):
        return dict(quarter.words or {})


def marks(quarter: Quarter) -> set[tuple[UUID, int]]:
    """Return what tells one state of the counts from another."""
    return set(Asking.objects.filter(quarter=quarter).values_list("pk", "revision"))


def _earlier(quarter: Quarter) -> list[Quarter]:
    """Return the published quarters among the four before."""
    periods = [quarter.period.back(n) for n in range(1, dashboard.BEFORE + 1)]
    rows = Quarter.objects.filter(
        territory_id=quarter.territory_id, published_at__isnull=False, year__in={each.year for each in periods}
    )
    return [row for row in rows if row.period in periods]


def vector(by: Viewer, quarter: Quarter, act: Act = Act.VIEW) -> Vector:
    """Return the vector of a quarter: the one published, else the one its counts would make today."""
    if quarter.published_at is not None:
        with gate(by, [quarter], act):
            return dashboard.read(quarter.vector)
    figures = own.figures(quarter.territory_id, quarter.period)
    before = _earlier(quarter)
    askings = list(Asking.objects.filter(quarter=quarter).order_by("asked_on", "pk"))
    with gate(by, [quarter, *before], act):
        sweep.open_many(before, "vector")
        sweep.open_many(askings, "counts")
        earlier: dict[Period, Mapping[str, int | None]] = {
            row.period: dashboard.read(row.vector).totals() for row in before
        }
        answers = [
            Answer(
                indicators=row.indicators, counts=row.counts, by_telephone=row.entered_by is not None, remark=row.remark,
                early=row.answered_at is not None and localdate(row.answered_at) <= quarter.period.last,
            )
            for row in askings
        ]  # fmt: skip
        return dashboard.made(
            period=quarter.period, sectors=quarter.sectors, own=figures, answers=answers, earlier=earlier,
            words=dict(quarter.words or {}),
        )  # fmt: skip
