"""T-54 by a service: it takes its own persons away from all that is printed, and finds no few of the others.

The reader is that of `reader.py`: an exact solver and what pages print, none of our code; here with the service's own list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from casework.casefile import small_counts
from casework.indicators.releases.building import Sheet
from casework.indicators.releases.tables import populations
from casework.indicators.releases.vector import PublishedTable
from tests.attack.printed import DRILL
from tests.attack.reader import Printed, Reader
from tests.indicators.disclosure.years import Town, groups, town

pytestmark = [pytest.mark.attack("T-54"), pytest.mark.rule("SDC-05", "SDC-07")]

KEYS = ("measures_kind", "measures_age", "measures_service", "returns_12", "returns_24")
YEARS = range(2022, 2026) if DRILL else range(2024, 2026)


def _people(sheets: Sequence[Sheet]) -> dict[str, int]:
    """Return how many persons each group holds."""
    return {
        "|".join((sheet.population, str(sheet.period), *codes)): n
        for sheet in sheets
        for codes, n in sheet.counts.items()
    }


def _rank(table: PublishedTable) -> int:
    """Return where the name of a group says the service."""
    population = next(each for each in populations() if each.key == table.population)
    return 2 + [each.key for each in population.dimensions].index("service")


def _less_its_own(found: Town, service: str) -> Iterator[tuple[Printed, int]]:
    """Give each number as the service reads it, and how many of the others it truly is."""
    people = _people(found.sheets)
    for table in found.printed:
        rank = _rank(table)
        for number in table.numbers:
            every = list(groups(table, number.key))
            others = [name for name in every if name.split("|")[rank] != service]
            own = sum(people.get(name, 0) for name in every if name not in set(others))
            if others:
                value = None if number.n is None else number.n - own
                yield (
                    {"table": f"{table.key}:{table.last}", "key": list(number.key), "value": value, "groups": others},
                    sum(people.get(name, 0) for name in others),
                )


@pytest.mark.parametrize("seed", range(4 if DRILL else 1))
@pytest.mark.parametrize("scale", [2.0, 6.0])
def test_no_service_finds_a_few_of_the_others(seed: int, scale: float) -> None:
    found = town(seed, YEARS, scale=scale, catalogue_keys=KEYS)
    assert any(number.n is not None for table in found.printed for number in table.numbers)
    k = small_counts.K_PERSONS  # of the others, to a service bound by secrecy (ADR 81)
    somebody = {name for name, n in _people(found.sheets).items() if n}
    for service in ("probation", "youth_justice", "accredited_association"):
        read = list(_less_its_own(found, service))
        assert not [each for each, _ in read if each["value"] is not None and 0 < each["value"] < k], service
        reader = Reader([each for each, _ in read])
        assert reader.believes()
        for each, n in read:
            if each["value"] is None and 0 < n < k:
                assert reader.is_kept_out(each, k), (service, each["table"], each["key"])
        found_few = {str(reader.groups[name]) for name in somebody & set(reader.groups) if reader.finds_few(name, k)}
        assert not found_few, (service, found_few)
