"""What the tests of the dashboard share."""

from __future__ import annotations

import pytest
from django.utils import timezone

from casework.indicators.quarters import own
from tests.indicators.quarters.setting import Setting


@pytest.fixture
def town(people):
    return Setting(people, timezone.now())


@pytest.fixture(autouse=True)
def _own_figures():
    """Whatever a test lets this system count ends with it."""
    standing = list(own._sources)
    yield
    own._sources[:] = standing
