"""The parts of a situation's page that are about who may see it: a conflict to declare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from casework import audit
from casework.access.emergencies import reads as emergencies
from casework.access.exclusions.codes import Ground
from casework.access.matrix import DataClass
from casework.access.policy import BREAKS, Action, decide
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.minors.followups.facts import Relation
from casework.minors.followups.models import FollowUp, Referral


def may_protect(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> bool:
    """Say whether `viewer` may keep the whereabouts to itself: the coordinator, and whoever typed them.

    Being in the circle is not enough: setting it would be a way to see it.
    """
    typed = Referral.objects.filter(follow_up=follow_up, author_mandate_id=viewer.mandate_id).exists()
    asked = relation.facts(DataClass.YOUTH_IDENTITY, is_author=typed)
    return decide(viewer, Action.CHANGE, asked, now).allow


@dataclass(frozen=True, kw_only=True)
class ConflictPart:
    """« Je connais cette personne »."""

    follow_up_id: UUID
    grounds: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Band:
    """The red band of an opening in an emergency."""

    episode_id: UUID
    ends_at: datetime


def band(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> Band | None:
    """Return the band of the opening that shows this situation, None when another right does."""
    if not BREAKS & relation.grants:
        return None
    found = [line for line in emergencies.running(viewer, now) if line.reference == follow_up.reference]
    if not found:
        return None
    # Each page shown at this title is told apart, with the opening that it belongs to (security.md §3.13).
    audit.record(
        viewer, Act.VIEW, subjects=[follow_up.subject_id], why="emergency_page", object_type="access.episode",
        object_ids=[found[0].id],
    )  # fmt: skip
    return Band(episode_id=found[0].id, ends_at=found[0].ends_at)


def conflict(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> ConflictPart:
    """Return what anybody who sees the situation may declare."""
    return ConflictPart(
        follow_up_id=follow_up.pk,
        grounds=((Ground.DECLARED.value, "un autre lien"), (Ground.KIN.value, str(Ground.KIN.label))),
    )
