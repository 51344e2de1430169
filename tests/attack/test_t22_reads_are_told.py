"""T-22, the machinery: what a session may open is always told by a committed event of its last fifteen minutes.

The crawl of the routes is in the tests of each subject; here random reads at random times.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from casework import audit
from casework.audit import Act, Purpose
from casework.audit.models import AuditEvent
from casework.casefile.models import Draft
from casework.errors import Unaudited
from casework.sealing import gate as sealing_gate
from casework.sealing import keys
from casework.sealing.keyring import Ring
from tests.audit.bench import NADIA, SAMIR

pytestmark = [pytest.mark.attack("T-22"), pytest.mark.django_db(databases="__all__")]

PEOPLE = [UUID(int=number) for number in range(1, 9)]
CLASSES = ["youth_card", "youth_identity", "youth_review"]


def told(actor: audit.Actor, purpose: Purpose, at: datetime) -> set[tuple[str, str]]:
    """Return the (person, class) pairs told for this session, viewer and purpose in the last fifteen minutes."""
    recent = AuditEvent.objects.filter(
        session_ref=actor.session_ref,
        actor_id=actor.agent_id,
        purpose=purpose.value,
        ts__gt=at - timedelta(minutes=15),
        ts__lte=at,
        outcome="ok",
    )
    return {(ref.hex(), name) for event in recent for ref in event.refs() for name in event.classes}


@pytest.mark.parametrize("seed", range(6))
def test_openable_pairs_are_always_told(seed: int) -> None:
    random = Random(seed)
    at = datetime(2026, 12, 8, 8, tzinfo=UTC)
    for _ in range(40):
        at += timedelta(seconds=random.choice([1, 60, 400, 899, 900]))
        actor = random.choice([NADIA, SAMIR])
        purpose = random.choice([Purpose.REVIEW, Purpose.SESSION])
        subjects = random.sample(PEOPLE, random.randint(1, 4))
        classes = random.sample(CLASSES, random.randint(1, 2))
        with (
            audit.pinned_clock(at),
            audit.reading(
                actor, subjects=subjects, classes=classes, purpose=purpose, act=random.choice([Act.VIEW, Act.LIST])
            ),
        ):
            openable = {
                (audit.subject_ref(person), name)
                for person in PEOPLE
                for name in CLASSES
                if sealing_gate.covers(person, name)
            }
        assert openable == {(audit.subject_ref(person), name) for person in subjects for name in classes}
        assert openable <= told(actor, purpose, at)
    assert AuditEvent.objects.exists()


def test_nothing_is_openable_after_an_error_in_the_body() -> None:
    with (
        pytest.raises(LookupError),
        audit.reading(NADIA, subjects=PEOPLE[:1], classes=CLASSES, purpose=Purpose.REVIEW),
    ):
        raise LookupError
    assert not sealing_gate.covers(PEOPLE[0], CLASSES[0])


def test_the_decryptor_itself_opens_nothing_that_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 12, 8, 8, tzinfo=UTC)
    ours, theirs = uuid4(), uuid4()
    keys.ensure(ours, theirs)
    for subject in (ours, theirs):
        Draft(
            id=uuid4(), subject_id=subject, mandate_id=subject, form_key="t22", payload={"text": "x"},
            created_at=now, updated_at=now,
        ).save()  # fmt: skip
    mine, other = (Draft.objects.get(subject_id=subject) for subject in (ours, theirs))
    trace: set[tuple[str, str]] = set()
    opens = Ring.open

    def traced(ring: Ring, field: Any, record: UUID, subject: UUID, blob: bytes) -> str | None:
        text = opens(ring, field, record, subject, blob)
        trace.add((audit.subject_ref(subject), field.data_class))
        return text

    monkeypatch.setattr(Ring, "open", traced)
    with audit.pinned_clock(now):
        with pytest.raises(Unaudited):
            _ = mine.payload
        with audit.reading(NADIA, subjects=[ours], classes=["draft"], purpose=Purpose.PREPARATION):
            assert mine.payload == {"text": "x"}
            with pytest.raises(Unaudited):
                _ = other.payload
        with pytest.raises(Unaudited):
            _ = mine.payload
    assert trace == {(audit.subject_ref(ours), "draft")}
    assert trace <= told(NADIA, Purpose.PREPARATION, now)
