"""R-04, R-11: a database that is away, full or read-only gives a clean 503, no name, and the next request works."""

from __future__ import annotations

from contextlib import contextmanager, suppress

import pytest
from django.db import OperationalError, close_old_connections, connection, connections
from django.urls import reverse

from casework.audit import gate, verify
from casework.audit.models import AuditEvent
from tests.databases import read_only
from tests.followups.saisine_setting import refer
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)
ROUNDS = 8


@pytest.fixture
def town(people):
    """A situation on file, and the browser of who may read it."""
    follow_up = refer(people)
    client = client_for(people.coordinator)
    client.raise_request_exception = False
    return follow_up, client, reverse("followups:page", args=[follow_up.pk])


def is_clean(answer):
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert answer["Content-Security-Policy"]
    text = answer.content.decode()
    assert "Belkacem" not in text
    assert "Traceback" not in text


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone() if cursor.description else None


@contextmanager
def full():
    """Not one page more fits on the disk. SQLite only: PostgreSQL has no such switch for one session."""
    if connection.vendor != "sqlite":
        pytest.skip("the disk of a PostgreSQL server is a drill")
    run("CREATE TABLE filler (x BLOB)")
    run(f"PRAGMA max_page_count = {run('PRAGMA page_count')[0] + 4}")
    try:
        for size in (4000, 400, 40):
            with suppress(OperationalError):
                while True:
                    run(f"INSERT INTO filler VALUES (zeroblob({size}))")
        yield
    finally:
        run("PRAGMA max_page_count = 1073741823")
        run("DROP TABLE filler")


@pytest.mark.attack("R-11")
@pytest.mark.parametrize("trouble", [read_only, full])
def test_no_room_to_write_means_nothing_read_and_nothing_written(town, trouble, monkeypatch):
    _, client, page = town
    monkeypatch.setattr(gate, "_covered", lambda *args: False)  # each reading is told again
    before = told()
    with trouble():
        # A page of the file may have room left for a few events.
        answers = [client.get(page) for _ in range(30)]
        is_clean(answers[-1])
        shown = [answer for answer in answers if answer.status_code == 200]
        assert {answer.status_code for answer in answers} <= {200, 503}
        assert told() - before >= len(shown), "shown without being told"
    assert all(verify.verify(log).ok for log in verify.logs())
    assert "Belkacem" in client.get(page).content.decode(), "recovery without a restart"


def told():
    return AuditEvent.objects.filter(act="view").count()


@pytest.mark.attack("R-04")
def test_a_database_that_restarts_in_a_loop(town, monkeypatch):
    """Each request ends in its answer or in a clean 503; the next one works without a restart of ours."""
    _, client, page = town
    real, calls = gate.append, []

    def cut(*args, **kwargs):
        """The server goes away while the event is being written, every second time."""
        calls.append(1)
        if len(calls) % 2:
            if connection.vendor == "sqlite":
                raise OperationalError("disk I/O error")
            with connections["default"].copy().cursor() as other:
                pid = connection.connection.info.backend_pid
                other.execute("SELECT pg_terminate_backend(%s)", [pid])
                other.connection.close()
        return real(*args, **kwargs)

    monkeypatch.setattr(gate, "append", cut)
    seen = []
    for _ in range(ROUNDS):
        close_old_connections()  # what the server does before each request
        answer = client.get(page)
        seen.append(answer.status_code)
        if answer.status_code != 200:
            is_clean(answer)
            close_old_connections()
            assert "Belkacem" in client.get(page).content.decode()
    assert 503 in seen
    assert set(seen) <= {200, 503}
    assert all(verify.verify(log).ok for log in verify.logs())


@pytest.mark.attack("R-04")
def test_a_database_lost_between_two_requests_is_found_again(town):
    if connection.vendor != "postgresql":
        pytest.skip("a file does not hang up")
    _, client, page = town
    for _ in range(ROUNDS):
        pid = connection.connection.info.backend_pid
        other = connections["default"].copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        other.close()
        connection.health_check_enabled = True
        connection.health_check_done = False
        assert client.get(page).status_code == 200
