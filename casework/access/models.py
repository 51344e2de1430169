"""The tables of access; each lives beside the actions that write it."""

from __future__ import annotations

from casework.access.approvals.models import Approval
from casework.access.asking.models import AccessRequest
from casework.access.duty.models import Standing
from casework.access.emergencies.models import EmergencyMiss, Episode
from casework.access.exclusions.models import Exclusion
from casework.access.protection.models import ProtectedAddress

__all__ = ["AccessRequest", "Approval", "EmergencyMiss", "Episode", "Exclusion", "ProtectedAddress", "Standing"]
