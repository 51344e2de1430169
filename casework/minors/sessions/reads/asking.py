"""On the page of a situation: is it on the next agenda, or may my service ask for it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from casework.access.matrix import DataClass
from casework.access.policy import Action, decide
from casework.access.viewer import Viewer
from casework.minors.followups.facts import Relation
from casework.minors.followups.models import FollowUp
from casework.minors.sessions import candidates, facts
from casework.minors.sessions.codes import SessionState
from casework.minors.sessions.reads.meetings import Meeting, meeting_of


@dataclass(frozen=True)
class Asking:
    """What the part shows."""

    follow_up_id: UUID
    on_agenda: Meeting | None
    asked: bool


def build(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> Asking | None:
    """Return the part, or None for who is not in the circle or a situation no meeting examines."""
    allowed = decide(viewer, Action.CREATE, relation.facts(DataClass.YOUTH_REVIEW), now).allow
    if not allowed or follow_up.state not in candidates.STAGES:
        return None
    ahead = (SessionState.PREPARED, SessionState.CONVENED, SessionState.OPEN)
    session = facts.visible_to(viewer, now).filter(state__in=ahead, lines__follow_up=follow_up).first()
    waiting = follow_up.agenda_requests.filter(organisation_id=viewer.organisation_id, taken_in=None)
    return Asking(
        follow_up_id=follow_up.pk,
        on_agenda=meeting_of(session) if session is not None else None,
        asked=session is None and waiting.exists(),
    )
