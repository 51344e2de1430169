"""A host, its post, its manager and its tutor in a fresh database."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils.timezone import localdate

from tests.instants import noon
from tests.people import People
from tests.placements.tig import setting
from tests.placements.tig.setting import Setting


@pytest.fixture
def place(people: People) -> Setting:
    """One place each half-day, and the helpers of setting.py."""
    return setting.build(people)


@pytest.fixture
def later() -> datetime:
    """A day on which every half-day of the plan is over."""
    return noon(localdate() + timedelta(days=200))
