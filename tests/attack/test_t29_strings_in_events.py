"""T-29: whatever a string holds, it makes one event, in canonical bytes, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from casework import audit
from casework.audit import Act, verify
from tests.audit.bench import NADIA, TERRITORY, events

pytestmark = [pytest.mark.attack("T-29"), pytest.mark.django_db(databases="__all__")]

NASTY = [
    "a\nb",
    "a\r\n2026-12-08 ok view",
    "\x00",
    "\x1b[2J",
    "\u202eevil",
    '{"act": "view"}',
    "%s %(x)s {0} ${jndi:x}",
    "'; DROP TABLE audit_auditevent; --",
    "é" * 300,
    "\ud800",
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("field", ["session_ref", "request_id", "net_prefix", "role"])
def test_strings_that_come_with_a_request(nasty: str, field: str) -> None:
    audit.record(replace(NADIA, **{field: nasty}), Act.SIGN_IN_FAILED, outcome="denied")
    (event,) = events()
    stored = getattr(event, field)
    assert stored.startswith("~") or stored == nasty
    assert stored.isascii()
    assert stored.isprintable()
    assert verify.verify(str(TERRITORY)).ok


@pytest.mark.parametrize("nasty", NASTY)
def test_ids_that_come_with_a_request_are_never_stored(nasty: str) -> None:
    audit.record(NADIA, Act.MISS, outcome="denied", object_type="followups:detail", object_ids=[nasty])
    (event,) = events()
    assert len(event.object_ref) == 32
    assert nasty not in repr(vars(event)) or nasty == "\x00"


@pytest.mark.parametrize("nasty", NASTY)
def test_a_strange_route_never_blocks_its_event(nasty: str) -> None:
    audit.record(NADIA, Act.MISS, outcome="denied", object_type=nasty)
    assert events()[0].object_type.startswith("~")


def test_two_strings_never_fold_to_the_same_event() -> None:
    for nasty in NASTY:
        audit.record(replace(NADIA, session_ref=nasty), Act.SIGN_IN_FAILED, outcome="denied")
    assert len({event.session_ref for event in events()}) == len(NASTY)


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("field", ["why", "outcome", "module"])
def test_codes_of_ours_must_be_codes(nasty: str, field: str) -> None:
    with pytest.raises(ValueError):
        audit.record(NADIA, Act.CHANGE, **{field: nasty})
    assert events() == []
