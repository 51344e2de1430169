"""Dates that the group watches: the monthly meeting, stale situations (DL-05), the charter (DL-06)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.timezone import localdate

from casework.access import memo
from casework.access.viewer import Viewer
from casework.casefile.deadlines import Deadline, register, state_on
from casework.casefile.retention import months_after
from casework.minors.followups import facts as followup_facts
from casework.minors.followups.codes import Stage
from casework.minors.sessions import facts
from casework.minors.sessions.agenda import STALE_SESSIONS
from casework.minors.sessions.codes import SessionState
from casework.minors.sessions.models import GroupSession
from casework.partners import reads as partners

HELD = (SessionState.OPEN, SessionState.CLOSED, SessionState.APPROVED)
JUSTIFY_MONTHS = 12


def for_coordinator(viewer: Viewer, now: datetime) -> list[Deadline]:
    """Return DL-05 and DL-06 for whoever runs the group; others see their own lines elsewhere."""
    if not facts.coordinates(viewer) or viewer.group_id is None or not viewer.live(now) or not viewer.charter_signed:
        return []
    # Asked by the lines of work and by the calendar of the same page.
    return memo.once(("sessions.deadlines", viewer, now), lambda: _watched(viewer, now))


def _watched(viewer: Viewer, now: datetime) -> list[Deadline]:
    today = localdate(now)
    return [*_monthly(viewer, today, now), *_stale(viewer, today, now), *_charter(viewer, today)]


def _monthly(viewer: Viewer, today: date, now: datetime) -> list[Deadline]:
    """One meeting a month (CLV-21): due a month after the last one held, unless one is already dated."""
    rows = GroupSession.objects.filter(group_id=viewer.group_id)
    last = rows.filter(state__in=HELD).order_by("-starts_at").first()
    if last is None or rows.filter(state__in=(SessionState.PREPARED, SessionState.CONVENED), ends_at__gt=now).exists():
        return []
    due = months_after(localdate(last.starts_at), 1)
    warn = due - timedelta(days=14)
    return [
        Deadline(
            rule="DL-05", label="Réunion mensuelle de la cellule : fixer la date", due=due, warn=warn,
            object_id=last.pk, url=reverse("meetings:new"), state=state_on(today, due=due, warn=warn),
        )
    ]  # fmt: skip


def _stale(viewer: Viewer, today: date, now: datetime) -> list[Deadline]:
    """A followed situation not examined for three meetings alerts; for twelve months, it ends or is justified."""
    rows = followup_facts.visible_to(viewer, now).filter(state=Stage.FOLLOWED).only(
        "pk", "subject_id", "territory_id", "reference", "last_reviewed_on", "started_on", "sessions_missed",
        "is_takeover", "sorted_at", "purge_check_on", "purge_on",
    )  # fmt: skip
    found: list[Deadline] = []
    for row in followup_facts.not_over(rows, now):
        # A situation taken over from the old spreadsheet is counted from the day it entered here.
        entered = localdate(row.sorted_at) if row.is_takeover and row.sorted_at else row.started_on
        seen = row.last_reviewed_on or entered
        if seen is None:
            continue
        url = reverse("followups:page", args=[row.pk])
        end = months_after(seen, JUSTIFY_MONTHS)
        if today >= end - timedelta(days=30):
            found.append(
                Deadline(
                    rule="DL-05", label=f"{row.reference} : douze mois sans examen, terminer ou justifier", due=end,
                    warn=end - timedelta(days=30), object_id=row.pk, url=url,
                    state=state_on(today, due=end, warn=end - timedelta(days=30)),
                )
            )  # fmt: skip
        elif row.sessions_missed >= STALE_SESSIONS:
            due = months_after(seen, STALE_SESSIONS)
            found.append(
                Deadline(
                    rule="DL-05", label=f"{row.reference} : pas examinée depuis {row.sessions_missed} réunions",
                    due=due, warn=due, object_id=row.pk, url=url, state="late" if today > due else "soon",
                )
            )  # fmt: skip
    return found


def _charter(viewer: Viewer, today: date) -> list[Deadline]:
    """The charter and the accesses are reviewed once a year (CLV-27)."""
    charter = partners.current_charter(viewer.territory_id)
    if charter is None:
        return []
    due = months_after(charter.adopted_on, 12)
    warn = due - timedelta(days=30)
    return [
        Deadline(
            rule="DL-06", label="Revue annuelle de la charte et des accès", due=due, warn=warn,
            object_id=viewer.territory_id, url=reverse("directory:index"), state=state_on(today, due=due, warn=warn),
        )
    ]  # fmt: skip


register(for_coordinator)
