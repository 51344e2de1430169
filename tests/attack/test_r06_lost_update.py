"""R-06: twenty browsers edit one record at once: one success, nineteen conflicts, nothing lost."""

from __future__ import annotations

import pytest

from tests.attack import crowd

pytestmark = [pytest.mark.attack("R-06"), pytest.mark.django_db(databases="__all__", transaction=True)]


def test_one_edit_wins_and_the_others_are_told() -> None:
    seen = crowd.run("edits")
    assert seen["answers"] == {"conflict 2": crowd.BROWSERS - 1}
    assert len(seen["saved"]) == 1
    assert seen["stored"] == [seen["saved"][0], 2]
    assert seen["events"] == 1
