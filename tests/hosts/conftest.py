"""A catalogue in a fresh database."""

from __future__ import annotations

import pytest

from tests.hosts.setting import Catalogue, build
from tests.people import People


@pytest.fixture
def catalogue(people: People) -> Catalogue:
    """Local lists, and the helpers of setting.py."""
    return build(people)
