"""What the law says of « téléphone grave danger »: pure functions, no database, no clock (CPP 41-3-1, domain.md §6.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from casework.casefile.calendar import add_working_days
from casework.casefile.retention import months_after
from casework.vif.phones.codes import IMMINENT, Ban, Ground, Proof, Result

MONTHS = 6
"""TGD-03: a decision holds six months."""

TEST_DAYS, TEST_WARN_DAYS = 15, 2
"""TGD-13, DL-16: days between two tests; days before it at which it is called to mind."""

TERM_STEPS = (45, 15, 3)
"""DL-15: days before the term at which somebody is told."""

WRITTEN_DAYS = 2
"""Working days in which an oral decision is written (a default of ours, [D])."""

EVALUATION_DAYS = 5
"""DL-24: working days to assess, unless the prosecutor set a day."""

MISSES = 2
"""Tests missed in a row after which the prosecutor is told."""

COUNT_MONTHS = 12
"""SDC-07: months between two counts passed on to communes."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition of the law: met or not, and what it was seen in."""

    met: bool
    proof: str = ""


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """The conditions as they were checked (TGD-01, 04, 05, 06). `location`: her separate yes or no, never a condition."""

    ground: str
    apart: Condition
    ban: str
    ban_proof: str
    ban_ends_on: date | None
    consent: Condition
    location: bool | None
    ground_proof: str = ""


def missing(checked: Checklist) -> list[tuple[str, str]]:
    """Return (field, French sentence) for each condition that is not met or not proved; empty when she is eligible."""
    found: list[tuple[str, str]] = []
    if checked.ground not in Ground.values or checked.ground_proof not in Proof.values:
        found.append(("ground", "Victime de violences dans le couple ou de viol : à établir (CPP 41-3-1)."))
    if not checked.apart.met or checked.apart.proof not in Proof.values:
        found.append(("apart", "Il ne peut y avoir de téléphone tant qu’ils vivent ensemble."))
    if checked.ban not in Ban.values:
        found.append(("ban", "Une interdiction judiciaire de contact, ou un danger imminent avéré, est nécessaire."))
    elif not _ban_is_proved(checked):
        found.append(("ban_proof", "Dites dans quoi cette interdiction, ou ce danger, a été vu."))
    if not checked.consent.met or checked.consent.proof not in (Proof.SIGNED, Proof.SAID):
        found.append(("consent", "Son accord exprès est nécessaire."))
    if checked.location is None:
        found.append(("location", "Demandez-lui à part si elle accepte d’être localisée lors d’une alerte."))
    return found


def _ban_is_proved(checked: Checklist) -> bool:
    """A ban is seen in a decision or confirmed by the court; an imminent danger, in anything but her word alone."""
    allowed = (Proof.DECISION, Proof.COURT, Proof.POLICE) if checked.ban in IMMINENT else (Proof.DECISION, Proof.COURT)
    return checked.ban_proof in allowed


def ends_on(start: date) -> date:
    """Return the term of a decision that begins on `start` (TGD-03)."""
    return months_after(start, MONTHS)


def renewed_to(old: date, decided_on: date) -> date:
    """Return the new term: six months from the old one, or from the decision where it came late."""
    return months_after(max(old, decided_on), MONTHS)


def next_test(last: date) -> date:
    """Return the day by which the device is tested again (TGD-13)."""
    return last + timedelta(days=TEST_DAYS)


def misses(results: Sequence[str]) -> int:
    """Return how many tests in a row were missed, latest first in `results`."""
    count = 0
    for result in results:
        if result == Result.PASSED:
            break
        count += 1
    return count


def evaluate_by(signalled_on: date, holiday_set: str) -> date:
    """Return the last day to assess where the prosecutor set none (DL-24)."""
    return add_working_days(signalled_on, EVALUATION_DAYS, holiday_set)


def half_way(start: date, end: date) -> date:
    """Return the day half-way, at which an evaluation is called to mind (DL-24)."""
    return start + (end - start) / 2


def written_by(said_on: date, holiday_set: str) -> date:
    """Return the last day for the written decision that follows an oral one."""
    return add_working_days(said_on, WRITTEN_DAYS, holiday_set)


def step_to_come(term: date, today: date) -> date | None:
    """Return by when somebody is to move: 15 days before the term, then 3, then the term itself (DL-15).

    None earlier than 45 days before. Past, the term stays: nothing ends by itself.
    """
    if today < term - timedelta(days=TERM_STEPS[0]):
        return None
    steps = [term - timedelta(days=days) for days in TERM_STEPS[1:]]
    return next((step for step in steps if today < step), term)


def next_count(counted_on: date) -> date:
    """Return the first day on which the ressort may pass its numbers on again (SDC-07: at least one year)."""
    return months_after(counted_on, COUNT_MONTHS)
