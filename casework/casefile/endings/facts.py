"""Who may end a record or keep it, and which record: the coordinator and the DPO (row 32), by reference."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from casework.access import subjects
from casework.access.exclusions.reads import is_shut, require_manager
from casework.access.viewer import Viewer
from casework.casefile import erasers
from casework.casefile.erasers import Target
from casework.casefile.references import read_reference
from casework.errors import AccessRefused, InputRefused


def by_reference(by: Viewer, reference: str, now: datetime) -> Target:
    """Return the record of this reference, typed in any way.

    Raises AccessRefused to whoever does not answer for rights; InputRefused where there is none, or none for `by`,
    who is shut out of it: the two look the same.
    """
    require_manager(by, None, now)
    found = erasers.find(by.territory_id, read_reference(reference) or "")
    if found is None or not subjects.told(by.role, found.reference) or is_shut(by, found.subject_id, now):
        raise InputRefused("Aucune fiche ne porte cette référence.", field="reference")
    return found


def by_subject(by: Viewer, subject_id: UUID, now: datetime) -> Target:
    """Return the record of this person. Raises AccessRefused, absent and refused alike."""
    require_manager(by, subject_id, now)
    found = erasers.of(by.territory_id, subject_id)
    if found is None or not subjects.told(by.role, found.reference):
        raise AccessRefused(code="ending")
    return found
