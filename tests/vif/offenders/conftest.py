"""The author's side of the association in a fresh database."""

from __future__ import annotations

import pytest

from tests.people import People
from tests.vif.offenders import setting
from tests.vif.offenders.setting import Setting


@pytest.fixture
def side(people: People) -> Setting:
    """The officer of the cast, a colleague, the head of the service."""
    return setting.build(people)
