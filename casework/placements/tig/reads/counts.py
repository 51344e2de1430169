"""Counts and states for whoever reads no name (row 12 `e`): small ones are hidden, and so is what would tell them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from casework.access.viewer import Viewer
from casework.casefile import small_counts
from casework.errors import AccessRefused
from casework.placements.tig import facts
from casework.placements.tig.codes import State
from casework.placements.tig.models import TigPlacement

LEAST = small_counts.K_JUDICIAL  # minors are among them
# Few lines on purpose: a state held by one person would single that person out.
GROUPS: dict[str, tuple[State, ...]] = {
    "À placer": (State.RECEIVED, State.MATCHING, State.MEDICAL_PENDING, State.PROPOSED),
    "En cours, suspendues ou en rapport": (
        State.ASSIGNED, State.IN_PROGRESS, State.WORK_SUSPENDED, State.CLOCK_SUSPENDED, State.BREACH_REPORTED,
    ),
    "Terminées": (
        State.COMPLETED, State.CONVERTED, State.FALLBACK_EXECUTED, State.PROSECUTED, State.TRANSFERRED, State.VOID,
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The lines, label and count (None: hidden), and the whole."""

    lines: tuple[tuple[str, int | None], ...]
    total: int | None

    @property
    def hidden(self) -> bool:
        """Say whether something is not shown."""
        return self.total is None or any(n is None for _, n in self.lines)


def figures(viewer: Viewer, now: datetime) -> Figures:
    """Return the counts of the territory. Raises AccessRefused for a role without this row."""
    if not facts.counts_are_open(viewer, now):
        raise AccessRefused(code="tig_counts")
    states = Counter(TigPlacement.objects.filter(territory_id=viewer.territory_id).values_list("state", flat=True))
    counted = {label: sum(states[state] for state in group) for label, group in GROUPS.items()}
    shown, total = small_counts.shown(counted, k=LEAST)
    return Figures(lines=tuple(shown.items()), total=total)
