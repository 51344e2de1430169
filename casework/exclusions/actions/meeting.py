"""The day of return: planned, held, what was agreed as codes, and the end (EXC-18, EXC-20, row 26b)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import revision
from casework.errors import GuardRefused, InputRefused
from casework.exclusions import facts, law
from casework.exclusions.actions import places, team
from casework.exclusions.codes import Agreed, Attendee, NoReturn, State
from casework.exclusions.models import ExclusionSupport
from casework.exclusions.states import LIFECYCLE

FEEDBACK_LENGTH = 300
PLANNED_IN = (State.NOTIFIED, State.AGREED, State.HOSTED)


def plan(
    *, by: Viewer, support: ExclusionSupport, return_at: datetime, attendees: Sequence[str], now: datetime,
    expected: int | None,
) -> None:  # fmt: skip
    """Set day and hour of the return meeting, and who is to come; again to change it.

    Raises AccessRefused, InputRefused, GuardRefused, ConflictRefused.
    """
    facts.require_on(by, support, Action.CHANGE, facts.RETURN, now)
    _check_attendees(attendees)
    if return_at < now:
        raise InputRefused("Cette heure est passée.", field="return_at")
    if law.school_year(localdate(return_at)) != support.school_year:
        raise InputRefused("La rencontre se tient dans la même année scolaire.", field="return_at")
    known = _known(by, support)
    with audit.writing(by, now=now) as w:
        row = revision.lock(ExclusionSupport.objects.all(), support.pk, expected)
        if row.state not in PLANNED_IN:
            raise GuardRefused("La rencontre de retour se prépare avant d’avoir lieu.")
        revision.save(row, return_at=return_at, meeting=known | {"attendees": _sorted(Attendee, attendees)})
        w.note(Act.CHANGE, row, classes=[facts.RETURN], why="return_planned")
    team.tell_holders(support, now, but=by)


def hold(
    *, by: Viewer, support: ExclusionSupport, held_on: date, attendees: Sequence[str], now: datetime,
    expected: int | None,
) -> None:  # fmt: skip
    """Say that the return meeting was held, and who came. Raises AccessRefused, InputRefused, MoveRefused."""
    facts.require_on(by, support, Action.MOVE, facts.RETURN, now)
    _check_attendees(attendees)
    if held_on > localdate(now):
        raise InputRefused("Cette date est à venir.", field="held_on")
    if support.starts_on and held_on < support.starts_on:
        raise InputRefused("La rencontre suit le premier jour de l’accueil.", field="held_on")
    known = _known(by, support) | {"attendees": _sorted(Attendee, attendees)}
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(
            support, State.RETURN_MEETING, w=w, by=by, now=now, expected_revision=expected, return_held_on=held_on,
            meeting=known,
        )  # fmt: skip
        w.note(Act.CHANGE, support, classes=[facts.RETURN], why="return_held")
    team.tell_holders(support, now, but=by)


def conclude(
    *, by: Viewer, support: ExclusionSupport, agreed: Sequence[str], feedback: str, family_read: bool, now: datetime,
    expected: int | None,
) -> None:  # fmt: skip
    """Write what was agreed, as codes, and a short feedback that the family read and accepted (EXC-20).

    Raises AccessRefused, InputRefused, GuardRefused, ConflictRefused.
    """
    facts.require_on(by, support, Action.CHANGE, facts.RETURN, now)
    words = feedback.strip()
    if not agreed or not set(agreed) <= set(Agreed.values):
        raise InputRefused("Choisissez ce qui a été convenu.", field="agreed")
    if len(words) > FEEDBACK_LENGTH:
        raise InputRefused(f"{FEEDBACK_LENGTH} caractères au plus.", field="feedback")
    if words and not family_read:
        raise InputRefused("Ce texte est relu avec la famille avant d’être gardé.", field="family_read")
    known = _known(by, support) | {"agreed": _sorted(Agreed, agreed), "feedback": words}
    with audit.writing(by, now=now) as w:
        row = revision.lock(ExclusionSupport.objects.all(), support.pk, expected)
        if row.state != State.RETURN_MEETING:
            raise GuardRefused("Dites d’abord que la rencontre a eu lieu.")
        revision.save(row, meeting=known, feedback_at=now)
        w.note(Act.CHANGE, row, classes=[facts.RETURN], why="feedback")


def close(*, by: Viewer, support: ExclusionSupport, now: datetime, expected: int | None) -> None:
    """Close after the meeting. Raises AccessRefused, GuardRefused (nothing agreed yet), MoveRefused."""
    facts.require_on(by, support, Action.MOVE, facts.RETURN, now)
    _close(by, support, now, expected)


def close_without(*, by: Viewer, support: ExclusionSupport, reason: str, now: datetime, expected: int | None) -> None:
    """Close without a return meeting, with its reason (10.6). Raises AccessRefused, InputRefused, MoveRefused."""
    facts.require_on(by, support, Action.MOVE, facts.RETURN, now)
    if reason not in NoReturn.values:
        raise InputRefused("Indiquez pourquoi il n’y a pas eu de rencontre.", field="reason")
    if support.state != State.HOSTED:
        raise GuardRefused("Un accueil commencé se clôt ; avant, il s’annule.")
    _close(by, support, now, expected, no_return=reason)


def _close(by: Viewer, support: ExclusionSupport, now: datetime, expected: int | None, **changes: Any) -> None:
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(
            support, State.CLOSED, w=w, by=by, now=now, expected_revision=expected, closed_on=localdate(now), **changes
        )
        places.release(w, support=support, from_day=localdate(now))
        team.settle_leaders(w, support, by=by, now=now)
    team.tell_holders(support, now, but=by)


def _known(by: Viewer, support: ExclusionSupport) -> dict[str, Any]:
    """Return what is already written of the meeting, opened."""
    with audit.reading(
        by, subjects=[support.subject_id], classes=[facts.RETURN], purpose=Purpose.REVIEW, module="exclusions",
        object_type=ExclusionSupport._meta.label_lower, object_ids=[support.pk],
    ):  # fmt: skip
        return dict(support.meeting or {})


def _check_attendees(attendees: Sequence[str]) -> None:
    if not attendees or not set(attendees) <= set(Attendee.values):
        raise InputRefused("Choisissez qui vient.", field="attendees")


def _sorted(codes: type[Attendee] | type[Agreed], chosen: Sequence[str]) -> list[str]:
    return [code for code in codes.values if code in chosen]
