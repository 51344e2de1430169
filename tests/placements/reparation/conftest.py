"""A host open to minors in a fresh database."""

from __future__ import annotations

import pytest

from tests.hosts import setting as hosts
from tests.people import People
from tests.placements.reparation.setting import Setting


@pytest.fixture
def town(people: People) -> Setting:
    """A post for minors at the Régie, managed by its agent, and the helpers of setting.py."""
    catalogue = hosts.build(people)
    return Setting(catalogue, catalogue.listed(audience="minors", places=3))
