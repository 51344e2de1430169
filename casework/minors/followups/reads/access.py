"""The parts of a situation's page that are about who may see it: a conflict to declare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from casework.access.exclusions.codes import Ground
from casework.access.viewer import Viewer
from casework.minors.followups.facts import Relation
from casework.minors.followups.models import FollowUp


@dataclass(frozen=True, kw_only=True)
class ConflictPart:
    """« Je connais cette personne »."""

    follow_up_id: UUID
    grounds: tuple[tuple[str, str], ...]


def conflict(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> ConflictPart:
    """Return what anybody who sees the situation may declare."""
    return ConflictPart(
        follow_up_id=follow_up.pk,
        grounds=((Ground.DECLARED.value, "un autre lien"), (Ground.KIN.value, str(Ground.KIN.label))),
    )
