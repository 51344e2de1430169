"""The facts about a meeting handed to access.decide(), and the same rule as a queryset.

A meeting itself holds no person: whoever sits in the group sees that it takes place. What each line opens
is decided situation by situation (followups.facts), through the circle or the window given when convening.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import models
from django.utils.timezone import localdate

from casework.access.matrix import DataClass
from casework.access.policy import Action, Basis, Facts, ceiling, require
from casework.access.viewer import Viewer
from casework.errors import AccessRefused
from casework.minors.followups.facts import rules_run
from casework.minors.sessions import dates
from casework.minors.sessions.codes import SessionState
from casework.minors.sessions.models import GroupSession

# A convened service sees the meeting through the same door as the anonymous card: its seat in the group.
_SEATED = frozenset({Basis.SEATED})
PREPARING = (SessionState.PREPARED, SessionState.CANCELLED)


def session_facts(session: GroupSession, data_class: DataClass, now: datetime) -> Facts:
    """Return the facts about one meeting for one data class (its logistics are of class `session_minutes`)."""
    return Facts(
        territory_id=session.territory_id,
        group_id=session.group_id,
        data_class=data_class,
        grants=frozenset() if session.state in PREPARING else _SEATED,
        excluded=False,
        rules_in_force=rules_run(session.group_id, now),
        state_open=session.state not in (SessionState.APPROVED, SessionState.CANCELLED),
    )


def coordinates(viewer: Viewer) -> bool:
    """Say whether the matrix lets this role manage meetings and their minutes: only its cell W does.

    For whose work it is; each act still asks `require_on`.
    """
    return ceiling(viewer.role, Action.MANAGE, DataClass.SESSION_MINUTES)


def visible_to(viewer: Viewer, now: datetime) -> models.QuerySet[GroupSession]:
    """Return the meetings of the viewer's groups: those being prepared are the coordinator's alone."""
    rows = GroupSession.objects.filter(territory_id=viewer.territory_id, group_id__in=viewer.group_ids)
    if not viewer.live(now) or not viewer.charter_signed or not any(rules_run(pk, now) for pk in viewer.group_ids):
        return rows.none()
    return rows if coordinates(viewer) else rows.exclude(state__in=PREPARING)


def find(viewer: Viewer, pk: UUID, now: datetime) -> GroupSession:
    """Return one meeting the viewer may see. Raises AccessRefused: absent and refused look the same."""
    session = visible_to(viewer, now).filter(pk=pk).select_related("group", "territory").first()
    if session is None:
        raise AccessRefused(code="session")
    require_on(
        viewer, session, Action.VIEW, now
    )  # the role too: an agent of a service that sits may have no part in it
    return session


def require_on(viewer: Viewer, session: GroupSession, action: Action, now: datetime) -> None:
    """Ask decide() for one act on one meeting. Raises AccessRefused."""
    require(viewer, action, session_facts(session, DataClass.SESSION_MINUTES, now), now)


def next_meeting_day(session: GroupSession, today: date) -> date:
    """Return the day of the meeting after `session` and after today: the one planned, else a month later (CLV-21)."""
    planned = GroupSession.objects.filter(group_id=session.group_id, starts_at__gt=session.starts_at)
    planned = planned.exclude(state=SessionState.CANCELLED).order_by("starts_at")
    for starts_at in planned.values_list("starts_at", flat=True):
        if localdate(starts_at) > today:
            return localdate(starts_at)
    territory, day = session.territory, localdate(session.starts_at)
    away = dates.school_holidays(territory.school_zone, today)
    while day <= today or day <= localdate(session.starts_at):
        day = dates.next_day(day, holiday_set=territory.holiday_set, away=away)
    return day
