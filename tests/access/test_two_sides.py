"""ACL-06: one person never acts on both sides of couple violence, in one territory or in two, whoever writes the row."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from casework.partners.codes import Role
from casework.partners.models import Mandate
from tests.people import People

pytestmark = [pytest.mark.rule("ACL-06"), pytest.mark.django_db(databases="__all__")]

DAY = timedelta(days=1)


def hold(people: People, role: Role, now: datetime, start: int, end: int | None, **changes: Any) -> Mandate:
    """Write a function of the agent on the offender's side, in days from now, past every action."""
    values: dict[str, Any] = {
        "agent": people.apers_offender.agent, "organisation": people.supervision, "territory": people.territory,
        "role": role, "starts_at": now + start * DAY, "ends_at": None if end is None else now + end * DAY,
    }  # fmt: skip
    return Mandate.objects.create(**(values | changes))


@pytest.mark.parametrize(("start", "end"), [(0, None), (-400, None), (-400, -89), (5, 6), (-91, -89)])
def test_the_database_refuses_the_other_side_at_the_same_time(people: People, start: int, end: int | None) -> None:
    now = timezone.now()
    with pytest.raises(DatabaseError), transaction.atomic():
        hold(people, Role.APERS_VICTIM, now, start, end)


def test_nor_in_bulk_nor_by_a_change(people: People) -> None:
    now = timezone.now()
    other = hold(people, Role.APERS_VICTIM, now, 0, None, agent=people.idle)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE partners_mandate SET agent_id = %s WHERE id = %s",
            [_key(people.apers_offender.agent_id), _key(other.pk)],
        )
    held = people.apers_offender
    with pytest.raises(DatabaseError), transaction.atomic():
        Mandate.objects.bulk_create(
            [Mandate(agent=held.agent, organisation=people.supervision, territory=people.territory,
                     role=Role.APERS_VICTIM, starts_at=now)]
        )  # fmt: skip


def test_two_territories_are_no_way_round(people: People) -> None:
    """The same couple is known in the ressort and in the town, or in two ressorts (ADR 37)."""
    now = timezone.now()
    with pytest.raises(DatabaseError), transaction.atomic():
        hold(people, Role.APERS_VICTIM, now, 0, None, territory=people.elsewhere)
    hold(people, Role.APERS_OFFENDER, now, 0, None, territory=people.elsewhere)  # the same side, in two places


def test_one_after_the_other_or_another_role_is_possible(people: People) -> None:
    now = timezone.now()
    hold(people, Role.APERS_VICTIM, now, -400, -91)
    hold(people, Role.APERS_OFFENDER, now, 0, None)
    hold(people, Role.APERS_VICTIM, now, 0, None, agent=people.idle)
    hold(people, Role.HOST, now, 0, None)


def _key(value: Any) -> str:
    return value.hex if connection.vendor == "sqlite" else str(value)
