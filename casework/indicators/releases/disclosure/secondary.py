"""Which other numbers to hide so that one hidden number stays hidden: those that are missed least."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from casework.indicators.releases.disclosure.intervals import Readings
from casework.indicators.releases.disclosure.verdict import Need

ROUNDS = 3
MOVED = 1e-6
INFEASIBLE = 2
"""How scipy says that there is no answer, and not that none was found."""


def cheapest(readings: Readings, need: Need, hideable: Collection[int]) -> set[int] | None:
    """Return printed sums that would meet a need once hidden, cheap by their weight; None if nothing hideable would.

    Empty where the solver failed: that proves nothing, and the caller hides what lies nearest.

    Two populations are sought that agree with all that stays printed and lie far enough apart: what is hideable may differ in
    them, at the price of its weight for each unit. Rounds of new prices push many small differences into few large ones.
    """
    ranks = sorted(hideable)
    weights = [readings.group.sums[rank].weight for rank in ranks]
    prices = [weight / (weight + 1.0) + weight / 100.0 for weight in weights]
    chosen: set[int] | None = None
    for _ in range(ROUNDS):
        moves = _moves(readings, need, ranks, prices)
        if moves is None:
            return chosen
        found = {rank for rank, move in zip(ranks, moves, strict=True) if move > MOVED}
        if not found:
            return chosen or found
        chosen = found
        prices = [weight / (move + 0.2) for weight, move in zip(weights, moves, strict=True)]
    return chosen


def _moves(readings: Readings, need: Need, ranks: Sequence[int], prices: Sequence[float]) -> list[float] | None:
    """Return by how much each hideable sum moves in the cheapest pair of populations, or None."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import block_array, csr_array, eye_array

    size, priced = len(readings.group.blocks), len(ranks)
    fixed = sorted(readings.printed - set(ranks))
    matrix, values = readings.matrix, readings.values
    loose = csr_array(matrix[ranks].reshape(priced, size).astype(float))
    stay = csr_array(matrix[fixed].reshape(len(fixed), size).astype(float))
    moved = eye_array(priced)
    # Unknowns: the low population, the high one, and the move of each hideable sum.
    rows: list[list[Any]] = [
        [loose, None, -moved], [loose, None, moved], [None, loose, -moved], [None, loose, moved],
        [stay, None, csr_array((len(fixed), priced))], [None, stay, None],
    ]  # fmt: skip
    at, here = values[ranks].astype(float), values[fixed].astype(float)
    endless = np.full(priced, np.inf)
    low = np.concatenate([-endless, at, -endless, at, here, here])
    high = np.concatenate([at, endless, at, endless, here, here])
    constraints = [LinearConstraint(block_array(rows, format="csr"), low, high), *_goal(readings, need, priced)]
    lowest = np.zeros(2 * size + priced)
    if need.person is not None:
        lowest[[need.person, size + need.person]] = 1.0
    cost = np.concatenate([np.zeros(2 * size), np.asarray(prices)])
    bounds = Bounds(lowest, np.concatenate([np.full(2 * size, float(readings.most)), endless]))
    answer = milp(cost, constraints=constraints, bounds=bounds)
    if answer.x is None:
        return None if answer.status == INFEASIBLE else [0.0] * priced
    return [float(each) for each in answer.x[2 * size :]]


def _goal(readings: Readings, need: Need, priced: int) -> list[Any]:
    """Return what the two populations must differ by."""
    import numpy as np
    from scipy.optimize import LinearConstraint

    size = len(readings.group.blocks)
    apart, top = np.zeros(2 * size + priced), np.zeros(2 * size + priced)
    if need.block is not None:
        top[size + need.block] = 1.0
        return [LinearConstraint(top, readings.thresholds[need.block], np.inf)]
    parts = np.array(readings.group.parts[need.rank])
    apart[size + parts], apart[parts], top[size + parts] = 1.0, -1.0, 1.0
    k = readings.group.sums[need.rank].k
    himself = need.person is not None and need.person in readings.group.parts[need.rank]
    return [LinearConstraint(apart, k, np.inf), LinearConstraint(top, k + himself, np.inf)]
