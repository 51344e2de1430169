"""How long after the end a return becomes known: rows of nobody, none under three hundred persons."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from casework import audit
from casework.audit.models import AuditEvent
from casework.indicators.releases.populations import times
from casework.placements.returns.models import ReturnAnswer
from casework.sealing import keys

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.rule("REC-20", "REC-21", "REC-23")]

ENDED = date(2023, 3, 1)


def answered(people, n: int, code: str, month: date | None = None, *, horizon: int = 24, kind: str = "tig") -> None:
    service = people.probation
    keys.ensure(service.pk)
    with audit.writing(audit.system_actor(people.territory.pk), now=timezone.now()):
        for _ in range(n):
            ReturnAnswer(
                subject_id=service.pk, territory=people.territory, organisation=service, kind=kind, month=ENDED,
                horizon=horizon, said={"answer": code, "month": month.isoformat() if month else ""},
            ).save(force_insert=True)  # fmt: skip


@pytest.mark.rule("SDC-05a")
def test_under_three_hundred_persons_nothing_is_told(people):
    answered(people, 40, "conviction", date(2023, 9, 1))
    answered(people, 259, "none_known")
    answered(people, 50, "unknown")
    assert times.of_territory(people.territory.pk) == times.Times(rows=(), unknown=())


def test_events_by_month_those_known_for_none_to_the_end_the_unknown_apart(people):
    answered(people, 30, "conviction", date(2023, 9, 1))
    answered(people, 10, "prosecution", date(2024, 2, 1))
    answered(people, 2, "alternative", date(2026, 2, 1))  # after the horizon
    answered(people, 260, "none_known")
    answered(people, 9, "unknown")
    answered(people, 99, "conviction", date(2023, 9, 1), horizon=12)
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    found = times.of_territory(people.territory.pk)
    assert found.rows == (
        times.Row("tig", 6, 30, 0), times.Row("tig", 11, 10, 0), times.Row("tig", 24, 0, 262),
    )  # fmt: skip
    assert found.unknown == (("tig", 9),)
    [event] = AuditEvent.objects.exclude(pk__in=before)
    assert (event.act, event.actor_id) == ("system", None)


def test_nobody_elsewhere_is_in_it(people):
    answered(people, 300, "none_known")
    assert not times.of_territory(people.elsewhere.pk).rows
