"""Whether what is printed leaves each hidden number wide enough, to anyone and to one person who counts himself out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casework.indicators.releases.disclosure.intervals import PARTS, Readings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SLACK: Final = 1e-6
"""Of floating point, towards asking once more."""

FEW: Final = 2
"""Persons left that are looked at one by one."""


@dataclass(frozen=True, kw_only=True)
class Need:
    """What is given away. `rank`: a hidden sum, known too nearly, by one who is in `person` if it is not None.

    `block`: instead of a sum, a group of persons that what is printed isolates.
    """

    rank: int = -1
    person: int | None = None
    block: int | None = None


def need_of(readings: Readings, rank: int) -> Need | None:
    """Return what a hidden sum lacks: k between the lowest and the highest value that can be believed, the highest k at least.

    To one of `readings.persons`, who knows that one unit of his block is himself, the others of the cell must remain as wide.
    """
    k = readings.group.sums[rank].k
    if not _wide(readings, rank, k) and not _stretched(readings, rank, k):
        return Need(rank=rank)
    _cover(readings, rank, k)
    for at in _left(readings, rank, k):
        person = readings.persons[at]
        readings.push_sum(rank, 1, at_least={person: 1})
        readings.push_sum(rank, -1, at_least={person: 1})
        if at in _left(readings, rank, k):
            return Need(rank=rank, person=person)
    return None


def isolated(readings: Readings, blocks: Iterable[int]) -> Iterator[Need]:
    """Give those of the blocks, which hold somebody, that differences of printed sums prove to be fewer than their threshold."""
    for block in blocks:
        enough = readings.thresholds[block] * PARTS
        if readings.block_high[block] < enough:
            readings.push({block: 1.0})
        if readings.block_high[block] < enough:
            yield Need(block=block)


def _wide(readings: Readings, rank: int, k: int) -> bool:
    """Judge by the witnesses, to anyone."""
    low, high = readings.low[rank], readings.high[rank]
    return bool(high - low >= k * PARTS and high >= k * PARTS)


def _stretched(readings: Readings, rank: int, k: int) -> bool:
    """Look for whole populations that prove a sum wide enough. Say whether they do."""
    highest, lowest = readings.push_sum(rank, 1), readings.push_sum(rank, -1)
    if _wide(readings, rank, k):
        return True
    # Real numbers reach at least as far as whole persons: where they do not reach, nobody does.
    if highest is None or lowest is None or highest + SLACK < k or highest + lowest + SLACK < k:
        return False
    readings.reach((rank, max(k, int(readings.low[rank]) // PARTS + k), readings.furthest))
    if not _wide(readings, rank, k):
        readings.reach((rank, 0, int(readings.high[rank]) // PARTS - k))
    return _wide(readings, rank, k)


def _left(readings: Readings, rank: int, k: int) -> NDArray[np.intp]:
    """Return, as ranks of `readings.persons`, those to whom the witnesses do not prove it yet."""
    import numpy as np

    high, low = readings.high_with[rank], readings.low_with[rank]
    own = readings.matrix[rank, list(readings.persons)]
    return np.flatnonzero((high - low < k * PARTS) | (high < (own + k) * PARTS))


def _cover(readings: Readings, rank: int, k: int) -> None:
    """Look for few witnesses that prove it to many persons at once."""
    left = _left(readings, rank, k)
    if left.size > FEW:
        readings.push_sum(rank, 1)
        readings.push_sum(rank, -1)
    while left.size > FEW:
        before = left.size
        for low, high in _halves(readings, rank, k):
            readings.cover([readings.persons[at] for at in left], (rank, low, high))
        left = _left(readings, rank, k)
        if left.size > before * 3 // 4:
            return


def _halves(readings: Readings, rank: int, k: int) -> list[tuple[int, int]]:
    """Return a high and a low range of a sum, k apart, with room in both for most persons to be there at once."""
    low, high = int(readings.low[rank]) // PARTS, int(readings.high[rank]) // PARTS
    upper = min(high, max((low + high + k + 1) // 2, k + 1))
    return [(upper, high), (low, max(low, upper - k))]
