"""The victim's side in a fresh database."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.people import People
from tests.vif.victims.setting import Setting


@pytest.fixture
def side(people: People) -> Setting:
    """The officer of the victim's side and the helpers of setting.py."""
    return Setting(people, timezone.now())
