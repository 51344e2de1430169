"""The watch rules: each alone, at its threshold, and silent one below it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from casework import audit
from casework.audit import Act, Purpose, refs, watch
from casework.audit.models import AuditAlert
from casework.audit.watch import Finding, Known, Rule
from tests.audit.bench import NADIA, SAMIR, TERRITORY, events

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.rule("LOG-01")]

DAY = date(2026, 12, 8)
NOON = datetime(2026, 12, 8, 11, tzinfo=UTC)
YANIS, LEA = UUID(int=11), UUID(int=12)


def read(
    actor: audit.Actor = NADIA,
    *people: UUID,
    at: datetime = NOON,
    purpose: Purpose = Purpose.REVIEW,
    act: Act = Act.VIEW,
    classes: tuple[str, ...] = ("youth_review",),
) -> None:
    """Append one reading."""
    with audit.pinned_clock(at):
        audit.record(actor, act, subjects=people or [uuid4()], classes=classes, purpose=purpose)


def seen(rule: Rule, known: Known | None = None) -> list[Finding]:
    """Return what one rule says of all the events."""
    heard = known or Known(agenda=frozenset((ref, DAY) for event in events() for ref in event.refs()))
    return [item for item in watch.findings(events(), heard) if item.rule == rule]


@pytest.mark.parametrize(("hour", "told"), [(4, True), (5, False), (20, False), (21, True)])  # UTC: one hour less
def test_a_reading_at_night_is_told(hour: int, told: bool) -> None:
    read(NADIA, YANIS, at=NOON.replace(hour=hour))
    found = seen(Rule.NIGHT)
    assert bool(found) is told
    if told:
        assert (found[0].actor_id, found[0].n) == (NADIA.agent_id, 1)


def test_more_than_twenty_files_in_an_hour() -> None:
    for number in range(20):
        read(at=NOON + timedelta(minutes=2 * number))
    assert seen(Rule.MANY_FILES) == []
    read(at=NOON + timedelta(minutes=59))
    (found,) = seen(Rule.MANY_FILES)
    assert found.n == 21


def test_twenty_one_files_in_more_than_an_hour_or_in_a_meeting_are_fine() -> None:
    for number in range(21):
        read(at=NOON + timedelta(minutes=3 * number))
        read(SAMIR, at=NOON, purpose=Purpose.SESSION)
        read(SAMIR, at=NOON, purpose=Purpose.PREPARATION)
    assert seen(Rule.MANY_FILES) == []


def test_one_file_read_again_counts_once_and_lists_do_not_count() -> None:
    for number in range(30):
        read(NADIA, YANIS, at=NOON + timedelta(minutes=number))
        read(NADIA, *(uuid4() for _ in range(5)), at=NOON, act=Act.VIEW)
        read(NADIA, at=NOON, act=Act.LIST)
    assert seen(Rule.MANY_FILES) == []


def test_one_file_opened_by_three_services_in_a_day() -> None:
    third = replace(NADIA, agent_id=UUID(int=3), organisation_id=UUID(int=33))
    read(NADIA, YANIS)
    read(SAMIR, YANIS)
    none = Known()
    assert seen(Rule.THREE_SERVICES, none) == []
    read(replace(NADIA, agent_id=UUID(int=4)), YANIS)  # a colleague of the first
    assert seen(Rule.THREE_SERVICES, none) == []
    read(third, YANIS)
    (found,) = seen(Rule.THREE_SERVICES, none)
    assert (found.actor_id, found.n, found.refs) == (None, 3, (bytes.fromhex(refs.subject_ref(YANIS)),))
    assert seen(Rule.THREE_SERVICES) == []  # heard that day


def test_reading_outside_every_agenda() -> None:
    ref = bytes.fromhex(refs.subject_ref(YANIS))
    read(NADIA, YANIS)

    def told(day: date) -> bool:
        return bool(seen(Rule.OUTSIDE_AGENDA, Known(agenda=frozenset({(ref, day)}))))

    assert seen(Rule.OUTSIDE_AGENDA, Known())
    assert not told(DAY + watch.AGENDA_BEFORE)
    assert told(DAY + watch.AGENDA_BEFORE + timedelta(days=1))
    assert not told(DAY - watch.AGENDA_AFTER)
    assert told(DAY - watch.AGENDA_AFTER - timedelta(days=1))
    assert seen(Rule.OUTSIDE_AGENDA, Known(coordinators=frozenset({NADIA.role}))) == []


def test_who_worked_on_a_file_had_a_reason_to_open_it() -> None:
    read(NADIA, YANIS)
    with audit.pinned_clock(NOON):
        audit.record(NADIA, Act.CHANGE, subjects=[YANIS])
        audit.record(NADIA, Act.CHANGE, subjects=[LEA], outcome="denied")
    read(NADIA, LEA)
    (found,) = seen(Rule.OUTSIDE_AGENDA, Known())
    assert found.refs == (bytes.fromhex(refs.subject_ref(LEA)),)


def test_the_file_of_a_namesake() -> None:
    read(NADIA, YANIS, LEA)
    read(SAMIR, YANIS)
    ref = bytes.fromhex(refs.subject_ref(YANIS))
    (found,) = seen(Rule.OWN_NAME, Known(own_name=frozenset({(NADIA.agent_id, ref)})))
    assert (found.actor_id, found.refs) == (NADIA.agent_id, (ref,))


def test_a_protected_address_shown() -> None:
    read(act=Act.REVEAL)
    assert seen(Rule.REVEAL) == []
    read(act=Act.REVEAL, classes=("vif_location",))
    assert len(seen(Rule.REVEAL)) == 1


def test_pages_refused_in_series() -> None:
    for _ in range(9):
        audit.record(NADIA, Act.MISS, outcome="denied")
    assert seen(Rule.MISSES) == []
    audit.record(NADIA, Act.MISS, outcome="denied")
    assert [item.n for item in seen(Rule.MISSES)] == [10]


def test_altered_data_is_told() -> None:
    audit.record(None, Act.INTEGRITY_FAIL, territory_id=TERRITORY, outcome="error")
    assert len(seen(Rule.FORGED)) == 1


@pytest.mark.rule("LOG-06")
def test_findings_are_kept_once_and_never_changed() -> None:
    found = [Finding(Rule.NIGHT, NADIA.agent_id, NADIA.organisation_id, (b"\1" * 16,), 1)]
    assert watch.keep(str(TERRITORY), DAY, found, NOON) == 1
    assert watch.keep(str(TERRITORY), DAY, found, NOON) == 0
    assert watch.keep(str(TERRITORY), DAY + timedelta(days=1), found, NOON) == 1
    with pytest.raises(Exception, match="append-only"):
        AuditAlert.objects.all().delete()
