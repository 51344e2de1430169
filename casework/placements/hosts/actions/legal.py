"""Legal references: the ones of the house, copied once; a new version of one, dated (DL-23)."""

from __future__ import annotations

from casework.placements.hosts.codes import LEGAL_REFERENCES
from casework.placements.hosts.models import LegalReference


def copy_national(model: type[LegalReference] = LegalReference) -> int:
    """Add the references that the installation lacks; return how many. Resumable: a code already there is left alone."""
    known = set(model._default_manager.values_list("code", flat=True))
    missing = [model(**each._asdict()) for each in LEGAL_REFERENCES if each.code not in known]
    model._default_manager.bulk_create(missing)
    return len(missing)
