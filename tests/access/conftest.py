"""Tables of the probe model, for the modules that ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.access import probe


@pytest.fixture(scope="module")
def probe_tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Make the probe's tables for one module."""
    with django_db_blocker.unblock():
        made = probe.tables()
        made.__enter__()
    yield
    with django_db_blocker.unblock():
        made.__exit__(None, None, None)
