"""T-19: unknown, forbidden, expired and merged ids give one status, one body, one list of SQL shapes, one `miss` each."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from casework.audit.models import AuditEvent
from tests.attack.hamlet import PRIMARY, Hamlet, build, object_routes
from tests.databases import some
from tests.people import build as cast
from tests.people import client_for
from tests.standing import written_once

pytestmark = [pytest.mark.attack("T-19"), pytest.mark.django_db(databases="__all__")]


@pytest.fixture(autouse=True)
def _one_instant() -> Iterator[None]:
    """Compare within one instant: a session writes down when it was seen, once a minute, whatever was asked."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


_VALUE = re.compile(r"\"s\d+_x\d+\"|'(?:[^']|'')*'|X'[0-9A-F]*'|\b\d[\w.]*\b")
_RANDOM = re.compile(r'"[\w-]{64}"|value="[0-9a-f-]{36}"|[0-9a-f]{8}-[0-9a-f-]{27}')


@cache
def shape(sql: str) -> str:
    """Return a statement without its values."""
    return re.sub(r"(\?, )+", "?, ", _VALUE.sub("?", sql.replace("%s", "?")))


def knock(client: Any, url: str, method: str) -> tuple[Any, ...]:
    """Ask for one address; return all that an attacker may compare."""
    last = AuditEvent.objects.aggregate(last=Max("pk"))["last"] or 0
    asked: list[str] = []

    def heard(execute: Any, sql: str, *details: Any) -> Any:
        asked.append(sql)
        return execute(sql, *details)

    with connection.execute_wrapper(heard):
        response = client.get(url) if method == "GET" else client.post(url, {"once": str(uuid.uuid4())})
    missed = AuditEvent.objects.filter(pk__gt=last, act="miss").count()
    headers = sorted((name, value) for name, value in response.items() if name not in ("Content-Length",))
    body = _RANDOM.sub("*", response.content.decode())
    return response.status_code, body, repr(headers), missed, [shape(sql) for sql in asked]


def others(hamlet: Hamlet, name: str) -> list[Any]:
    """Return ids that exist and that an outsider must not tell from an unknown one."""
    if (
        name in PRIMARY
        or name.startswith(("reparation:", "victims:", "measures:", "phones:", "exclusion_support:"))
        or (name.startswith("meetings:") and name != "meetings:ask")
    ):
        return [hamlet.pk(name)]
    return [hamlet.follow_ups[stage].pk for stage in ("followed", "referred", "expired", "merged", "archived")]


COMPARED = (
    "followups:", "meetings:", "hosts:", "tig:", "reparation:", "returns:", "victims:", "measures:", "phones:",
    "exclusion_support:",
)  # fmt: skip


standing = written_once(lambda: build(cast()))


@pytest.fixture
def hamlet(standing: Hamlet) -> Hamlet:
    return deepcopy(standing)


@pytest.mark.rule("ACL-01", "ACL-08", "GDP-15")
@pytest.mark.parametrize("who", some(["outreach_colleague", "education", "stranger", "mayor", "sah"]))
def test_an_outsider_cannot_tell_what_exists(hamlet: Hamlet, who: str) -> None:
    client = client_for(hamlet.people.mandates[who])
    client.get(reverse("desk:work"))
    client.get(reverse("followups:page", args=[uuid.uuid4()]))  # session, caches and the log of the town are warm
    compared = 0
    for name, pattern in object_routes():
        if _open_to(who, name) or not name.startswith(COMPARED):
            continue  # the directory holds no record about anybody followed
        parts = hamlet.kwargs(name, pattern.pattern.converters)
        for method in ("GET", "POST"):
            unknown = knock(client, reverse(name, kwargs=parts | {"pk": uuid.uuid4()}), method)
            if unknown[0] == 405:
                continue
            for pk in others(hamlet, name):
                known = knock(client, reverse(name, kwargs=parts | {"pk": pk}), method)
                assert known[:3] == unknown[:3], (name, method, known[0], unknown[0])
                assert known[3] == unknown[3] == 1, (name, method, "miss events")
                assert known[4] == unknown[4] != [], (name, method, known[4], unknown[4])
                compared += 1
    assert compared > 30


def _open_to(who: str, name: str) -> bool:
    """Say whether this object is really open to this person (the mayor's page, a meeting of its group)."""
    return (
        (who == "mayor" and name.startswith("followups:mayor"))
        or (who == "outreach_colleague" and name.startswith("meetings:"))
        or (who in ("mayor", "sah") and name in ("hosts:post", "hosts:post_sheet", "hosts:host"))
        # Of its own school, and of no pupil.
        or (who == "education" and name.startswith(("exclusion_support:wait", "exclusion_support:convention")))
    )


@pytest.mark.parametrize("stage", some(["expired", "merged"], 1))
def test_for_the_coordinator_what_is_gone_never_was(hamlet: Hamlet, stage: str) -> None:
    client = client_for(hamlet.people.coordinator)
    client.get(reverse("desk:work"))
    for name, pattern in object_routes():
        if name in PRIMARY or (name.startswith("meetings:") and name != "meetings:ask"):
            continue  # not the id of a situation
        parts = hamlet.kwargs(name, pattern.pattern.converters)
        for method in ("GET", "POST"):
            unknown = knock(client, reverse(name, kwargs=parts | {"pk": uuid.uuid4()}), method)
            gone = knock(client, reverse(name, kwargs=parts | {"pk": hamlet.follow_ups[stage].pk}), method)
            assert gone == unknown, (name, method, gone[0], unknown[0])
