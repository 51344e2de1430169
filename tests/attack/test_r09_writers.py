"""R-09: whoever leaves a transaction open blocks nobody: the head of a log is locked last, and one log only."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from uuid import uuid4

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections, transaction
from django.utils import timezone

from casework import audit
from casework.audit import Act, verify
from casework.audit.append import _lock
from tests.audit.bench import NADIA, OTHER_TERRITORY, TERRITORY

pytestmark = [
    pytest.mark.attack("R-09"),
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time"),
]

ELSEWHERE = replace(NADIA, territory_id=OTHER_TERRITORY)


def write(actor: audit.Actor) -> None:
    """Carry out one small act."""
    with audit.writing(actor, now=timezone.now()) as w:
        row = ContentType.objects.create(app_label="r09", model=str(uuid4()))
        w.note(Act.CREATE, row)


def in_threads(actor: audit.Actor, count: int) -> list[float]:
    """Return how long each of `count` acts side by side took."""
    took: list[float] = []

    def one() -> None:
        start = time.monotonic()
        try:
            write(actor)
            took.append(time.monotonic() - start)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(15)
    return took


def test_an_act_left_open_before_its_events_holds_nobody() -> None:
    write(NADIA)
    with transaction.atomic():
        ContentType.objects.create(app_label="r09", model="idle")  # the coffee break of a page
        took = in_threads(NADIA, 12)
    assert len(took) == 12
    assert verify.verify(str(TERRITORY)).size == 13


def test_a_territory_never_waits_for_another() -> None:
    write(NADIA)
    write(ELSEWHERE)
    with transaction.atomic():
        _lock([str(TERRITORY)])  # the worst moment to stop: the head itself
        took = in_threads(ELSEWHERE, 8)
    assert len(took) == 8
    assert verify.verify(str(OTHER_TERRITORY)).size == 9
