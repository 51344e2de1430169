"""What figures take of known returns: signed sheets and answers, opened by the system alone. No page reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from casework import audit
from casework.access.matrix import DataClass
from casework.audit import Act, Purpose
from casework.placements.returns import cohorts
from casework.placements.returns.codes import Answer, Horizon, Kind
from casework.placements.returns.models import ReturnAnswer, ReturnSheet
from casework.sealing import sweep


@dataclass(frozen=True, kw_only=True)
class Signed:
    """One line of one signed sheet, in its first version: a correction waits for the next edition (ADR 62)."""

    service_id: UUID
    service: str
    sheet_year: int
    line: cohorts.Line


def signers(territory_id: UUID, years: Iterable[int]) -> set[tuple[int, UUID]]:
    """Return who signed a sheet in which of these years; nothing is opened."""
    rows = ReturnSheet.objects.filter(territory_id=territory_id, year__in=list(years), signed_at__isnull=False)
    return set(rows.order_by().values_list("year", "organisation_id"))


def signed(territory_id: UUID, years: Iterable[int]) -> list[Signed]:
    """Return the lines of the sheets of these years, by year and service; one query, the sheets opened together."""
    rows = list(
        ReturnSheet.objects.filter(
            territory_id=territory_id, year__in=list(years), version=1, signed_at__isnull=False
        ).select_related("organisation").order_by("year", "organisation__name")
    )  # fmt: skip
    if not rows:
        return []
    with audit.reading(
        audit.system_actor(territory_id), subjects=[row.subject_id for row in rows], classes=[DataClass.KNOWN_RETURN],
        purpose=Purpose.SYSTEM, act=Act.SYSTEM, module="placements", object_type="returns.returnsheet",
    ):  # fmt: skip
        sweep.open_many(rows, "counts")
        return [
            Signed(
                service_id=row.organisation_id, service=row.organisation.short_name, sheet_year=row.year,
                line=cohorts.read(stored),
            )
            for row in rows for stored in row.counts or ()
        ]  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What was answered 24 months after the end: how many, of which measure, how, how many months after the end."""

    kind: Kind
    answer: Answer
    months: int
    n: int


def answers(territory_id: UUID) -> list[Said]:
    """Return what was answered person by person at the end of the second year, of nobody.

    Answers at 12 months are left out: nothing tells whose answer at 24 months follows one of them.
    """
    rows = list(ReturnAnswer.objects.filter(territory_id=territory_id, horizon=Horizon.TWO_YEARS))
    if not rows:
        return []
    counted: Counter[tuple[Kind, Answer, int]] = Counter()
    with audit.reading(
        audit.system_actor(territory_id), subjects={row.subject_id for row in rows},
        classes=[DataClass.KNOWN_RETURN], purpose=Purpose.SYSTEM, act=Act.SYSTEM, module="placements",
        object_type="returns.returnanswer",
    ):  # fmt: skip
        sweep.open_many(rows, "said")
        for row in rows:
            said = row.said or {}
            months = _between(row.month, date.fromisoformat(said["month"])) if said.get("month") else 0
            counted[Kind(row.kind), Answer(said["answer"]), months] += 1
    return [Said(kind, answer, months, n) for (kind, answer, months), n in sorted(counted.items())]


def _between(ended: date, known: date) -> int:
    return (known.year - ended.year) * 12 + known.month - ended.month
