"""Hide in a release what it would give away, together with everything published before; and look for what was given away."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from typing import Final

from casework.indicators.releases.disclosure.cells import Cell, Finding, Known, Place, Protected, Why
from casework.indicators.releases.disclosure.intervals import PARTS, Readings
from casework.indicators.releases.disclosure.joint import Group, groups, hidden_for_itself
from casework.indicators.releases.disclosure.primary import reasons, small_tables
from casework.indicators.releases.disclosure.secondary import cheapest
from casework.indicators.releases.disclosure.verdict import Need, isolated, need_of

UNIVERSE: Final = 20

QUESTIONS: Final = 2_000
"""To the solver, for what may be printed again: a number of them, not seconds, so that every machine says the same."""


def protect(
    cells: Sequence[Cell], known: Sequence[Known] = (), *, universe: int = UNIVERSE, hidden: Collection[Place] = (),
    himself: bool = True, homogeneous: bool = True,
) -> Protected:  # fmt: skip
    """Return what may be printed of a release beside the earlier ones. The order of what is given changes nothing.

    `known`: all that was published before, hidden cells included. `universe`: persons under which a table is not drawn.
    `hidden`: places that are not printed anyway. `himself`: also to one person who counts himself out (without it, no interval
    is worked out). `homogeneous`: also what holds everyone of a group.
    Raises TooLarge, and ValueError where the numbers contradict one another or a cell is given twice.
    """
    if len({cell.place for cell in cells}) != len(cells):
        raise ValueError("a cell is given twice")
    why = dict.fromkeys(hidden, Why.SECONDARY) | reasons(cells, known, homogeneous=homogeneous)
    small = small_tables(cells, universe)
    shown: dict[Place, int] = {}
    masked: dict[Place, Why] = {}
    intervals: dict[Place, tuple[int, int]] = {}
    stuck: list[Place] = []
    for group in groups(cells, known):
        if not any(each.cells for each in group.sums):
            continue  # nothing new hangs together with it
        own = {rank for rank, each in enumerate(group.sums) if hidden_for_itself(each, why, small)}
        work = _Work(group, own, himself=himself)
        work.hide_more()
        work.show_again()
        bounds = work.intervals() if himself else {}
        for rank, each in enumerate(group.sums):
            for cell in each.cells:
                if rank not in work.hidden:
                    shown[cell.place] = cell.value
                    continue
                masked[cell.place] = why.get(cell.place) or (Why.UNIVERSE if cell.table in small else Why.SECONDARY)
                if rank in bounds:
                    intervals[cell.place] = bounds[rank]
                if rank in work.stuck:
                    stuck.append(cell.place)
    return Protected(
        shown=dict(sorted(shown.items())), hidden=dict(sorted(masked.items())),
        intervals=dict(sorted(intervals.items())), stuck=tuple(sorted(stuck)),
    )  # fmt: skip


def audit(known: Sequence[Known], *, present: Collection[str] | None = None, himself: bool = True) -> list[Finding]:
    """Return what everything published together gives away: hidden cells known too nearly, small groups isolated.

    With `present` (atoms that hold somebody) also to one person who counts himself out (`himself`), and groups of nobody are
    left out.
    Raises TooLarge, and ValueError where the numbers contradict one another.
    """
    findings: list[Finding] = []
    for group in groups((), known):
        own = {rank for rank, each in enumerate(group.sums) if each.value is None}
        work = _Work(group, own, present, himself=himself and present is not None)
        findings += [work.finding(need) for need in work.needs()]
    return findings


class _Work:
    """One group of sums that hang together, while numbers of it are being hidden."""

    def __init__(self, group: Group, own: set[int], present: Collection[str] | None = None, *, himself: bool) -> None:
        """Start from the sums hidden for themselves. `himself`: to one person who counts himself out too."""
        self.group, self.own, self.hidden = group, own, set(own)
        self.stuck: set[int] = set()
        self.because: dict[int, Need] = {}
        valued = {rank for rank, each in enumerate(group.sums) if each.value is not None}
        possible = Readings(group, valued, ())
        possible.reach()
        if not possible.witnesses:
            raise ValueError("the numbers contradict one another: " + ", ".join(group.sums[0].names))
        persons = _possible_persons(possible) if present is None else _holding(group, present)
        self.blocks = list(persons)
        self.readings = Readings(group, valued - self.hidden, persons if himself else ())
        for witness in possible.witnesses:
            self.readings.add(witness)

    def hide_more(self) -> None:
        """Hide until nothing is given away, or only what earlier releases gave away already."""
        todo = deque(sorted(self.hidden, key=lambda rank: (-self.group.sums[rank].k, rank)))
        while True:
            while todo:
                rank = todo.popleft()
                while rank not in self.stuck and (need := need_of(self.readings, rank)):
                    todo.extend(self._meet(need))
            need = next(isolated(self.readings, self.blocks), None)
            if need is None:
                return
            todo.extend(self._meet(need))

    def show_again(self) -> None:
        """Print again what turned out to be hidden for nothing, the most missed first, for as many questions as that may cost."""
        extra = sorted(self.hidden - self.own, key=lambda rank: (-self.group.sums[rank].weight, rank))
        left = QUESTIONS
        for rank in extra:
            closer = self.readings.closer(rank)
            met = self._met(self.because[rank], closer) and self._safe(closer, self.hidden - {rank})
            left -= closer.asked
            if met:
                self.readings = closer
                self.hidden.discard(rank)
            if left < 0:
                return

    def intervals(self) -> dict[int, tuple[int, int]]:
        """Return the interval of each number of this release that is hidden, both ends found in whole populations."""
        found = {}
        for rank in sorted(self.hidden):
            if self.group.sums[rank].cells:
                self.readings.push_sum(rank, 1)
                self.readings.push_sum(rank, -1)
                found[rank] = int(self.readings.low[rank]) // PARTS, int(self.readings.high[rank]) // PARTS
        return found

    def needs(self) -> list[Need]:
        """Return everything that is given away."""
        found = [need for rank in sorted(self.hidden) if (need := need_of(self.readings, rank))]
        return found + list(isolated(self.readings, self.blocks))

    def finding(self, need: Need) -> Finding:
        """Say what is given away in the names of the cells."""
        readings, sums = self.readings, self.group.sums
        if need.block is not None:
            around = [each.names[0] for each, parts in zip(sums, self.group.parts, strict=True) if need.block in parts]
            readings.push({need.block: -1.0})
            low, high = min(int(each[need.block]) for each in readings.witnesses), int(readings.block_high[need.block])
            k = readings.thresholds[need.block]
            return Finding(cells=tuple(around), low=-(-low // PARTS), high=high // PARTS, k=k)
        low, high = int(readings.low[need.rank]), int(readings.high[need.rank])
        if need.person is not None:
            at = readings.persons.index(need.person)
            low, high = int(readings.low_with[need.rank, at]), int(readings.high_with[need.rank, at])
        each = sums[need.rank]
        himself = need.person is not None
        return Finding(cells=each.names, low=-(-low // PARTS), high=high // PARTS, k=each.k, himself=himself)

    def _met(self, need: Need, readings: Readings) -> bool:
        """Say whether the need for which a sum was hidden is met without it: most often not, which is soon seen."""
        if need.block is not None:
            return not any(isolated(readings, [need.block]))
        return need_of(readings, need.rank) is None

    def _safe(self, readings: Readings, hidden: set[int]) -> bool:
        """Say whether nothing is given away, but what was already."""
        return not any(need_of(readings, rank) for rank in sorted(hidden - self.stuck)) and not any(
            isolated(readings, self.blocks)
        )

    def _meet(self, need: Need) -> list[int]:
        """Hide what a need takes. Return what was hidden."""
        sums = self.group.sums
        hideable = {rank for rank in self.readings.printed if not sums[rank].public}
        chosen = cheapest(self.readings, need, hideable) if hideable else None
        if chosen is None:
            self._give_up(need)
            return []
        if not chosen:  # whole numbers ask for more than real ones: take what lies nearest
            near = set(self.group.parts[need.rank]) if need.block is None else {need.block}
            touching = [rank for rank in hideable if near & set(self.group.parts[rank])] or list(hideable)
            chosen = {min(touching, key=lambda rank: (sums[rank].weight, rank))}
        self.readings.printed -= chosen
        self.hidden |= chosen
        self.because |= dict.fromkeys(chosen, need)
        return sorted(chosen)

    def _give_up(self, need: Need) -> None:
        """Note what earlier releases gave away."""
        if need.block is not None:
            self.blocks.remove(need.block)
        else:
            self.stuck.add(need.rank)


def _possible_persons(possible: Readings) -> list[int]:
    """Return the blocks that may hold somebody, given every number."""
    left = list(range(len(possible.group.blocks)))
    while left:
        before = len(left)
        possible.cover(left)
        left = [block for block in left if possible.block_high[block] < PARTS]
        if len(left) == before:
            break
    gone = set(left)
    return [block for block in range(len(possible.group.blocks)) if block not in gone]


def _holding(group: Group, present: Collection[str]) -> list[int]:
    """Return the blocks with somebody in them."""
    return [rank for rank, block in enumerate(group.blocks) if not block.isdisjoint(present)]
