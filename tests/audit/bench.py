"""What the tests of the journal share: an actor, and the hands of a database superuser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from casework import audit
from casework.audit import triggers
from casework.audit.models import AuditEvent, AuditHead
from casework.audit.tree import Frontier

TERRITORY = UUID("11111111-1111-4111-8111-111111111111")
OTHER_TERRITORY = UUID("22222222-2222-4222-8222-222222222222")

NADIA = audit.Actor(
    agent_id=UUID("aaaaaaaa-0000-4000-8000-000000000001"),
    organisation_id=UUID("bbbbbbbb-0000-4000-8000-000000000001"),
    mandate_id=UUID("cccccccc-0000-4000-8000-000000000001"),
    territory_id=TERRITORY,
    role="pjj",
    session_ref="session-nadia",
    request_id="request-1",
    net_prefix="192.0.2.0/24",
)
SAMIR = replace(
    NADIA,
    agent_id=UUID("aaaaaaaa-0000-4000-8000-000000000002"),
    organisation_id=UUID("bbbbbbbb-0000-4000-8000-000000000002"),
    mandate_id=UUID("cccccccc-0000-4000-8000-000000000002"),
    role="outreach",
    session_ref="session-samir",
)


def fill(count: int, actor: audit.Actor = NADIA, **fields: Any) -> list[UUID]:
    """Append events one by one, each about a new person; return the persons."""
    subjects = [uuid4() for _ in range(count)]
    for subject in subjects:
        audit.record(actor, audit.Act.CHANGE, subjects=[subject], classes=["youth_card"], **fields)
    return subjects


def events(log: UUID | str = TERRITORY) -> list[AuditEvent]:
    """Return the events of one log, in order."""
    return list(AuditEvent.objects.filter(log=str(log)).order_by("idx", "id"))


@contextmanager
def superuser() -> Iterator[Any]:
    """Yield a cursor of somebody who may drop the triggers, and puts them back."""
    settle()
    triggers.remove(connection)
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        settle()
        triggers.install(connection)


def settle() -> None:
    """Let PostgreSQL check what it had put off: it alters no table before."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def rebuild(log: str, first: int, *, head: bool = False) -> None:
    """Recompute leaves and roots from an index on, as a clever forger would; the head too if asked."""
    frontier = Frontier()
    with superuser() as cursor:
        for event in events(log):
            leaf = event.content().leaf()
            root = frontier.append(leaf)
            if event.idx >= first:
                cursor.execute("UPDATE audit_auditevent SET leaf = %s, root = %s WHERE id = %s", [leaf, root, event.pk])
        if head:
            cursor.execute(
                "UPDATE audit_audithead SET size = %s, frontier = %s, root = %s WHERE log = %s",
                [frontier.size, frontier.pack(), frontier.root(), log],
            )


def head() -> AuditHead:
    """Return the head of the territory of the tests."""
    return AuditHead.objects.get(pk=str(TERRITORY))
