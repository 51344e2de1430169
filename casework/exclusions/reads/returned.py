"""The day of return as school and host read it (row 26b)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.casefile import format as fr
from casework.exclusions import facts
from casework.exclusions.codes import Agreed, Attendee, NoReturn, State
from casework.exclusions.models import ExclusionSupport


@dataclass(frozen=True, kw_only=True)
class Return:
    """What is planned, who came, what was agreed."""

    at: datetime | None
    held_on: date | None
    attendees: tuple[str, ...]
    attendee_codes: tuple[str, ...]
    agreed: tuple[str, ...]
    agreed_codes: tuple[str, ...]
    feedback: str
    is_concluded: bool
    none_because: str
    may_plan: bool
    may_hold: bool
    may_conclude: bool
    may_close: bool


def of(viewer: Viewer, row: ExclusionSupport, now: datetime) -> Return | None:
    """Return the meeting of a support opened by the caller, None to who may not read it or while there is no pupil."""
    link = facts.relation(viewer, row, now)
    if not link.may(viewer, Action.VIEW, facts.RETURN, now) or row.state == State.PLACE_HELD:
        return None
    may = link.may(viewer, Action.CHANGE, facts.RETURN, now)
    said = dict(row.meeting or {})
    attendees, agreed = tuple(said.get("attendees", ())), tuple(said.get("agreed", ()))
    return Return(
        at=row.return_at, held_on=row.return_held_on, attendee_codes=attendees, agreed_codes=agreed,
        attendees=tuple(fr.label(Attendee, code) for code in attendees),
        agreed=tuple(fr.label(Agreed, code) for code in agreed), feedback=str(said.get("feedback", "")),
        is_concluded=row.feedback_at is not None, none_because=fr.label(NoReturn, row.no_return),
        may_plan=may and row.state in (State.NOTIFIED, State.AGREED, State.HOSTED),
        may_hold=may and row.state == State.HOSTED, may_conclude=may and row.state == State.RETURN_MEETING,
        may_close=may and row.state == State.RETURN_MEETING and row.feedback_at is not None,
    )  # fmt: skip
