"""R-09: nobody waits long behind a lock, and a transaction left open is ended by the server (PostgreSQL)."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from django.db import DatabaseError, OperationalError, connection, connections
from django.utils import timezone

from casework import audit
from casework.audit import Act
from casework.audit.models import AuditEvent
from config import settings as house
from tests.audit.bench import NADIA, OTHER_TERRITORY, TERRITORY

pytestmark = [
    pytest.mark.attack("R-09"),
    pytest.mark.django_db(databases="__all__", transaction=True),
]


def write(territory=TERRITORY):
    with audit.writing(replace(NADIA, territory_id=territory), now=timezone.now()) as w:
        w.note(Act.GRANT, None)


def test_house_limits():
    assert (house.LOCK_MS, house.IDLE_MS) == (3_000, 30_000)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer, and waits ten seconds for it")
@pytest.mark.parametrize("alias", ["default", "keystore"])
def test_every_session_has_them(alias):
    with connections[alias].cursor() as cursor:
        for name, value in (
            ("lock_timeout", "3s"),
            ("idle_in_transaction_session_timeout", "30s"),
            ("random_page_cost", "1.1"),
        ):
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone()[0] == value


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer, and waits ten seconds for it")
def test_a_transaction_left_open_stops_its_own_commune_for_three_seconds_and_no_other():
    write()
    write(OTHER_TERRITORY)
    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM audit_audithead WHERE log = %s FOR UPDATE", [str(TERRITORY)])
            started = time.monotonic()
            write(OTHER_TERRITORY)
            assert time.monotonic() - started < 1
            with pytest.raises(OperationalError):
                write()
            assert time.monotonic() - started < 6
            cursor.execute("ROLLBACK")
    finally:
        other.close()
    before = AuditEvent.objects.count()
    write()
    assert AuditEvent.objects.count() == before + 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer, and waits ten seconds for it")
def test_a_transaction_left_idle_is_ended_by_the_server():
    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SET idle_in_transaction_session_timeout = 200")
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1")
            time.sleep(1)
            with pytest.raises(DatabaseError):
                cursor.execute("SELECT 1")
    finally:
        other.close()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a server of its own decides its durability")
def test_sqlite_waits_for_the_disk():
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone()[0] == 2
