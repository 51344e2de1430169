"""Conventions, announced half-days, supports of pupils, what is left of them. Fields, constraints and querysets only."""

from casework.exclusions.models.houses import CatalogueActivity, Convention, OpenHalfDay, WaitingNeed
from casework.exclusions.models.lines import EndedSupport, WaitingLine
from casework.exclusions.models.supports import ExclusionGrant, ExclusionSupport, SchoolWork, SupportHalfDay

__all__ = [
    "CatalogueActivity",
    "Convention",
    "EndedSupport",
    "ExclusionGrant",
    "ExclusionSupport",
    "OpenHalfDay",
    "SchoolWork",
    "SupportHalfDay",
    "WaitingLine",
    "WaitingNeed",
]
