"""What meetings tell situations, without naming anybody: when the group meets, when a line was opened."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Max
from django.db.models.functions import Coalesce, Least

from casework.minors.followups.meetings import Calendar
from casework.minors.sessions.codes import SessionState
from casework.minors.sessions.models import AgendaLine, GroupSession, Review


def starts(group_id: UUID, after: datetime) -> list[datetime]:
    """Return when the meetings of a group begin after an instant: the hour fixed, or the room opened before it."""
    rows = GroupSession.objects.filter(group_id=group_id).exclude(state=SessionState.CANCELLED)
    begins = Least("starts_at", Coalesce("opened_at", "starts_at"))
    found = rows.annotate(begins=begins).filter(begins__gt=after).order_by("begins")
    return list(found.values_list("begins", flat=True))


def last_opened(follow_up_id: UUID) -> datetime | None:
    """Return when a situation was last opened in the room, None if it never was."""
    moment: datetime | None = AgendaLine.objects.filter(follow_up_id=follow_up_id).aggregate(at=Max("opened_at"))["at"]
    return moment


def times_reviewed(follow_up_id: UUID) -> int:
    """Return how many times a situation was examined, today's included."""
    return Review.objects.filter(follow_up_id=follow_up_id).count()


CALENDAR = Calendar(starts=starts, last_opened=last_opened, times_reviewed=times_reviewed)
