"""The journal only grows: neither the ORM nor plain SQL changes it (LOG-04)."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from casework.audit.models import AppendOnly, AuditEvent, AuditSubject
from tests.audit.bench import events, fill

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.rule("LOG-04")]


def test_the_orm_refuses() -> None:
    fill(1)
    (event,) = events()
    for refused in (
        event.save,
        event.delete,
        AuditEvent.objects.create,
        lambda: AuditEvent.objects.update(n=1),
        AuditEvent.objects.all().delete,
        lambda: AuditEvent.objects.bulk_update([event], ["n"]),
        lambda: AuditSubject.objects.update(subject_ref=b""),
        AuditSubject.objects.all().delete,
    ):
        with pytest.raises(AppendOnly):
            refused()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET n = 5",
        "DELETE FROM audit_auditevent",
        "UPDATE audit_auditsubject SET event_id = event_id",
        "DELETE FROM audit_auditsubject",
        "DELETE FROM audit_audithead",
        "UPDATE audit_audithead SET size = 0",
        "UPDATE audit_audithead SET log = 'installation'",
    ],
)
def test_the_database_refuses(statement: str) -> None:
    fill(2)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert len(events()) == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
@pytest.mark.parametrize("table", ["audit_auditevent", "audit_auditsubject", "audit_audithead"])
def test_the_database_refuses_truncate(table: str) -> None:
    fill(1)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")
