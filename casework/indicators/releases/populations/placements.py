"""Measures that ended, TIG and réparation, by year (REC-24, SDC-05: judicial, eleven)."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from django.db.models import Count

from casework.casefile import small_counts
from casework.casefile.ages import AgeBand
from casework.indicators.releases.tables import UNKNOWN, Counted, Dimension, Population, register
from casework.partners.codes import OrganisationKind
from casework.partners.models import Organisation
from casework.placements.returns.codes import IN_COHORT, Kind
from casework.placements.returns.models import EndedMeasure, WaitingEnd

SERVICES: Final = (
    OrganisationKind.PROBATION, OrganisationKind.YOUTH_JUSTICE, OrganisationKind.ACCREDITED_ASSOCIATION,
)  # fmt: skip

KIND: Final = Dimension(key="kind", label="Mesure", codes=tuple(Kind.choices))
RESULT: Final = Dimension(
    key="result", label="Fin de la mesure", codes=tuple((each.value, str(each.label)) for each in IN_COHORT)
)
AGE: Final = Dimension(key="age", label="Âge à la fin", codes=(*AgeBand.choices, (UNKNOWN, "non connu")))
SERVICE: Final = Dimension(
    key="service", label="Service en charge", codes=tuple((kind.value, str(kind.label)) for kind in SERVICES)
)


def ended(territory_id: UUID, period: int, after: int | None, today: date) -> Counted | None:
    """Return the measures done or not in a year; one query, one for the services, one to wait for lines of that year.

    Those whose known returns are asked about, no others: with the few that were transferred or void, the total of this table
    less that of known returns would be those few, and so would a hidden « non menée » (T-54). Measures, not persons: a TIG and a réparation know no common person (ADR 76). An end written down after the count is
    of no year.
    """
    where = {"territory_id": territory_id, "month__year": period}
    if WaitingEnd.objects.filter(**where).exists():
        return None
    rows = EndedMeasure.objects.filter(**where, result__in=IN_COHORT).order_by()
    found = list(rows.values_list("kind", "result", "age_band", "organisation_id").annotate(n=Count("pk")))
    # Few services, many lines: their kind is not joined line by line.
    kinds = dict(Organisation.objects.filter(pk__in={row[3] for row in found}).values_list("pk", "kind"))
    counts: dict[tuple[str, ...], int] = {}
    for kind, result, age, service, n in found:
        key = kind, result, age or UNKNOWN, kinds[service]
        counts[key] = counts.get(key, 0) + n
    return Counted(first=period, counts=counts) if counts else None


# In February: what ended in December may be closed in January (a magistrate's letter).
register(
    Population(
        key="measures", unit="mesures", dimensions=(KIND, RESULT, AGE, SERVICE), service=SERVICE.key,
        k=small_counts.K_JUDICIAL, closes=(1, 2, 1), count=ended,
    )
)  # fmt: skip
