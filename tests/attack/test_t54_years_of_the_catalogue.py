"""T-54 on the real catalogue: years of editions of an invented commune, and of one a hundred times larger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import pytest

from casework.indicators.releases.vector import PublishedTable
from tests.attack.printed import DRILL
from tests.attack.reader import Printed, gaps
from tests.indicators.disclosure.years import groups, town

pytestmark = [pytest.mark.attack("T-54"), pytest.mark.rule("SDC-07")]

YEARS = range(2020, 2026) if DRILL else range(2023, 2026)


def _as_a_reader_holds_it(tables: Sequence[PublishedTable]) -> dict[str, list[Printed]]:
    """Return what is printed, population by population: they share nobody."""
    held: dict[str, list[Printed]] = defaultdict(list)
    for table in tables:
        for number in table.numbers:
            held[table.population].append(
                {
                    "table": f"{table.key}:{table.last}", "key": list(number.key), "value": number.n,
                    "groups": list(groups(table, number.key)),
                }
            )  # fmt: skip
    return held


def gaps_of(tables: Sequence[PublishedTable]) -> list[str]:
    """Return what the reader finds too narrow in all these tables together."""
    thresholds = {f"{table.key}:{table.last}": table.k for table in tables}
    return [gap for printed in _as_a_reader_holds_it(tables).values() for gap in gaps(printed, thresholds)]


@pytest.mark.parametrize("seed", range(4 if DRILL else 1))
@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_years_of_editions(seed: int, scale: float) -> None:
    drawn = town(seed, YEARS, scale=scale)
    numbers = [number.n for table in drawn.printed for number in table.numbers]
    assert len([n for n in numbers if n is not None]) > len(numbers) / 2, "the editions still say something"
    assert gaps_of(drawn.printed) == []
