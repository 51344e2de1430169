"""Kaplan-Meier: equal to a published table and to a well-kept library, shown only for several hundred persons."""

from __future__ import annotations

import math
import random
import warnings
from collections import Counter
from typing import Any

import pytest

from casework.indicators.releases.survival import Curve, curves, shown

# Remission in weeks of 21 patients under 6-MP (Freireich 1963, after Gehan 1965): (time, events, censored), and the
# published estimate with its standard error (Kleinbaum and Klein, Survival Analysis, 3rd edition, chapter 2).
FREIREICH = [
    (6, 3, 1), (7, 1, 0), (9, 0, 1), (10, 1, 1), (11, 0, 1), (13, 1, 0), (16, 1, 0), (17, 0, 1), (19, 0, 1), (20, 0, 1),
    (22, 1, 0), (23, 1, 0), (25, 0, 1), (32, 0, 2), (34, 0, 1), (35, 0, 1),
]  # fmt: skip
PUBLISHED = [
    (6, 21, 0.8571, 0.0764), (7, 17, 0.8067, 0.0869), (10, 15, 0.7529, 0.0963), (13, 12, 0.6902, 0.1068),
    (16, 11, 0.6275, 0.1141), (22, 7, 0.5378, 0.1282), (23, 6, 0.4482, 0.1346),
]  # fmt: skip


def test_the_published_table_of_the_6_mp_patients() -> None:
    curve = curves(("6-MP", *row) for row in FREIREICH)["6-MP"]
    assert curve.persons == 21
    found = [(step.time, step.at_risk, step.share, math.sqrt(step.variance)) for step in curve.steps if step.events]
    for got, told in zip(found, PUBLISHED, strict=True):
        assert got[:2] == told[:2]
        assert got[2:] == pytest.approx(told[2:], abs=5e-5)


def _rows(times: Any, events: Any) -> list[tuple[str, float, int, int]]:
    """Aggregate a data set of persons."""
    happened: Counter[float] = Counter()
    lost: Counter[float] = Counter()
    for time, event in zip(times, events, strict=True):
        (happened if event else lost)[float(time)] += 1
    return [("all", time, happened[time], lost[time]) for time in {*happened, *lost}]


def _agree(times: Any, events: Any) -> None:
    """Compare every step, with its variance and its interval, with lifelines."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifelines import KaplanMeierFitter

        oracle = KaplanMeierFitter().fit(times, events)
        shares, intervals = oracle.survival_function_.iloc[:, 0], oracle.confidence_interval_
        at_risk = oracle.event_table["at_risk"]
    curve = curves(_rows(times, events))["all"]
    assert len(curve.steps) >= len(set(map(float, times)))
    for step in curve.steps:
        assert step.share == pytest.approx(shares.loc[step.time], abs=1e-9)
        assert step.at_risk == at_risk.loc[step.time]
        if step.low is not None:
            assert step.low == pytest.approx(intervals.loc[step.time].iloc[0], abs=1e-9)
            assert step.high == pytest.approx(intervals.loc[step.time].iloc[1], abs=1e-9)


@pytest.mark.parametrize("name", ["waltons", "rossi", "lung", "larynx", "stanford_heart_transplants"])
def test_every_step_is_that_of_lifelines_on_published_data(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifelines import datasets

        if name == "stanford_heart_transplants":
            data = datasets.load_stanford_heart_transplants()
            data = data.groupby("id").agg({"stop": "max", "event": "max"})
            times, events = data["stop"], data["event"]
        else:
            data = getattr(datasets, f"load_{name}")()
            times, events = {
                "waltons": ("T", "E"), "rossi": ("week", "arrest"), "lung": ("time", "status"), "larynx": ("time", "death"),
            }[name]  # fmt: skip
            times, events = data[times], data[events]
    _agree(times.to_numpy(), events.to_numpy())


@pytest.mark.parametrize("seed", range(5))
def test_every_step_is_that_of_lifelines_on_invented_data(seed: int) -> None:
    rng = random.Random(seed)
    people = [(rng.randint(1, 24), rng.random() < 0.4) for _ in range(400)]
    _agree([time for time, _ in people], [event for _, event in people])


def test_strata_are_apart_and_the_order_of_rows_is_nothing() -> None:
    rows = [("a", 3.0, 2, 1), ("b", 3.0, 1, 0), ("a", 1.0, 1, 0), ("a", 3.0, 1, 0), ("b", 9.0, 0, 4)]
    assert curves(rows) == curves(reversed(rows))
    assert [curve.persons for curve in curves(rows).values()] == [5, 5]


def _of(persons: int) -> Curve:
    return curves([("all", 6.0, persons // 5, 0), ("all", 12.0, persons // 5, 0), ("all", 24.0, 0, persons - 2 * (persons // 5))])["all"]  # fmt: skip


@pytest.mark.rule("REC-23")
def test_a_curve_is_shown_from_three_hundred_persons() -> None:
    assert shown(_of(299), [12, 24]) is None
    points = shown(_of(300), [3, 12, 24])
    assert points is not None
    assert [(point.time, point.percent, point.at_risk) for point in points] == [(12, 60, 240), (24, 60, 180)]
    assert all(point.low < point.percent < point.high for point in points)


@pytest.mark.rule("REC-23")
def test_a_time_when_few_are_still_observed_is_left_out() -> None:
    rows = [("all", 6.0, 40, 250), ("all", 12.0, 2, 8)]
    assert [point.time for point in shown(curves(rows)["all"], [6, 12]) or ()] == [6]
