"""T-57: whatever a reader takes away of a page of figures, no number that is not published is in it.

Two towns whose frozen counts differ in hidden numbers alone publish the same vector; every page and every file is then the
same, byte for byte, but for what belongs to one request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.indicators.evaluation import actions as evaluations
from casework.indicators.releases import building, vector
from casework.indicators.releases.building import Sheet
from casework.indicators.releases.tables import Table
from casework.indicators.releases.vector import PublishedTable
from tests.indicators import editions
from tests.indicators.setting import PUPILS, Town
from tests.people import People, client_for, viewer_of

pytestmark = [
    pytest.mark.django_db(databases="__all__"), pytest.mark.attack("T-57"), pytest.mark.rule("ACL-11", "SDC-06"),
]  # fmt: skip

Counts = Mapping[tuple[str, ...], int]
# Of pupils, by what followed and by the meeting of return: four small numbers that trade with one another.
TABLE = Table(
    key="pupils_both", title="Élèves, selon la suite et la rencontre de retour", population="pupils",
    dimensions=("since", "return"), definition="Élèves accueillis dans l’année scolaire.", spans=(1,),
)  # fmt: skip
_MANY = {("no", "held"): 30, ("no", "not_held"): 20}
ONE: Counts = _MANY | {
    ("yes", "held"): 2, ("yes", "not_held"): 4, ("unknown", "held"): 4, ("unknown", "not_held"): 2
}  # fmt: skip
OTHER: Counts = _MANY | {
    ("yes", "held"): 3, ("yes", "not_held"): 3, ("unknown", "held"): 3, ("unknown", "not_held"): 3
}  # fmt: skip
PER_REQUEST = re.compile(
    rb'name="(?:csrfmiddlewaretoken|once|draft_for)" value="[^"]*"|X-CSRFToken": "[^"]*"|data-csrf="[^"]*"|name="revision" value="[^"]*"|nonce="[^"]*"'
)
# What comes with a PDF whatever it says: an identifier made of its bytes.
FILES = ("csv", "xlsx", "ods", "pdf")


def drawn(counts: Counts, year: int) -> list[PublishedTable]:
    """Return the tables that an edition of these counts would print."""
    tables = building.draw(
        year=year, catalogue=(TABLE,), populations={"pupils": PUPILS}, released=(),
        sheets=[Sheet(population="pupils", period=year - PUPILS.lag, first=year - PUPILS.lag, counts=counts)],
    )  # fmt: skip
    return [each.taken.table for each in tables if each.taken is not None]


def outputs(people: People, year: int, key: str) -> Iterator[tuple[str, bytes]]:
    """Yield every page and file that tells of an edition, without what belongs to one request."""
    for who in ("coordinator", "mayor"):
        client = client_for(people.mandates[who])
        urls = [
            reverse("releases:index"), reverse("releases:returns"), reverse("releases:table", args=[key]),
            *(reverse("releases:file", args=[suffix]) for suffix in FILES),
            *(reverse("releases:table_file", args=[key, suffix]) for suffix in FILES),
        ]  # fmt: skip
        for url in urls:
            answer = client.get(url)
            assert answer.status_code == 200, url
            yield f"{who} {url}", PER_REQUEST.sub(b"", answer.content)
            yield f"{who} {url}, length", str(len(PER_REQUEST.sub(b"", answer.content))).encode()


def test_hidden_numbers_that_differ_give_the_same_vector() -> None:
    """The counts differ, what is printed does not: no cell, no order, no sentence, no choice of another table."""
    one, other = vector.stored(drawn(ONE, 2025)), vector.stored(drawn(OTHER, 2025))
    assert one
    assert vector.digest(one) == vector.digest(other)
    assert any(number[1] is None for table in one for number in table["numbers"])


def test_every_page_and_every_file_is_the_same_whatever_is_hidden(people: People) -> None:
    now = timezone.now()
    year = now.year - 1
    town = Town(people, now)
    tables = drawn(ONE, year)
    release = editions.edition(people.territory, year, *tables)
    before: dict[str, bytes] = {}
    for counts in (ONE, OTHER):
        town.freeze(counts, period=year - 1 - len(before))
        release.vector = vector.stored(drawn(counts, year))
        release.save()
        found = dict(outputs(people, year, tables[0].key))
        if before:
            assert [name for name in found if found[name] != before[name]] == []
        before = found


@pytest.mark.rule("DOC-02")
def test_the_evaluation_tells_no_more_than_the_edition(people: People) -> None:
    now = timezone.now()
    year = now.year - 1
    by = viewer_of(people.coordinator, now=now)
    release = editions.edition(people.territory, year, *drawn(ONE, year))
    row = evaluations.open_year(by=by, year=year, now=now)
    client = client_for(people.coordinator)
    urls = [
        reverse("evaluation:page", args=[row.pk]), *(reverse("evaluation:document", args=[row.pk, one]) for one in ("pdf",)),
    ]  # fmt: skip
    first = [PER_REQUEST.sub(b"", client.get(url).content) for url in urls]
    release.vector = vector.stored(drawn(OTHER, year))
    release.save()
    evaluations.refresh(by=by, row=row, expected=None, now=now)
    assert [PER_REQUEST.sub(b"", client.get(url).content) for url in urls] == first


def test_a_number_that_is_not_shown_stands_nowhere(people: People) -> None:
    """No page holds 7 777, which a sealed sheet holds: neither text nor attribute, for nobody."""
    now = timezone.now()
    Town(people, now).freeze({("no", "held"): 7777, ("yes", "held"): 7777})
    editions.edition(people.territory, now.year - 1)
    for name, said in outputs(people, now.year - 1, "measures_kind"):
        if not name.endswith(("pdf", "xlsx", "ods", "length")):
            assert not re.search(rb"7[\s\xe2\x80\xaf]*777", said), name


def test_rows_stand_in_the_order_of_the_catalogue_whatever_they_hold(people: People) -> None:
    for counts in (ONE, OTHER, {key: n + 30 for key, n in ONE.items()}):
        for table in drawn(counts, 2025):
            keys: list[Any] = [number.key for number in table.numbers]
            assert keys == sorted(
                keys, key=lambda key: (key.count(""), [_rank(table, at, code) for at, code in enumerate(key)])
            )


def _rank(table: PublishedTable, at: int, code: str) -> int:
    codes = [each for each, _ in table.dimensions[at].codes]
    return codes.index(code) if code in codes else len(codes)
