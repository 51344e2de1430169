"""The page of published figures against a static page of the same shell: ten editions, twelve tables each."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.bench.measure import Budget, Result, measure

EDITIONS, TABLES = 10, 12


def run(size: float) -> Iterator[Result]:
    """Yield the first page of « Indicateurs », one table, and a file."""
    from django.urls import reverse

    from tests.bench.cast import cast
    from tests.indicators import editions
    from tests.people import client_for

    people = cast()
    for n in range(max(2, int(EDITIONS * size))):
        editions.edition(people.territory, 2025 - n, *_tables(editions, 2025 - n))
    client = client_for(people.coordinator)

    def get(url: str) -> Any:
        answer = client.get(url)
        assert answer.status_code == 200, (url, answer.status_code)
        return answer

    static = partial(get, reverse("desk:help"))
    for name, url in (
        ("figures, first page", reverse("releases:index")),
        ("figures, one table", reverse("releases:table", args=["measures_kind"])),
        ("figures, one table as CSV", reverse("releases:table_file", args=["measures_kind", "csv"])),
    ):
        yield measure(name, partial(get, url), static, budget=Budget(ratio=2, queries=25))


def _tables(editions: Any, year: int) -> list[Any]:
    found = [editions.measures(year), editions.ages(year), editions.known_returns(year - 2), editions.pupils(year - 1)]
    return found + [
        editions.table(dict(editions.measures(year).by_key), key=f"measures_{n}", year=year)
        for n in range(TABLES - len(found))
    ]
