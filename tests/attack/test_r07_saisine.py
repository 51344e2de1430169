"""R-03, R-07 on the saisine: one person, one situation, one referral, whatever is sent twice or falls in between."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import reverse

from casework.audit.models import AuditEvent
from casework.errors import CaseworkError
from casework.minors.followups.models import (
    FollowedPerson,
    FollowUp,
    FollowUpGrant,
    LegalRepresentative,
    Notice,
    Referral,
)
from tests.followups.saisine_setting import refer, typed
from tests.people import People, client_for

pytestmark = [pytest.mark.django_db(databases="__all__")]
TABLES = (FollowedPerson, FollowUp, FollowUpGrant, LegalRepresentative, Notice, Referral)


def counts() -> list[int]:
    """Return how many rows each table holds."""
    return [model.objects.count() for model in TABLES]


@pytest.mark.attack("R-07")
@pytest.mark.rule("SIT-01")
def test_a_saisine_sent_three_times_is_one(people: People) -> None:
    client, form = client_for(people.mds), typed(origin="social_service")
    answers = [client.post(reverse("followups:refer"), form) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.url for answer in answers}) == 1
    assert counts()[:2] == [1, 1]
    assert Referral.objects.count() == 1
    other = client.post(reverse("followups:refer"), form | {"once": str(uuid.uuid4()), "last_name": "Autre"})
    assert other.status_code != 500
    assert FollowedPerson.objects.count() <= 2


class Cut(Exception):
    """The power fails."""


@pytest.mark.attack("R-03")
@pytest.mark.rule("LOG-01")
def test_a_crash_at_any_statement_of_a_saisine_leaves_nothing(people: People) -> None:
    refer(people, by="mds_lead")  # keys, permissions and codes of the first one exist

    def total() -> list[int]:
        return [*counts(), AuditEvent.objects.filter(act__in=("create", "grant")).count()]

    before, at = total(), 0
    while True:
        seen = 0

        def cut(execute: Any, sql: str, params: Any, many: bool, context: Any, at: int = at) -> Any:
            nonlocal seen
            if sql.startswith(("INSERT", "UPDATE")):
                seen += 1
                if seen == at + 1:
                    raise Cut
            return execute(sql, params, many, context)

        point = transaction.savepoint()
        try:
            with connection.execute_wrapper(cut):
                refer(people, by="mds_lead", last_name=f"Coupure{at}")
        except (Cut, CaseworkError):
            assert total() == before, at
            transaction.savepoint_rollback(point)
            at += 1
            continue
        break
    assert at > 5
    assert counts()[1] == before[1] + 1
