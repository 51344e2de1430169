"""What the tests of the dashboard share."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.utils import timezone

from casework.indicators.releases import activity
from tests.indicators.quarters.setting import Setting


@pytest.fixture
def town(people):
    return Setting(people, timezone.now())


@pytest.fixture
def counted(monkeypatch):
    """Return a way to say what this system counts of a quarter."""

    def say(**changes):
        values = {
            "sessions": 3, "examinations": 21, "decisions": 30, "decisions_done": 17, "decisions_late": None,
            "attendance": (SimpleNamespace(convened=9, present=8), SimpleNamespace(convened=6, present=5)),
            "posts_listed": 9, "half_days_used": 44, "tig_hours": 120, "pupil_half_days": 12,
        }  # fmt: skip
        monkeypatch.setattr(activity, "of_quarter", lambda *_: SimpleNamespace(**(values | changes)))

    return say
