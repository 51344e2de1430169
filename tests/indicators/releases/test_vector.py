"""What was published once is read the same for ever."""

from __future__ import annotations

import pytest

from casework.indicators.releases import vector
from tests.indicators import editions


@pytest.mark.rule("SDC-07")
def test_what_is_kept_is_read_again_as_it_was():
    printed = (editions.measures(), editions.ages(), editions.known_returns(), editions.pupils())
    assert vector.read(vector.stored(printed)) == printed


@pytest.mark.rule("SDC-07")
def test_an_edition_whose_numbers_were_kept_with_a_third_value_reads_the_same():
    [kept] = vector.stored((editions.measures(),))
    kept["numbers"] = [[*each, False] for each in kept["numbers"]]
    assert vector.read([kept]) == (editions.measures(),)
