"""The sums of a measure: when reports are owed, when silence is too long, when the file goes. No database, no clock."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from casework.casefile.retention import ended_before, months_after
from casework.vif.offenders.codes import HEARD, SIX_MONTHS, Frame

REPORT_WARN: Final = 15
"""DL-18: days before the hearing, or before the term, at which the final report is asked for."""
COURSE_MONTHS: Final = 6
COURSE_WARN: Final = 30
"""DL-19: the course is done within six months of the final judgment (CP 131-5-1, R131-35)."""
SILENCE_DAYS: Final = 30
"""Days without any contact after which a measure comes back, where the service set no other number."""
KEEP_MONTHS: Final = 6
"""domain.md §12, 9: copies stay six months after the end."""
ANSWER_DAYS: Final = 8
"""Days offered for the magistrate's answer to an incident; the officer may change them."""


def report_due_on(*, frame: str, hearing_on: date | None, term_on: date) -> date:
    """Return the last good day of the final report: the day before the hearing, else before the term (DL-18)."""
    limit = hearing_on if frame in HEARD and hearing_on else term_on
    return limit - timedelta(days=1)


def course_due_on(*, frame: str, ordered_on: date) -> date | None:
    """Return the last day of a course ordered as such, None for other frames (DL-19)."""
    return months_after(ordered_on, COURSE_MONTHS) if frame == Frame.COURSE else None


def term_problem(*, frame: str, ordered_on: date, term_on: date) -> str:
    """Return why the law does not know this term, "" when it does (CJ-40, CJ-41)."""
    if term_on <= ordered_on:
        return "Le terme suit la décision : vérifiez les dates."
    if frame in SIX_MONTHS and term_on > months_after(ordered_on, 6):
        return "Cette mesure dure six mois au plus (CPP 41-1, 41-2)."
    if frame == Frame.COURSE and term_on > months_after(ordered_on, COURSE_MONTHS):
        return "Le stage se fait dans les six mois de la condamnation (CP 131-5-1)."
    return ""


def course_problem(*, starts_on: date, ends_on: date) -> str:
    """Return why a course cannot last so long, "" when it can: one month at most (CJ-40)."""
    if ends_on < starts_on:
        return "La fin suit le début."
    return "Un stage dure un mois au plus (CP R131-35)." if ends_on > months_after(starts_on, 1) else ""


def gone_on(closed_on: date) -> date:
    """Return the day on which a file closed that day is no longer opened."""
    return months_after(closed_on, KEEP_MONTHS)


def closed_before(today: date) -> date:
    """Return the last closing day of the files that are gone on `today`; `gone_on` says the same of one."""
    return ended_before(today, KEEP_MONTHS)
