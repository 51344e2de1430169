"""The reader who attacks: everything ever printed, an exact solver (Z3), local knowledge of one person. None of our code.

What he holds is what a page says: for each number its table, its line and column, the value or « non affiché », and which
groups of persons it adds up, as the definition printed beside it tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import z3

Printed = Mapping[str, Any]
"""{"table": str, "key": [str, …], "groups": [str, …], "value": int | None}"""


class Reader:
    """Unknown numbers of persons, none negative, whose printed sums are known."""

    def __init__(self, printed: Iterable[Printed], *, whole: bool = False) -> None:
        """`whole`: persons are not cut in parts; slower, and tells him no less."""
        self.printed = list(printed)
        kind = z3.Int if whole else z3.Real
        places: dict[str, list[int]] = {}
        for rank, each in enumerate(self.printed):
            for name in each["groups"]:
                places.setdefault(name, []).append(rank)
        # Groups that are always added up together are one unknown.
        one = {tuple(ranks): kind(name) for name, ranks in places.items()}
        self.groups = {name: one[tuple(ranks)] for name, ranks in places.items()}
        self.solver = z3.Solver()
        self.solver.set("random_seed", 1)
        self.solver.add([group >= 0 for group in one.values()])
        self.solver.add([self.sum(each) == each["value"] for each in self.printed if each["value"] is not None])

    def sum(self, each: Printed) -> Any:
        return z3.Sum(list({self.groups[name].get_id(): self.groups[name] for name in each["groups"]}.values()))

    @property
    def hidden(self) -> Iterator[Printed]:
        """Give the numbers printed as hidden."""
        return (each for each in self.printed if each["value"] is None)

    def believes(self) -> bool:
        """Say whether what is printed can be true at all."""
        return bool(self.solver.check() == z3.sat)

    def interval(self, each: Printed, *, himself: str | None = None) -> tuple[Fraction, Fraction | None]:
        """Return the exact interval of a number, None for no end; `himself`: one person known to be in a group."""
        ends = []
        for sense in (1, -1):
            asked = z3.Optimize()
            asked.add(self.solver.assertions())
            if himself is not None:
                asked.add(self.groups[himself] >= 1)
            goal = asked.maximize(sense * self.sum(each))
            assert asked.check() == z3.sat
            end = asked.upper(goal)
            ends.append(None if "oo" in str(end) else sense * Fraction(str(end)))
        high, low = ends
        assert low is not None
        return low, high

    def is_kept_out(self, each: Printed, k: int, *, himself: str | None = None) -> bool:
        """Say whether a hidden number stays wide to him: values k apart, the upper of k persons beside himself.

        He asks for two worlds at once, which spares him the search for both ends.
        """
        own = int(himself is not None and himself in each["groups"])
        with _asking(self.solver) as solver:
            if himself is not None:
                solver.add(self.groups[himself] >= 1)
            unknown = {group.get_id(): group for group in self.groups.values()}.values()
            swap = [(group, z3.FreshConst(group.sort())) for group in unknown]
            solver.add([z3.substitute(fact, *swap) for fact in solver.assertions()])
            low, high = self.sum(each), z3.substitute(self.sum(each), *swap)
            solver.add(high - low >= k, high - own >= k)
            return bool(solver.check() == z3.sat)

    def finds_few(self, name: str, k: int) -> bool:
        """Say whether he is certain that a group holds fewer than k persons."""
        with _asking(self.solver) as solver:
            solver.add(self.groups[name] >= k)
            return bool(solver.check() == z3.unsat)


class _asking:
    """One question, forgotten afterwards."""

    def __init__(self, solver: Any) -> None:
        self.solver = solver

    def __enter__(self) -> Any:
        self.solver.push()
        return self.solver

    def __exit__(self, *_: object) -> None:
        self.solver.pop()


def gaps(
    printed: Sequence[Printed], thresholds: Mapping[str, int], persons: Iterable[str] = (), *, whole: bool = False
) -> list[str]:
    """Return what the reader works out, in words; nothing if all is well.

    `thresholds`: k by table. `persons`: groups that hold somebody, who counts himself out and is no small group either.
    """
    reader = Reader(printed, whole=whole)
    assert reader.believes()
    persons = sorted(set(persons) & set(reader.groups))
    found = []
    for each in reader.hidden:
        k, name = thresholds[each["table"]], f"{each['table']} {'/'.join(each['key'])}"
        if not reader.is_kept_out(each, k):
            found.append(f"{name} is {reader.interval(each)}")
            continue
        found += [f"{name}, to one of {who}" for who in persons if not reader.is_kept_out(each, k, himself=who)]
    k_of: dict[str, int] = {}
    for each in reader.printed:
        for name in each["groups"]:
            k_of[name] = max(k_of.get(name, 0), thresholds[each["table"]])
    return found + [f"{name} holds few" for name in persons if reader.finds_few(name, k_of[name])]
