"""T-36: rows written or changed by SQL are found every night, whatever the table."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from casework.access import sealed_rows
from casework.access.duty.models import Standing, StandingKind
from casework.audit.models import AuditEvent
from casework.casefile import daily
from casework.partners import genuine
from casework.partners.checks import accounts_are_sealed
from casework.partners.models import Agent, Mandate
from tests.people import People

pytestmark = [pytest.mark.attack("T-36"), pytest.mark.django_db(databases="__all__", transaction=True)]


def test_every_night_each_seal_is_looked_at(people: People) -> None:
    now = timezone.now()
    genuine.forget_what_was_told()
    assert sealed_rows.check(now) == 0
    Mandate.objects.filter(pk=people.aemo.pk).update(is_service_lead=True)
    Standing.objects.create(
        territory=people.territory, mandate=people.pjj, kind=StandingKind.DUTY, starts_at=now,
        ends_at=now + timedelta(days=1), named_by=uuid.uuid4(),
    )  # fmt: skip
    Standing.objects.update(ends_at=now + timedelta(days=99))
    assert sealed_rows.check(now) == 2
    told = set(AuditEvent.objects.filter(act="integrity_fail").values_list("object_type", flat=True))
    assert told == {"partners.mandate", "access.standing"}
    assert "access.seals" in daily.steps()


def test_no_table_that_gives_access_is_forgotten() -> None:
    names = {model._meta.label for model in sealed_rows.models()}
    assert {
        "access.AccessRequest", "access.Approval", "access.Episode", "access.Exclusion", "access.ProtectedAddress",
        "access.Standing", "followups.FollowUpGrant", "partners.Agent", "partners.GroupMembership",
        "partners.GroupRules", "partners.Mandate", "partners.Seat",
    } <= names  # fmt: skip


def test_a_base_made_before_the_seals_says_so_and_one_row_without_is_a_forgery(people: People) -> None:
    def found() -> list[str | None]:
        return [message.id for message in accounts_are_sealed(databases=["default"])]

    assert found() == []
    assert accounts_are_sealed(databases=None) == []
    Agent.objects.filter(pk=people.pjj.agent_id).update(mac=b"")
    assert found() == []
    Agent.objects.update(mac=b"")
    assert found() == ["partners.E001"]
    (told,) = accounts_are_sealed(databases=["default"])
    assert told.hint is not None
    assert (Path(__file__).resolve().parents[2] / told.hint.rpartition(" ")[2].rstrip(".")).with_suffix(".md").exists()
