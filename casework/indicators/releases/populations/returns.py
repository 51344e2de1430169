"""Known returns, from what the services signed: never « récidive » (REC-20 to REC-23, SDC-05a).

A sheet asks about the people of one year where a service had twenty, of three years else. A count holds all services over
the same years: one year where every line is of one, three where one of them is of three (SDC-07).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import Final
from uuid import UUID

from django.db.models import Count, Q

from casework.casefile import small_counts
from casework.indicators.releases.populations import placements
from casework.indicators.releases.tables import UNKNOWN, Counted, Dimension, Population, register
from casework.partners.models import Organisation
from casework.placements.returns import cohorts
from casework.placements.returns.codes import IN_COHORT, Answer, Horizon, Kind, Source
from casework.placements.returns.models import EndedMeasure
from casework.placements.returns.reads import figures
from casework.placements.returns.reads.figures import Signed

LATEST: Final = (7, 1)
"""From 1 July of its year, a sheet that is not signed is waited for no more."""

KIND: Final = Dimension(key="kind", label="Mesure terminée", codes=tuple(Kind.choices))
ANSWER: Final = Dimension(key="answer", label="Retours connus", codes=tuple(Answer.choices))
# Printed in no table: the service that answered knows its own answers.
SERVICE: Final = Dimension(
    key=placements.SERVICE.key,
    label=placements.SERVICE.label,
    codes=(*placements.SERVICE.codes, (UNKNOWN, "non connu")),
)


def sheet_year(period: int, horizon: Horizon) -> int:
    """Return the year of the sheet that asks about those whose measure ended in `period`, at this horizon."""
    return period + 1 + horizon // 12


def count(horizon: Horizon, territory_id: UUID, period: int, after: int | None, today: date) -> Counted | None:
    """Return the answers about those whose measure ended in the years that close with `period`; four queries.

    None while a service that ended measures has not signed, until 1 July; while the years of three that a small service
    needs are partly counted already (`after`); while nobody has sheets for all of them. First versions only: a correction
    waits for a later count of later people (ADR 62).
    """
    last = sheet_year(period, horizon)
    years = range(last - cohorts.MERGED_YEARS + 1, last + 1)
    if _is_too_soon(territory_id, period, after, years, today):
        return None
    signed = [each for each in figures.signed(territory_id, years) if each.line.cohort.horizon == horizon]
    ending = [each for each in signed if each.line.cohort.last == period]
    if not ending:
        return None
    first = min(each.line.cohort.first for each in ending)
    if after is not None and after >= first:
        return None
    used = list(ending)
    if first < period:
        answered = {each.sheet_year for each in signed}
        if not answered >= set(years):
            return None
        used += _earlier(ending, signed, first, period)
    kinds = dict(Organisation.objects.filter(pk__in={each.service_id for each in used}).values_list("pk", "kind"))
    counts: Counter[tuple[str, ...]] = Counter()
    for each in used:
        for answer, n in each.line.answers.items():
            counts[each.line.cohort.kind.value, answer.value, kinds[each.service_id]] += n
    return Counted(first=first, counts={key: n for key, n in counts.items() if n}, source=_source(used))


def _earlier(ending: Sequence[Signed], signed: Sequence[Signed], first: int, period: int) -> Iterable[Signed]:
    """Yield the one-year lines of the years before, for the services whose line of `period` is of one year."""
    whole = {(each.service_id, each.line.cohort.kind) for each in ending if each.line.cohort.first == first}
    for each in signed:
        cohort = each.line.cohort
        if (each.service_id, cohort.kind) not in whole and first <= cohort.first == cohort.last < period:
            yield each


def _is_too_soon(territory_id: UUID, period: int, after: int | None, years: Sequence[int], today: date) -> bool:
    """Say whether clear columns show that it cannot be counted yet: no night opens a sheet to learn it.

    A service that ended measures has not signed, before 1 July; or one of them had too few in that year to answer for it
    alone, and the two years before are counted already, or have no sheet.
    """
    window = period - cohorts.MERGED_YEARS + 1, period
    signers = figures.signers(territory_id, years)
    rows = EndedMeasure.objects.filter(territory_id=territory_id, month__year__range=window, result__in=IN_COHORT)
    in_period = Count("pk", filter=Q(month__year=period))
    ended = list(rows.order_by().values_list("organisation_id", "kind").annotate(n=in_period))
    silent = {service for service, _, _ in ended} - {service for year, service in signers if year == years[-1]}
    if silent and today < date(years[-1], *LATEST):
        return True
    few = any(n < cohorts.LEAST for service, _, n in ended if service not in silent)
    partly_counted = after is not None and after >= window[0]
    return few and (partly_counted or {year for year, _ in signers} < set(years))


def _source(used: Iterable[Signed]) -> str:
    """Return where the figures come from, service by service, as a reader is told (at most 120 characters)."""
    services = {each.service: each.line.source for each in sorted(used, key=lambda each: each.sheet_year)}
    said = [f"{name} ({_SAID[source]})" for name, source in sorted(services.items())]
    text = ", ".join(said)
    return text if len(text) <= 120 else f"{len(said)} services, par leurs feuilles annuelles signées"


_SAID: Final = {Source.SHEET: "feuille annuelle", Source.WATCH: "réponses une à une"}

for _horizon in Horizon:
    register(
        Population(
            key=f"returns_{_horizon.value}", unit="personnes",
            dimensions=(KIND, ANSWER, SERVICE), service=SERVICE.key, k=small_counts.K_JUDICIAL, closes=(1 + _horizon // 12, 1, 1),
            count=partial(count, _horizon), lag=_horizon // 12, cohorts=True,
        )
    )  # fmt: skip
