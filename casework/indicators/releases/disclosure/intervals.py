"""What the best reader works out: unknowns of which some sums are printed.

A number is safe once two populations that agree with everything printed differ enough in it. They are kept as *witnesses*,
verified in exact arithmetic: integers, in parts of one person. The solver proposes (HiGHS, floating point), a witness
proves: a rounding error can hide one number too many, never one too few.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from casework.indicators.releases.disclosure.joint import Group

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.int64]

PARTS: Final = 5040
"""One person, in the parts in which witnesses are written: halves, thirds … tenths of the solver are exact."""

NODES: Final = 200
"""Branches that HiGHS may try in one question; a number of them, not seconds: the same answer on every machine."""


class Readings:
    """All that a reader may believe of one group, given which sums are printed.

    `printed`: ranks of those sums. `persons`: blocks of which one person knows that he is there. Printing less keeps every
    witness; printing more is `closer()`. `low`, `high`: of each sum, over witnesses of whole persons; `low_with`,
    `high_with`: over all witnesses with somebody in that block; `block_high`: of each block. All in PARTS.
    """

    def __init__(self, group: Group, printed: Collection[int], persons: Sequence[int]) -> None:
        import numpy as np

        self.group = group
        self.persons = tuple(persons)
        self.thresholds = group.thresholds()
        self.matrix = np.zeros((len(group.sums), len(group.blocks)), dtype=np.int64)
        for rank, parts in enumerate(group.parts):
            self.matrix[rank, list(parts)] = 1
        self.values = np.array([each.value or 0 for each in group.sums], dtype=np.int64)
        self.printed = set(printed)
        # Enough room above every number for what nothing bounds.
        self.most = max((each.value or 0 for each in group.sums), default=0) + 4 * max(self.thresholds) + 4
        self.furthest = self.most * len(group.blocks)
        sums, width, far = len(group.sums), len(self.persons), self.furthest * PARTS
        self.low, self.high = np.full(sums, far), np.full(sums, -1)
        self.low_with, self.high_with = np.full((sums, width), far), np.full((sums, width), -1)
        self.block_high = np.full(len(group.blocks), -1)
        self.witnesses: list[Vector] = []
        self.asked = 0

    def closer(self, rank: int) -> Readings:
        """Return the readings once one more sum is printed, with the witnesses that still agree."""
        other = Readings(self.group, self.printed | {rank}, self.persons)
        for witness in self.witnesses:
            if int(self.matrix[rank] @ witness) == int(self.values[rank]) * PARTS:
                other.add(witness)
        return other

    def add(self, witness: Vector) -> None:
        """Keep a population, in PARTS, that agrees with everything printed."""
        import numpy as np

        self.witnesses.append(witness)
        sums = self.matrix @ witness
        if not (witness % PARTS).any():
            np.minimum(self.low, sums, out=self.low)
            np.maximum(self.high, sums, out=self.high)
        np.maximum(self.block_high, witness, out=self.block_high)
        there = witness[list(self.persons)] >= PARTS
        self.low_with[:, there] = np.minimum(self.low_with[:, there], sums[:, None])
        self.high_with[:, there] = np.maximum(self.high_with[:, there], sums[:, None])

    def push(self, goal: Mapping[int, float], *, at_least: Mapping[int, int] | None = None) -> float | None:
        """Look for the population highest in `goal` (weight by block) and keep it.

        `at_least`: blocks that hold so many. Return how high real numbers reach, which no population passes; None: there is none.
        """
        answer = self._solve(goal=goal, at_least=at_least)
        if answer is None:
            return None
        self._keep(answer)
        return sum(weight * float(answer[block]) for block, weight in goal.items())

    def push_sum(self, rank: int, sign: int, *, at_least: Mapping[int, int] | None = None) -> float | None:
        """Look for the highest value of a sum (`sign` 1) or its lowest (-1); see `push`."""
        return self.push(dict.fromkeys(self.group.parts[rank], float(sign)), at_least=at_least)

    def reach(self, within: tuple[int, int, int] | None = None) -> None:
        """Look for any population of whole persons with (rank of a sum, its lowest, its highest), and keep it."""
        answer = self._solve(within=within, whole=True)
        if answer is not None:
            self._keep(answer)

    def cover(
        self, blocks: Sequence[int], within: tuple[int, int, int] | None = None, goal: Mapping[int, float] | None = None
    ) -> None:
        """Look for one population with somebody in as many of the blocks as can be, high in `goal`, and keep it."""
        answer = self._solve(goal=goal, within=within, covered=blocks)
        if answer is not None:
            self._keep(answer)

    def _keep(self, answer: Any) -> None:
        """Keep a population if exact arithmetic confirms it."""
        import numpy as np

        found = np.rint(answer[: len(self.group.blocks)] * PARTS).astype(np.int64)
        rows = sorted(self.printed)
        if (found >= 0).all() and (self.matrix[rows] @ found == self.values[rows] * PARTS).all():
            self.add(found)

    def _solve(
        self, *, goal: Mapping[int, float] | None = None, at_least: Mapping[int, int] | None = None,
        within: tuple[int, int, int] | None = None, covered: Sequence[int] = (), whole: bool = False,
    ) -> Any:  # fmt: skip
        """Ask HiGHS. Return its unknowns, blocks first, or None."""
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp

        self.asked += 1
        size, extra = len(self.group.blocks), len(covered)
        cost, lowest, highest = np.zeros(size + extra), np.zeros(size + extra), np.full(size + extra, float(self.most))
        for block, weight in (goal or {}).items():
            cost[block] = -weight
        for block, n in (at_least or {}).items():
            lowest[block] = n
        cost[size:], highest[size:] = -1.0, 1.0  # « somebody is there », at most once
        constraints = []
        if rows := sorted(self.printed):
            constraints.append(LinearConstraint(_wide(self.matrix[rows], extra), self.values[rows], self.values[rows]))
        if within:
            rank, low, high = within
            constraints.append(LinearConstraint(_wide(self.matrix[[rank]], extra), low, high))
        if extra:
            there = np.zeros((extra, size + extra))
            there[range(extra), list(covered)] = 1.0
            there[range(extra), range(size, size + extra)] = -1.0
            constraints.append(LinearConstraint(there, 0.0, np.inf))
        answer = milp(
            cost, constraints=constraints, bounds=Bounds(lowest, highest),
            integrality=np.full(size + extra, int(whole)), options={"node_limit": NODES},
        )  # fmt: skip
        return answer.x


def _wide(matrix: Any, extra: int) -> Any:
    """Return rows with room for more unknowns."""
    import numpy as np

    return np.hstack([matrix, np.zeros((len(matrix), extra))]) if extra else matrix
