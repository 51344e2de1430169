"""R-03, small: a crash at any statement of a write or of a read leaves all of it or nothing."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone

from casework import audit
from casework.audit import Act, Purpose, verify
from casework.audit.models import AuditEvent
from tests.audit.bench import NADIA, OTHER_TERRITORY, TERRITORY

pytestmark = [pytest.mark.attack("R-03"), pytest.mark.django_db(databases="__all__", transaction=True)]


class Crash(BaseException):
    """The process stops here."""


class CrashAt:
    """Crash before or after the n-th statement."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.left, self.after = at, after

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("BEGIN"):  # Django has not taken note yet: no transaction to end
            return execute(sql, params, many, context)
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Crash
        result = execute(sql, params, many, context)
        if self.left == 0:
            raise Crash
        return result


def write() -> None:
    """Write one row and two events, in two logs."""
    with audit.writing(NADIA, now=timezone.now()) as w:
        row = ContentType.objects.create(app_label="bench", model=str(uuid4()))
        w.note(Act.CREATE, row, subjects=[uuid4()])
        w.note(Act.GRANT, None, territory_id=OTHER_TERRITORY)


def read() -> None:
    """Read somebody never read before."""
    with audit.reading(NADIA, subjects=[uuid4()], classes=["youth_card"], purpose=Purpose.REVIEW):
        pass


def whole(reads: int) -> None:
    """Check the invariants: events = rows and reads, both trees verify."""
    rows = ContentType.objects.filter(app_label="bench").count()
    assert AuditEvent.objects.filter(act="create").count() == rows
    assert AuditEvent.objects.filter(act="grant").count() == rows
    assert AuditEvent.objects.filter(act="view").count() == reads
    assert all(report.ok for report in verify.verify_all())
    assert verify.verify_rows() == (rows, [])


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("first", [True, False], ids=["empty", "filled"])
def test_all_or_nothing(after: bool, first: bool) -> None:
    if not first:
        write()
        read()
    reads = AuditEvent.objects.filter(act="view").count()
    crashes = 0
    for act in (write, read):
        for at in range(1, 40):
            try:
                with connection.execute_wrapper(CrashAt(at, after=after)):
                    act()
            except Crash:
                crashes += 1
                whole(reads)
            else:
                reads += act is read
                whole(reads)
                break
        else:
            pytest.fail("no act takes forty statements")
    assert crashes > 9
    assert AuditEvent.objects.filter(log=str(TERRITORY)).exists()
