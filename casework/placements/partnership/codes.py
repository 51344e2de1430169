"""Which files are counted once a month, stage by stage (rows 12 and 16 « e »)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from casework.placements.reparation.codes import State as Reparation
from casework.placements.tig.codes import State as Tig

# Few stages on purpose. What ended is not among them: beside the figures published of the same year, the rest would be the
# few measures that are no result (transferred, void).
TIG: Final[Mapping[str, tuple[Tig, ...]]] = {
    "TIG et TNR à placer": (Tig.RECEIVED, Tig.MATCHING, Tig.MEDICAL_PENDING, Tig.PROPOSED),
    "TIG et TNR en cours, suspendus ou en rapport": (
        Tig.ASSIGNED, Tig.IN_PROGRESS, Tig.WORK_SUSPENDED, Tig.CLOCK_SUSPENDED, Tig.BREACH_REPORTED,
    ),
}  # fmt: skip
REPARATIONS: Final[Mapping[str, tuple[Reparation, ...]]] = {
    "Réparations à préparer": (
        Reparation.PROPOSED, Reparation.ORDERED, Reparation.AGREED, Reparation.ASSIGNED, Reparation.VICTIM_PENDING,
    ),
    "Réparations en cours, ou rapport remis": (
        Reparation.IN_PROGRESS, Reparation.DIFFICULTY, Reparation.REPORTED,
    ),
}  # fmt: skip
STAGES: Final = (*TIG, *REPARATIONS)
"""The lines of a count, in their order: the order is what is stored."""
