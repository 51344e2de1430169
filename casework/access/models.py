"""The tables of access; each lives beside the actions that write it."""

from __future__ import annotations

from casework.access.approvals.models import Approval
from casework.access.exclusions.models import Exclusion

__all__ = ["Approval", "Exclusion"]
