"""R-07: one form sent many times, at once or after any crash: one row, one event, one answer."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from casework import audit
from casework.audit.models import AuditEvent
from casework.casefile import once
from casework.partners.models import Territory
from tests.attack import crowd
from tests.casefile.support import NADIA, NOW, post

pytestmark = [pytest.mark.attack("R-07"), pytest.mark.django_db(databases="__all__", transaction=True)]

TOKEN = "12345678-1234-4234-8234-123456789abc"


def test_twenty_at_once() -> None:
    seen = crowd.run("submits")
    assert (seen["rows"], seen["events"]) == (1, 1)
    assert len(seen["answers"]) == 1
    assert seen["answers"][0].startswith("302 /colis/")


class Crash(BaseException):
    """The process stops here."""


def crash_at(at: int) -> Any:
    """Return a wrapper that stops the process before its n-th statement."""
    left = at

    def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        if not sql.startswith("BEGIN"):
            left -= 1
            if left == 0:
                raise Crash
        return run(sql, params, many, context)

    return execute


def open_town() -> None:
    """Any act: one row, one event."""
    with audit.writing(NADIA, now=NOW) as w:
        w.note(audit.Act.CREATE, Territory.objects.create(kind="commune", name="Miramont", prefix="MIR"))


def send() -> str:
    """Send the form; return where it leads."""
    return once.run(post(once=TOKEN), open_town, to="/villes/mir")["Location"]


def test_sent_again_after_a_crash_at_any_statement() -> None:
    for at in range(1, 60):
        try:
            with connection.execute_wrapper(crash_at(at)):
                send()
        except Crash:
            crashed = True
        else:
            crashed = False
        assert send() == "/villes/mir"
        assert Territory.objects.count() == 1
        assert AuditEvent.objects.filter(act="create").count() == at
        if not crashed:
            break
        Territory.objects.all().delete()
        once.OnceToken.objects.all().delete()
    else:
        pytest.fail("no act takes sixty statements")
    assert at > 8
