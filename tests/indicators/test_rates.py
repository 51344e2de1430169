"""A share is said of enough people, to five points, with its interval (SDC-08)."""

from __future__ import annotations

import pytest

from casework.indicators.releases.rates import Rate, mean, rate, wilson


@pytest.mark.rule("SDC-08")
@pytest.mark.parametrize(
    ("part", "base", "k"),
    [(10, 19, 5), (4, 30, 5), (26, 30, 5), (10, 40, 11), (30, 40, 11), (0, 40, 5), (40, 40, 5), (None, 40, 5), (9, None, 5)],
)  # fmt: skip
def test_a_share_of_few_of_nearly_all_or_of_hidden_numbers_is_not_said(
    part: int | None, base: int | None, k: int
) -> None:
    assert rate(part, base, k=k) is None


@pytest.mark.rule("SDC-08")
def test_a_share_is_rounded_to_five_points_and_its_interval_outwards() -> None:
    assert rate(10, 20, k=5) == Rate(percent=50, low=25, high=75)
    # 12.5 % goes up, in integers on every machine.
    assert rate(5, 40, k=5) == Rate(percent=15, low=5, high=30)
    for base in range(20, 200):
        for part in range(5, base - 4):
            found = rate(part, base, k=5)
            assert found is not None
            assert {found.percent % 5, found.low % 5, found.high % 5} == {0}
            assert 0 <= found.low <= 100 * part / base <= found.high <= 100


def test_the_interval_is_wilson_s() -> None:
    """Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    for part, base, low, high in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)]:  # fmt: skip
        assert wilson(part, base) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.rule("REC-23")
def test_a_mean_is_said_of_ten_people() -> None:
    assert mean(630.0, 9) is None
    assert mean(630.0, None) is None
    assert mean(630.0, 10) == 63.0
