"""A small fictitious town and a walk through it: every page that any role can reach, asked for by every role."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

from django.db import connection, models
from django.test import Client
from django.urls import Resolver404, resolve

from casework.partners.codes import Role
from casework.partners.models import Agent, Mandate, Organisation
from casework.sealing import gate, sweep
from casework.sealing.fields import SealedField, SealedText
from casework.sealing.models import SealedModel
from tests.consistency.project import SUBJECT_APPS, our_models
from tests.databases import let_take_its_time
from tests.people import client_for

LINK = re.compile(r"""(?:href|hx-get|action|data-[a-z-]*url)=["'](/[^"'#]*)""")
# What changes the session of the walker, or leaves the site.
SKIPPED = re.compile(r"^/(static|connexion|compte/(fonction|sessions|telephone)|presence|healthz|readyz)")
# Decisions are the same on both databases: on the second one, one page of a kind is enough to try its queries.
URLS_PER_ROUTE = 2 if connection.vendor == "sqlite" else 1
LONG_ENOUGH = 8


def build(size: int = 10, meetings: int = 2) -> None:
    """Write the town."""
    from casework.desk.demo import town

    let_take_its_time()
    town.build(seed=3, size=size, meetings=meetings)


def walkers() -> dict[str, tuple[Role, Client]]:
    """Return one signed-in browser per live mandate with a signed charter, by role and name; on PostgreSQL, per role."""
    rows = Mandate.objects.filter(ends_at=None, charter_signed_at__isnull=False).select_related(
        "agent", "organisation", "territory"
    )
    rows = list(rows.order_by("role", "agent__last_name"))
    if connection.vendor != "sqlite":
        rows = list({row.role: row for row in rows}.values())
    return {
        f"{row.role} {row.agent.last_name} {row.territory.prefix}": (Role(row.role), client_for(row)) for row in rows
    }


def route_of(url: str) -> str:
    """Return the name of the route that answers `url`, "" if none."""
    try:
        return resolve(url.split("?")[0]).view_name
    except Resolver404:
        return ""


def discover(
    client: Client, start: str = "/mon-travail/", look: Callable[[str, Any], None] = lambda name, response: None
) -> dict[str, list[str]]:
    """Return the addresses that this walker meets by following links, a few for each route.

    `look` is given the name of the route and the answer of each.
    """
    found: dict[str, list[str]] = {}
    queue = [start]
    while queue:
        url = queue.pop(0)
        name = route_of(url)
        seen = found.setdefault(name, [])
        if not name or url in seen or len(seen) >= URLS_PER_ROUTE:
            continue
        seen.append(url)
        response = client.get(url)
        look(name, response)
        if response.status_code == 302 and response["Location"].startswith("/"):
            queue.append(response["Location"])
        if "html" in response.get("Content-Type", "") and not response.streaming:
            links = (unescape(link) for link in LINK.findall(response.content.decode()))
            queue += [link for link in links if not SKIPPED.match(link)]
    return {name: urls for name, urls in found.items() if name and urls}


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a sealed value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def canaries(kind: type[SealedField] = SealedText) -> dict[str, set[str]]:
    """Open every sealed text of the town and return the long ones by class of data; names of staff are left out."""
    staff = {text for row in Agent.objects.all() for text in (row.first_name, row.last_name, row.full_name)}
    staff |= {text for row in Organisation.objects.all() for text in (row.name, row.short_name)}
    found: dict[str, set[str]] = {}
    for model in our_models():
        fields = [field for field in model._meta.local_fields if isinstance(field, kind)]
        if not fields or not issubclass(model, SealedModel):
            continue
        rows = list(model._base_manager.all())
        classes = frozenset(field.data_class for field in fields)
        with gate.opened(gate.Gate(frozenset(row.subject_id for row in rows), classes, "test")):
            sweep.open_many(rows, *(field.name for field in fields))
            for row in rows:
                for field in fields:
                    for text in _texts(getattr(row, field.name)):
                        if len(text) >= LONG_ENOUGH and text not in staff and not field.flatchoices and " " in text:
                            found.setdefault(field.data_class, set()).add(text)
    return found


def is_protected(model: type[models.Model]) -> bool:
    """True for sealed rows of the subject, meetings included: a page gets none of them."""
    return issubclass(model, SealedModel) and model._meta.app_label in SUBJECT_APPS


def protected_in(response: Any) -> Iterator[str]:
    """Yield where a protected row sits in what the templates of an answer were given.

    Each part of a page has a context of its own, which holds what the page was given: a value is looked at once.
    """
    given = [context.flatten() for context in response.context or []]
    seen: set[tuple[int, int]] = set()
    for values in given:
        yield from _protected(values, 4, "context", seen)


def _protected(value: Any, depth: int, where: str, seen: set[tuple[int, int]]) -> Iterator[str]:
    if (id(value), depth) in seen:
        return
    seen.add((id(value), depth))
    if isinstance(value, models.Model):
        if is_protected(type(value)):
            yield f"{where}: {type(value).__name__}"
    elif isinstance(value, models.QuerySet):
        if is_protected(value.model):
            yield f"{where}: queryset of {value.model.__name__}"
    elif depth and isinstance(value, dict):
        for key, item in value.items():
            yield from _protected(item, depth - 1, f"{where}.{key}", seen)
    elif depth and isinstance(value, list | tuple | set | frozenset):
        for item in list(value)[:50]:
            yield from _protected(item, depth - 1, f"{where}[]", seen)
    elif depth and dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _protected(getattr(value, field.name), depth - 1, f"{where}.{field.name}", seen)
