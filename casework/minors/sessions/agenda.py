"""The agenda by rule: which situations come to the next meeting, and why. Pure: no database, no clock.

Every line shows its reasons. Nothing here ranks a person: the order is by kind of reason, then by how
long the group has waited (BL-08, GDP-14); the coordinator reorders by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from casework.minors.followups.codes import Stage
from casework.minors.sessions.codes import AgendaReason

SCHEME_ENDING_DAYS = 30
STALE_SESSIONS = 3
DEFAULT_MINUTES = 8
NEW_REFERRAL_MINUTES = 10
KEEP_MINUTES = 5
MAX_SWAPPED = 24  # beyond, the first placing is good enough


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """What the rule looks at in one situation. Dates are local days; counts are numbers of meetings."""

    follow_up_id: UUID
    stage: str
    is_sorted: bool = True
    reviewed_before: bool = False
    next_review_on: date | None = None
    late_meetings: tuple[int, ...] = ()  # one entry per late decision: how many meetings it has waited
    scheme_ends_on: tuple[date, ...] = ()
    asked: bool = False
    sessions_missed: int = 0
    has_untabled_point: bool = False


@dataclass(frozen=True)
class Reason:
    """One coded reason, with a count of meetings where it means something."""

    code: AgendaReason
    n: int = 0


@dataclass(frozen=True)
class Proposal:
    """A situation proposed for the agenda, with its reasons and the minutes to plan."""

    follow_up_id: UUID
    reasons: tuple[Reason, ...]
    minutes: int


_ORDER = list(AgendaReason)


def reasons_for(candidate: Candidate, day: date) -> tuple[Reason, ...]:
    """Return why this situation belongs on the agenda of a meeting held on `day`; empty: it does not."""
    found: list[Reason] = []
    if candidate.stage in (Stage.REFERRED, Stage.INFORMED) and candidate.is_sorted:
        found.append(Reason(AgendaReason.NEW_REFERRAL))
    if candidate.stage == Stage.FOLLOWED:
        if candidate.next_review_on is not None and candidate.next_review_on <= day:
            found.append(Reason(AgendaReason.REVIEW_DUE))
        if candidate.late_meetings:
            found.append(Reason(AgendaReason.DECISION_LATE, max(candidate.late_meetings) + 1))
        horizon = day + timedelta(days=SCHEME_ENDING_DAYS)
        if any(day <= ends_on <= horizon for ends_on in candidate.scheme_ends_on):
            found.append(Reason(AgendaReason.SCHEME_ENDING))
        if candidate.sessions_missed >= STALE_SESSIONS:
            found.append(Reason(AgendaReason.NOT_DISCUSSED, candidate.sessions_missed))
        if candidate.has_untabled_point:
            found.append(Reason(AgendaReason.RESTRICTED_POINT))
    if candidate.asked and candidate.stage in (Stage.REFERRED, Stage.INFORMED, Stage.FOLLOWED):
        found.append(Reason(AgendaReason.ASKED))
    return tuple(sorted(found, key=lambda reason: _ORDER.index(reason.code)))


def build(candidates: Iterable[Candidate], day: date) -> list[Proposal]:
    """Return the proposals for a meeting on `day`, in order: by first reason, then longest wait."""
    proposals = [
        Proposal(candidate.follow_up_id, reasons, _minutes(reasons))
        for candidate in candidates
        if (reasons := reasons_for(candidate, day))
    ]
    return sorted(
        proposals,
        key=lambda proposal: (
            _ORDER.index(proposal.reasons[0].code),
            -max(reason.n for reason in proposal.reasons),
            str(proposal.follow_up_id),
        ),
    )


def _minutes(reasons: tuple[Reason, ...]) -> int:
    codes = {reason.code for reason in reasons}
    if AgendaReason.NEW_REFERRAL in codes:
        return NEW_REFERRAL_MINUTES
    if codes <= {AgendaReason.REVIEW_DUE}:
        return KEEP_MINUTES
    return DEFAULT_MINUTES


def say(code: str, n: int) -> str:
    """Return one reason as the screen and the paper say it: « décision en retard, 2e réunion »."""
    try:
        reason = AgendaReason(code)
    except ValueError:
        return ""
    if reason == AgendaReason.DECISION_LATE:
        return f"décision en retard, {n}e réunion" if n > 1 else "décision arrivée à échéance"
    if reason == AgendaReason.NOT_DISCUSSED and n:
        return f"pas examinée depuis {n} réunions"
    return str(reason.label)


@dataclass(frozen=True)
class Slot:
    """One line as the order of the meeting sees it: its key, who must be there, for how long."""

    key: UUID
    services: frozenset[UUID]
    minutes: int


@dataclass(frozen=True)
class Presence:
    """When one service arrives and leaves, in minutes from the start, and how long it waits in between."""

    arrives: int
    leaves: int
    waits: int


def presences(slots: Sequence[Slot]) -> dict[UUID, Presence]:
    """Return, for this order, the presence of each service asked."""
    spans: dict[UUID, tuple[int, int, int]] = {}
    start = 0
    for slot in slots:
        end = start + slot.minutes
        for service in slot.services:
            arrives, _, busy = spans.get(service, (start, end, 0))
            spans[service] = (arrives, end, busy + slot.minutes)
        start = end
    return {
        service: Presence(arrives, leaves, leaves - arrives - busy)
        for service, (arrives, leaves, busy) in spans.items()
    }


def in_blocks(slots: Sequence[Slot]) -> list[Slot]:
    """Return the lines ordered so that each service arrives and leaves once, as far as that exists.

    Lines heard by the same services stay together, in their order; groups are placed one by one where they
    make the others wait least, then swapped while that helps. Same input, same order.
    """
    groups: dict[frozenset[UUID], list[Slot]] = {}
    for slot in slots:
        groups.setdefault(slot.services, []).append(slot)
    placed: list[list[Slot]] = []
    for group in sorted(groups.values(), key=lambda rows: -len(rows[0].services)):
        tries = [[*placed[:at], group, *placed[at:]] for at in range(len(placed), -1, -1)]
        placed = min(tries, key=_waiting)
    better = True
    while better and len(placed) <= MAX_SWAPPED:
        better = False
        for one in range(len(placed)):
            for other in range(one + 1, len(placed)):
                swapped = placed.copy()
                swapped[one], swapped[other] = swapped[other], swapped[one]
                if _waiting(swapped) < _waiting(placed):
                    placed, better = swapped, True
    return [slot for group in placed for slot in group]


def _waiting(groups: Sequence[Sequence[Slot]]) -> int:
    """Return how many minutes services wait in all, in this order of groups."""
    return sum(presence.waits for presence in presences([slot for group in groups for slot in group]).values())
