"""The quick reading of a stretch: the same bytes as the reference, and never the last word."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from casework import audit
from casework.audit import quick, verify
from casework.audit.append import append, entry
from casework.audit.tree import Frontier
from tests.audit.bench import NADIA, TERRITORY, events, fill, superuser

pytestmark = pytest.mark.django_db(databases="__all__")

LOG = str(TERRITORY)
NOBODY = replace(NADIA, agent_id=None, organisation_id=None, mandate_id=None, session_ref="", net_prefix="")
ODD = replace(NADIA, session_ref="é\n", request_id="x" * 80, net_prefix="2001:db8::/48")
SEVERAL = frozenset(UUID(int=number) for number in range(1, 4))


def some_of_every_kind() -> None:
    cases: list[dict[str, Any]] = [
        {"actor": NADIA, "subjects": frozenset({uuid4()}), "classes": frozenset({"youth_card"})},
        {"actor": NOBODY},
        {"actor": ODD, "subjects": SEVERAL, "classes": frozenset({"youth_card", "youth_identity"}), "n": 70_000},
        {"actor": NADIA, "why": "close", "purpose": "review", "module": "minors", "outcome": "denied"},
        {"actor": NADIA, "subjects": SEVERAL, "act": audit.Act.MISS, "object_type": "/situations/<uuid:pk>/"},
    ]
    with transaction.atomic():
        append(
            [
                entry(case.pop("actor"), case.pop("act", audit.Act.VIEW), territory_id=TERRITORY, **case)
                for case in cases
            ]
        )
        long = entry(NADIA, audit.Act.CREATE, territory_id=TERRITORY, object_ref="ab" * 16)
        append([replace(long, columns_version=400, state_digest=b"\x07" * 300)])


def test_it_encodes_what_the_driver_gives_as_the_reference_encodes_the_event() -> None:
    some_of_every_kind()
    encode = quick._Encoder(LOG).encode
    read = [encode(row)[1] for row in quick._rows(LOG, 0, 99)]
    assert read == [event.content().encode() for event in events()]


def test_a_whole_log_is_read_quickly_to_its_end() -> None:
    some_of_every_kind()
    fill(3, n=2)
    with transaction.atomic():
        append([entry(NADIA, audit.Act.VIEW, territory_id=TERRITORY, subjects=frozenset(uuid4() for _ in range(200)))])
    frontier = Frontier()
    stretch = quick.read(LOG, frontier, len(events()) - 1)
    assert stretch is not None
    assert (frontier.size, stretch.roots[-1]) == (len(events()), bytes(events()[-1].root))
    assert quick.read(LOG, frontier, frontier.size - 1) is None


@pytest.mark.parametrize(
    "change",
    [
        "leaf = root",
        "root = leaf",
        "role = 'dpo'",
        "salt = NULL",
        "act = 'purge'",
        "idx = -1",
        "n = 5",
        "purged_by = 0",
    ],
)
@pytest.mark.attack("T-24")
def test_what_is_out_of_the_ordinary_is_left_to_the_walk(change: str) -> None:
    fill(5)
    with superuser() as cursor:
        cursor.execute(f"UPDATE audit_auditevent SET {change} WHERE idx = 3 AND log = %s", [LOG])
    frontier = Frontier()
    assert quick.read(LOG, frontier, 4) is None
    assert (frontier.size, frontier.hashes) == (0, [])
    assert not verify.verify(LOG).ok


def test_a_line_missing_in_the_index_of_persons_is_left_to_the_walk() -> None:
    fill(3)
    with superuser() as cursor:
        cursor.execute("DELETE FROM audit_auditsubject WHERE event_id = %s", [events()[1].pk])
    assert quick.read(LOG, Frontier(), 2) is None
    report = verify.verify(LOG)
    assert report.fault == verify.Fault("subjects", 1)
