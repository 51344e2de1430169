"""Who was on which agenda: what the watch rules of the journal compare a reading with."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.utils.timezone import localdate

from casework.minors.sessions.models import AgendaLine


def on_agenda(territory_id: UUID, since: date, until: date) -> set[tuple[UUID, date]]:
    """Return (person, day of the meeting) of the situations on an agenda between two days."""
    rows = AgendaLine.objects.filter(
        territory_id=territory_id, follow_up__isnull=False,
        session__starts_at__date__gte=since, session__starts_at__date__lte=until,
    ).values_list("follow_up__subject_id", "session__starts_at")  # fmt: skip
    return {(subject_id, localdate(starts_at)) for subject_id, starts_at in rows if subject_id is not None}
