"""Posts for one réparation: open to minors until the term, those that fit and why, and why not the others (TIGM-06)."""

from __future__ import annotations

from datetime import datetime

from casework.access.viewer import Viewer
from casework.placements.hosts.codes import AccreditedFor
from casework.placements.hosts.reads import search
from casework.placements.hosts.reads.search import Criteria, PostMatch
from casework.placements.reparation.models import Reparation


def for_reparation(viewer: Viewer, reparation: Reparation, now: datetime) -> list[PostMatch]:
    """Return every post with why it fits or not."""
    return search.find(viewer, Criteria(audience=AccreditedFor.MINORS, ends_on=reparation.term_on), now)
