"""A school, a host, a convention in force and announced weeks in a fresh database."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.exclusions import setting
from tests.exclusions.setting import Setting
from tests.people import People


@pytest.fixture
def town(people: People) -> Setting:
    """The helpers of setting.py around one school and one host."""
    return setting.build(people, timezone.now())
