"""What leaves the house, as plain data: all that the reader of `reader.py` receives."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from casework.indicators.releases.disclosure import Cell, Protected
from tests.attack.reader import Printed

DRILL = bool(os.environ.get("RELEASES_DRILL"))
"""`make drill` tries at the length of the text what the suite tries on less."""


def printed(cells: Iterable[Cell], protected: Protected | None) -> list[Printed]:
    """Return a release as it is printed; None: nothing is hidden."""
    return [
        {
            "table": cell.table, "key": list(cell.key), "groups": sorted(cell.atoms),
            "value": cell.value if protected is None else protected.shown.get(cell.place),
        }
        for cell in sorted(cells, key=lambda each: each.place)
    ]  # fmt: skip


def groups_with_somebody(counts: Mapping[tuple[str, ...], int], population: str = "p|2025") -> set[str]:
    """Return the groups in which a person may know himself."""
    return {"|".join((population, *code)) for code, n in counts.items() if n}
