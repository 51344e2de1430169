"""Points restreints of a situation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.viewer import Viewer
from casework.audit import Purpose
from casework.minors.followups.actions import steps
from casework.minors.followups.facts import Relation
from casework.minors.followups.models import CircleMembership, FollowUp, RestrictedPoint
from casework.minors.followups.reads.parts import circle_rows, may
from casework.partners.models import Organisation
from casework.sealing import sweep


@dataclass(frozen=True, kw_only=True)
class PointLine:
    """One point: when, how, between whom, and whether a meeting has heard of it."""

    held_at: datetime
    channel: str
    services: str
    precision: str
    tabled: bool


@dataclass(frozen=True, kw_only=True)
class PointsPart:
    """The points, latest first."""

    follow_up_id: UUID
    lines: tuple[PointLine, ...]
    may_add: bool


def points(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> PointsPart | None:
    """Return the points where row 4 is open; None when there is none and none may be added."""
    if not may(viewer, relation, Ask.VIEW, DataClass.YOUTH_REVIEW, now):
        return None
    rows = list(
        RestrictedPoint.objects.filter(follow_up=follow_up).prefetch_related("organisations").order_by("-held_at")[:10]
    )
    may_add = (
        may(viewer, relation, Ask.CREATE, DataClass.YOUTH_REVIEW, now)
        and steps.open_stage(follow_up)
        and any(row.ends_at is None and row.organisation_id != viewer.organisation_id for row in circle_rows(follow_up))
    )
    if not rows and not may_add:
        return None
    with audit.reading(
        viewer, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_REVIEW], purpose=Purpose.REVIEW,
        object_type="follow_up", object_ids=[follow_up.pk],
    ):  # fmt: skip
        sweep.open_many(rows, "precision")
        lines = tuple(
            PointLine(
                held_at=row.held_at, channel=row.get_channel_display(),
                services=", ".join(sorted(str(service) for service in row.organisations.all())),
                precision=row.precision or "", tabled=row.tabled_in is not None,
            )
            for row in rows
        )  # fmt: skip
    return PointsPart(follow_up_id=follow_up.pk, lines=lines, may_add=may_add)


def partners_of(viewer: Viewer, follow_up: FollowUp) -> list[Organisation]:
    """Return the services of the circle that may be called, the viewer's own left out."""
    inside = CircleMembership.objects.filter(follow_up=follow_up, ends_at=None).values("organisation_id")
    return list(
        Organisation.objects.filter(pk__in=inside).exclude(pk=viewer.organisation_id).order_by("letter", "short_name")
    )
