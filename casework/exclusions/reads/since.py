"""« Nouvelle exclusion depuis ? »: what a school says of the pupils whom it sent, each term and in June (EXC-19, B3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.exclusions import facts, law
from casework.exclusions.codes import Since, State
from casework.exclusions.models import ExclusionSupport
from casework.exclusions.reads.opened import full_name
from casework.sealing import sweep

RECEIVED = (State.HOSTED, State.RETURN_MEETING, State.CLOSED)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One pupil who was received, and what the school said last."""

    id: UUID
    reference: str
    name: str
    ended_on: date
    said: str
    said_on: date | None
    is_to_say: bool


def to_say(viewer: Viewer, now: datetime) -> QuerySet[ExclusionSupport]:
    """Return the supports of the viewer's school whose « depuis ? » is to be said now; nothing is opened.

    Said yes, it stays said. A pupil received since the last day of asking is asked about at the next one.
    """
    since = law.last_ask(localdate(now))
    if since is None:
        return ExclusionSupport.objects.none()
    before = Q(since_said_on__isnull=True) | Q(since_said_on__lt=since)
    return _received(viewer, now).filter(before, ends_on__lt=since).exclude(since=Since.YES)


def _received(viewer: Viewer, now: datetime) -> QuerySet[ExclusionSupport]:
    if not facts.sends(viewer.role):
        return ExclusionSupport.objects.none()
    rows = facts.visible_to(viewer, now).filter(organisation_id=viewer.organisation_id, state__in=RECEIVED)
    return rows.filter(ends_on__lt=localdate(now))


def lines(viewer: Viewer, now: datetime) -> tuple[Line, ...]:
    """Return the pupils received this year, those to answer about first. As many queries whatever their number."""
    rows = list(_received(viewer, now).order_by("ends_on", "reference"))
    links = facts.relations(viewer, rows, now)
    rows = [row for row in rows if links[row.pk].may(viewer, Action.LIST, facts.PUPIL, now)]
    asked = set(to_say(viewer, now).values_list("pk", flat=True))
    if not rows:
        return ()
    with audit.reading(
        viewer, subjects=[row.subject_id for row in rows], classes=[facts.PUPIL], purpose=Purpose.LISTING,
        act=Act.LIST, module="exclusions", object_type=ExclusionSupport._meta.label_lower,
    ):  # fmt: skip
        sweep.open_many(rows, "identity")
        made = [
            Line(
                id=row.pk, reference=row.reference, name=full_name(row.identity), said=row.since,
                ended_on=row.ends_on or localdate(now), said_on=row.since_said_on, is_to_say=row.pk in asked,
            )
            for row in rows
        ]  # fmt: skip
    return tuple(sorted(made, key=lambda line: (not line.is_to_say, line.ended_on, line.reference)))
