"""Nobody enters, comes back to, or goes on in a follow-up at 25 (RET-03)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from casework.casefile.lifecycle import Context
from casework.errors import GuardRefused
from casework.minors.followups import states
from casework.minors.followups.codes import Stage

pytestmark = pytest.mark.rule("RET-03")


def context(now: datetime) -> Context:
    return Context(by=None, now=now, origin=Stage.INFORMED, to=Stage.FOLLOWED)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "refused"),
    [
        (datetime(2026, 11, 21, 22, 59, tzinfo=UTC), False),  # the evening before, in Paris
        (datetime(2026, 11, 21, 23, 0, tzinfo=UTC), True),  # midnight of the birthday, in Paris
        (datetime(2027, 3, 1, 12, 0, tzinfo=UTC), True),
    ],
)
def test_the_25th_birthday_closes_the_door(monkeypatch, now, refused):
    monkeypatch.setattr(states, "born_on", lambda follow_up: date(2001, 11, 22))
    if refused:
        with pytest.raises(GuardRefused):
            states.person_is_under_limit(object(), context(now))
    else:
        states.person_is_under_limit(object(), context(now))


@pytest.mark.parametrize("origin", [Stage.REFERRED, Stage.INFORMED, Stage.SUSPENDED])
def test_every_way_into_follow_up_asks_the_age(origin):
    assert states.person_is_under_limit in states.LIFECYCLE.find(origin, Stage.FOLLOWED).guards
