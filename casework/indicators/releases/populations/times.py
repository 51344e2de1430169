"""How long after the end a return becomes known, for Kaplan-Meier: from answers given person by person, of nobody.

Where services sign sheets of counts nothing is known of time. Under 300 persons nothing leaves this module.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from casework.indicators.releases.survival import LEAST
from casework.placements.returns.codes import WITH_MONTH, Answer, Horizon, Kind
from casework.placements.returns.reads import figures


@dataclass(frozen=True, order=True)
class Row:
    """Of one stratum, that many months after the end: how many returns became known, how many were seen no longer."""

    stratum: str
    months: int
    events: int
    censored: int


@dataclass(frozen=True, kw_only=True)
class Times:
    """The rows, by stratum and month, and how many persons of each stratum nobody could tell of (« on ne sait pas »)."""

    rows: tuple[Row, ...]
    unknown: tuple[tuple[str, int], ...]


def of_territory(territory_id: UUID) -> Times:
    """Return the rows of the strata that hold at least 300 persons of whom something is known; one query.

    Whoever is known for no return is censored at 24 months; whoever is not known at all was observed for no time.
    """
    events: Counter[tuple[Kind, int]] = Counter()
    censored: Counter[tuple[Kind, int]] = Counter()
    unknown: Counter[Kind] = Counter()
    for said in figures.answers(territory_id):
        if said.answer == Answer.UNKNOWN:
            unknown[said.kind] += said.n
        elif said.answer in WITH_MONTH and said.months <= Horizon.TWO_YEARS:
            events[said.kind, said.months] += said.n
        else:  # none known, or known after the horizon
            censored[said.kind, Horizon.TWO_YEARS.value] += said.n
    people: Counter[Kind] = Counter()
    for (kind, _), n in (*events.items(), *censored.items()):
        people[kind] += n
    shown = {kind for kind, n in people.items() if n >= LEAST}
    keys = sorted({key for key in (*events, *censored) if key[0] in shown})
    return Times(
        rows=tuple(Row(kind.value, months, events[kind, months], censored[kind, months]) for kind, months in keys),
        unknown=tuple((kind.value, unknown[kind]) for kind in Kind if kind in shown),
    )
