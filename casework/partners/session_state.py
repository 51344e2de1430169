"""How long a session lasts: ten hours at most, a lock after fifteen quiet minutes (security.md §3.11).

The only place that knows the session's keys. A session holds ids and instants, never a name. Instants are
whole seconds of the epoch, so that the session stays plain JSON.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

ABSOLUTE = timedelta(hours=10)
IDLE = timedelta(minutes=15)
MEETING_IDLE = timedelta(minutes=45)
# `seen_at` is written at most this often: a page read must not cost a write each time.
SEEN_STEP = timedelta(seconds=30)
STEP_UP = timedelta(minutes=5)

MANDATE = "mandate"
STARTED_AT = "started_at"
SEEN_AT = "seen_at"
LOCKED = "locked"
MEETING_UNTIL = "meeting_until"
STEPPED_UP_AT = "stepped_up_at"
REF = "ref"
CLOSED_AT = "closed_at"
CHALLENGES = "challenges"
# Several tabs may each show a page that waits for a key.
CHALLENGES_KEPT = 5


class SessionState(StrEnum):
    """What a signed-in session may do now."""

    OPEN = "open"
    LOCKED = "locked"
    OVER = "over"


def begin(session: SessionBase, *, mandate_id: UUID | None, now: datetime) -> None:
    """Start the clocks of a session whose two factors were just given (MFA-01)."""
    stamp = _stamp(now)
    session[STARTED_AT] = stamp
    session[SEEN_AT] = stamp
    session[STEPPED_UP_AT] = stamp
    session[REF] = secrets.token_hex(8)
    session.pop(LOCKED, None)
    session.pop(MEETING_UNTIL, None)
    choose_mandate(session, mandate_id)


def state(session: SessionBase, now: datetime) -> SessionState:
    """Return what this session may do at `now`.

    Over: ten hours after sign-in, or a session without clocks (T-45). Locked: asked for, or quiet for longer
    than the idle limit, or a clock set back.
    """
    started, seen = _moment(session, STARTED_AT), _moment(session, SEEN_AT)
    if started is None or seen is None or now - started >= ABSOLUTE:
        return SessionState.OVER
    if session.get(LOCKED) or now - seen >= idle_limit(session, now) or now < started - timedelta(minutes=1):
        return SessionState.LOCKED
    return SessionState.OPEN


def idle_limit(session: SessionBase, now: datetime) -> timedelta:
    """Return how long the screen may stay quiet: 45 minutes while a meeting's timer runs."""
    return MEETING_IDLE if meeting_runs(session, now) else IDLE


def meeting_runs(session: SessionBase, now: datetime) -> bool:
    """Say whether a meeting's timer was running in this session."""
    until = _moment(session, MEETING_UNTIL)
    return until is not None and now < until


def open_meeting(session: SessionBase, until: datetime | None) -> None:
    """Say until when the room is held open by its timer; None closes it."""
    if until is None:
        session.pop(MEETING_UNTIL, None)
    else:
        session[MEETING_UNTIL] = _stamp(until)


def touch(session: SessionBase, now: datetime) -> None:
    """Record an activity of the person (a polled route is not one)."""
    seen = _moment(session, SEEN_AT)
    if seen is None or now - seen >= SEEN_STEP:
        session[SEEN_AT] = _stamp(now)


def lock(session: SessionBase) -> None:
    """Lock the screen at once."""
    session[LOCKED] = True


def unlock(session: SessionBase, now: datetime) -> None:
    """Open the screen again; the ten hours go on."""
    session.pop(LOCKED, None)
    session[SEEN_AT] = _stamp(now)


def reference(session: SessionBase) -> str:
    """Return the name of this session in the journal: random, not its key; "" before sign-in."""
    return str(session.get(REF, ""))


def mandate_id(session: SessionBase) -> UUID | None:
    """Return the mandate under which the agent acts in this session."""
    try:
        return UUID(str(session.get(MANDATE) or ""))
    except ValueError:
        return None


def choose_mandate(session: SessionBase, chosen: UUID | None) -> None:
    """Act under this mandate from now on."""
    session[MANDATE] = str(chosen) if chosen else ""


def factor_given(session: SessionBase, now: datetime) -> None:
    """Record a fresh second factor (step-up)."""
    session[STEPPED_UP_AT] = _stamp(now)


def factor_is_fresh(session: SessionBase, now: datetime, within: timedelta = STEP_UP) -> bool:
    """Say whether the second factor was given less than `within` ago."""
    given = _moment(session, STEPPED_UP_AT)
    return given is not None and timedelta(0) <= now - given < within


def new_challenge(session: SessionBase, purpose: str, now: datetime) -> bytes:
    """Return random bytes for a security key to sign, remembered five minutes for this purpose."""
    value = secrets.token_bytes(32)
    kept = [*session.get(CHALLENGES, []), [value.hex(), purpose, _stamp(now)]]
    session[CHALLENGES] = kept[-CHALLENGES_KEPT:]
    return value


def take_challenge(session: SessionBase, value: bytes, purpose: str, now: datetime) -> bool:
    """Say whether `value` was asked here, for this purpose, less than five minutes ago; it serves once."""
    kept = session.get(CHALLENGES, [])
    session[CHALLENGES] = [each for each in kept if each[0] != value.hex()]
    return any(
        each[0] == value.hex() and each[1] == purpose and 0 <= _stamp(now) - each[2] < STEP_UP.total_seconds()
        for each in kept
    )


def closed_elsewhere(session: SessionBase) -> datetime | None:
    """Return when another sign-in closed this session, once: it is told at the next visit."""
    moment = _moment(session, CLOSED_AT)
    session.pop(CLOSED_AT, None)
    return moment


def _stamp(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(session: SessionBase, key: str) -> datetime | None:
    value = session.get(key)
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int) else None
