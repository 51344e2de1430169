"""Inclusion proofs of RFC 6962 §2.1.1: that one event is in the log that a checkpoint signs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from casework.audit.models import AuditEvent
from casework.audit.tree import EMPTY_ROOT, node_hash


class Tree:
    """The leaves of a log up to a size, and the proofs of some of them, made in one pass over the hashes."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.size = len(leaves)
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            above = [node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)]
            if len(below) % 2:
                above.append(below[-1])  # a lone node climbs as it is: the same tree as RFC 6962
            self._levels.append(above)

    def root(self) -> bytes:
        """Return the root of all leaves."""
        return self._levels[-1][0] if self.size else EMPTY_ROOT

    def path(self, idx: int) -> list[bytes]:
        """Return the audit path of one leaf, lowest first. Raises IndexError outside the tree."""
        if not 0 <= idx < self.size:
            raise IndexError(idx)
        found = []
        for level in self._levels[:-1]:
            if idx ^ 1 < len(level):
                found.append(level[idx ^ 1])
            idx //= 2
        return found


def tree_of(log: str, size: int) -> Tree:
    """Return the tree of the first `size` events of a log."""
    rows = AuditEvent.objects.filter(log=log, idx__lt=size).order_by("idx").values_list("leaf", flat=True)
    return Tree([bytes(leaf) for leaf in rows.iterator(5000)])


def paths(log: str, size: int, indices: Iterable[int]) -> dict[int, list[bytes]]:
    """Return the audit path of each of these events in the log of that size."""
    tree = tree_of(log, size)
    return {idx: tree.path(idx) for idx in indices}
