"""T-44: whoever opens file after file is stopped, and it is told; side by side too."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connections

from casework import audit
from casework.audit import Act, Purpose, watch
from casework.audit.models import AuditEvent
from casework.errors import TooManyReads
from tests.audit.bench import NADIA, SAMIR, events
from tests.databases import needs_processes

pytestmark = [pytest.mark.attack("T-44"), pytest.mark.django_db(databases="__all__")]

NOON = datetime(2026, 12, 8, 11, tzinfo=UTC)


def open_one(
    actor: audit.Actor = NADIA, purpose: Purpose = Purpose.REVIEW, act: Act = Act.VIEW, person: UUID | None = None
) -> None:
    """Open one file."""
    with audit.reading(actor, subjects=[person or uuid4()], classes=["youth_review"], purpose=purpose, act=act):
        pass


@pytest.fixture(autouse=True)
def _small(settings) -> None:
    settings.READ_CAP = 5


def test_sixty_in_ten_minutes_is_the_house_rule() -> None:
    from config import settings as house

    assert house.READ_CAP == 60


def test_one_file_too_many_opens_nothing_and_the_next_minutes_neither() -> None:
    with audit.pinned_clock(NOON):
        for _ in range(5):
            open_one()
    with audit.pinned_clock(NOON + timedelta(minutes=9)), pytest.raises(TooManyReads):
        open_one()
    assert len(events()) == 5  # the reading that did not happen is not told as one
    with audit.pinned_clock(NOON + timedelta(minutes=10)):
        open_one()


def test_the_same_file_again_counts_once() -> None:
    person = uuid4()
    for minute in range(9):
        with audit.pinned_clock(NOON + timedelta(minutes=minute)):
            open_one(replace(NADIA, session_ref=f"s{minute}"), person=person)


def test_another_session_or_function_of_the_same_agent_does_not_help() -> None:
    for number in range(5):
        open_one(replace(NADIA, session_ref=f"s{number}", mandate_id=uuid4()))
    with pytest.raises(TooManyReads):
        open_one(replace(NADIA, session_ref="other", mandate_id=uuid4()))
    open_one(SAMIR)


def test_prints_and_history_count_too() -> None:
    for act in (Act.PRINT, Act.HISTORY, Act.VIEW, Act.REVEAL, Act.EXPORT):
        open_one(act=act)
    with pytest.raises(TooManyReads):
        open_one(act=Act.PRINT)


def test_a_meeting_and_a_list_are_not_browsing() -> None:
    for _ in range(8):
        open_one(purpose=Purpose.SESSION)
    with audit.reading(
        NADIA, subjects=[uuid4() for _ in range(50)], classes=["youth_card"], purpose=Purpose.LISTING, act=Act.LIST
    ):
        pass
    open_one()


def test_the_refusal_is_an_alert() -> None:
    with audit.pinned_clock(NOON):
        audit.record(NADIA, Act.DENIED, outcome="denied", why="read_cap")
    found = watch.findings(events(), watch.Known())
    assert [(item.rule, item.actor_id) for item in found] == [(watch.Rule.CAP, NADIA.agent_id)]


def test_the_page_says_it_and_writes_it_down(people, settings) -> None:
    from django.urls import reverse

    from tests.people import client_for
    from tests.sessions.room_setting import build

    settings.READ_CAP = 60
    this = build(people, opened=False)
    client = client_for(people.coordinator)
    url = reverse("followups:page", args=[this.followed[0].pk])
    assert client.get(url).status_code == 200
    settings.READ_CAP = 0
    page = client_for(people.coordinator).get(url)
    assert page.status_code == 409
    said = page.content.decode()
    assert "c’est la limite" in said
    assert "Zzbelkacem" not in said
    assert AuditEvent.objects.filter(act="denied", why="read_cap", actor_id=people.coordinator.agent_id).count() == 1


@needs_processes
@pytest.mark.django_db(databases="__all__", transaction=True)
def test_requests_side_by_side_do_not_pass_together() -> None:
    open_one(SAMIR)  # the log exists
    outcomes: list[bool] = []

    def read() -> None:
        try:
            open_one(replace(NADIA, session_ref=str(uuid4())))
            outcomes.append(True)
        except TooManyReads:
            outcomes.append(False)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=read) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(outcomes) == 5
    assert len(outcomes) == 12
