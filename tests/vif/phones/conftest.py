"""A victim's support and a stock of devices in a fresh database."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.people import People
from tests.vif.phones.setting import Setting


@pytest.fixture
def town(people: People) -> Setting:
    """The victim's side with helpers for phones (setting.py)."""
    return Setting(people, timezone.now())
