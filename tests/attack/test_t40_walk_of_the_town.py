"""Every page met by anybody, asked for by everybody: no class of data above the role, no row in a template."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context

from casework.access.matrix import Cell, DataClass, cell
from casework.minors.followups.models.circle import CircleMembership
from casework.partners.codes import Role
from casework.sealing.fields import SealedJSON
from tests.attack import walk

pytestmark = pytest.mark.django_db(databases="__all__")

HEADERS = {
    "X-Content-Type-Options": {"nosniff"},
    # Over HTTPS the forms' own check needs the page's address; no other site ever gets it.
    "Referrer-Policy": {"no-referrer", "same-origin"},
    "X-Frame-Options": {"DENY"},
    "Cross-Origin-Opener-Policy": {"same-origin"},
}


@dataclass(frozen=True)
class Shown:
    """What a page is given."""

    each: Any


def forbidden_texts(role: Role, canaries: dict[str, set[str]], structured: dict[str, set[str]]) -> dict[str, str]:
    """What this role may see in no way: texts of classes without a cell, unless an allowed class says them too."""
    allowed: set[str] = set()
    closed: dict[str, str] = {}
    for data_class, texts in canaries.items():
        if data_class not in {*DataClass}:
            continue
        if cell(role, DataClass(data_class)) in (Cell.NOTHING, Cell.HIDDEN):
            closed |= dict.fromkeys(texts, data_class)
        else:
            allowed |= texts
    for data_class, texts in structured.items():  # a page for the mayor repeats names, by right (row 9)
        if data_class in {*DataClass} and cell(role, DataClass(data_class)) not in (Cell.NOTHING, Cell.HIDDEN):
            allowed |= texts
    return {text: data_class for text, data_class in closed.items() if text not in allowed}


@pytest.mark.attack("T-21", "T-40", "T-51")
@pytest.mark.rule("CLV-05", "ACL-01", "ACL-03", "ACL-07", "MAY-04")
def test_nobody_sees_above_their_role(people_of_the_town) -> None:
    walkers, canaries = people_of_the_town, walk.canaries()
    structured = walk.canaries(SealedJSON)
    assert {DataClass.YOUTH_IDENTITY, DataClass.YOUTH_REPRESENTATIVES, DataClass.YOUTH_REVIEW} <= set(canaries)

    problems: list[str] = []
    pages: list[str] = []

    def look(who: str, closed: dict[str, str], name: str, response: Any) -> None:
        problems.extend(f"{name}: {header}" for header, values in HEADERS.items() if response.get(header) not in values)
        if "unsafe" in response.get("Content-Security-Policy", "unsafe"):
            problems.append(f"{who} {name}: Content-Security-Policy")
        if response.status_code not in (200, 204, 302, 404, 405):
            problems.append(f"{who} {name}: {response.status_code}")
        problems.extend(f"{name}: {place}" for place in walk.protected_in(response))
        if response.status_code == 200 and "html" in response["Content-Type"]:
            pages.append(name)
            body = unescape(response.content.decode())
            problems.extend(f"{who} {name}: {data_class}" for text, data_class in closed.items() if text in body)

    eyes = {who: partial(look, who, forbidden_texts(role, canaries, structured)) for who, (role, _) in walkers.items()}
    met = {who: walk.discover(client, look=eyes[who]) for who, (_, client) in walkers.items()}
    urls: dict[str, set[str]] = {}
    for found in met.values():
        for name, some in found.items():
            urls.setdefault(name, set()).update(some)
    assert len(urls) > 20, sorted(urls)

    for who, (_, client) in walkers.items():
        for name, some in urls.items():
            for url in sorted(some)[: walk.URLS_PER_ROUTE]:
                if url not in met[who].get(name, ()):  # looked at on the way
                    eyes[who](name, client.get(url))
    assert len(pages) > 100
    assert not problems, "\n".join(sorted(set(problems)))


@pytest.mark.attack("T-40")
@pytest.mark.parametrize("around", [lambda row: row, lambda row: [{"who": (row,)}], lambda row: Shown(each=row)])
def test_a_protected_row_given_to_any_part_of_a_page_is_seen(around) -> None:
    row = CircleMembership()
    parts = [Context({"page": "whole"}), Context({"page": "whole", "line": around(row)})]
    (place,) = walk.protected_in(SimpleNamespace(context=parts))
    assert place.startswith("context.line")
    assert place.endswith("CircleMembership")
    assert list(walk.protected_in(SimpleNamespace(context=None))) == []


@pytest.fixture
def people_of_the_town():
    walk.build()
    return walk.walkers()
