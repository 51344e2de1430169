"""Who opened a file: by day, organisation and role; never by name."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework import audit
from casework.audit import Act, Opening, Purpose
from tests.audit.bench import NADIA, SAMIR, fill

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.rule("LOG-01", "GDP-10")]


def test_reads_and_writes_of_one_person_by_day_last_first() -> None:
    person, other = uuid4(), uuid4()
    with (
        audit.pinned_clock(datetime(2026, 12, 7, 23, 30, tzinfo=UTC)),  # already the 8th in Paris
        audit.reading(NADIA, subjects=[person, other], classes=["youth_card"], purpose=Purpose.LISTING, act=Act.LIST),
    ):
        pass
    for _ in range(2):
        audit.record(SAMIR, Act.CHANGE, subjects=[person], classes=["youth_review"], purpose=Purpose.REVIEW)
    audit.record(SAMIR, Act.VIEW, outcome="denied", subjects=[person])
    last, first = audit.who_opened(person)
    assert first == Opening(date(2026, 12, 8), NADIA.organisation_id, "pjj", "list", ("youth_card",), "listing")
    assert (last.organisation_id, last.role, last.act) == (SAMIR.organisation_id, "outreach", "change")
    assert len(audit.who_opened(other)) == 1
    assert not {field.name for field in fields(Opening)} & {"agent_id", "actor_id", "mandate_id"}


def test_one_query_whatever_the_size_of_the_journal() -> None:
    person = fill(20)[0]
    with CaptureQueriesContext(connection) as queries:
        audit.who_opened(person, limit=5)
    assert len(queries) == 1


def test_it_is_an_index_lookup() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the plan of an empty PostgreSQL table says nothing")
    from casework.audit.models import AuditSubject

    plan = AuditSubject.objects.filter(subject_ref=b"\0" * 16).order_by("-event_id")[:5].explain()
    assert "audit_subject_ref" in plan
    assert "SCAN" not in plan
    assert "TEMP B-TREE" not in plan
