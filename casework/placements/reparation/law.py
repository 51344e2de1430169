"""What the law says of ages and terms in a réparation: pure functions, no database, no clock (domain.md §5)."""

from __future__ import annotations

from datetime import date, timedelta

from casework.casefile.retention import age_on, birthday, ended_before, months_after, years_after
from casework.placements.reparation.codes import Track

DISCERNMENT_AGE = 13
"""Under it, a minor is presumed without discernment (MIN-01, CJPM L11-1)."""

MAJORITY = 18
MEASURE_ENDS_AT = 21
"""A measure ends at this birthday at the latest (REP-13, CJPM L112-4)."""

MODULE_YEARS = 1
"""Longest module (REP-08, CJPM L112-10)."""

MEASURE_YEARS = 5
"""Longest mesure éducative judiciaire (REP-13, CJPM L112-4)."""

REPORT_DAYS = 15
"""Days before the term at which the report of a module is due (REP-10, CJPM D112-33)."""

MEASURE_REPORT_MONTHS = 6
WARN_DAYS = 30
"""DL-13: first reminder."""

MEASURE_WARN_DAYS = 15
"""DL-14: first reminder."""

HEARING_MONTHS = (6, 9)
"""Between the hearing on guilt and the one on the sanction (MIN-06, CJPM L521-9)."""

KEPT_MONTHS = 6
"""Months that the file stays after the outcome (domain.md §12, 9: no text found, a default of ours)."""


def age_at_facts(born_on: date, facts_on: date) -> int:
    """Return the age that rules the case (MIN-05): stored once, never worked out again.

    Raises ValueError when the facts precede the birth.
    """
    return age_on(born_on, facts_on)


def age_problem(*, born_on: date, facts_on: date, discernment_seen: bool) -> str:
    """Return why this person cannot have a réparation, "" if nothing stands against it (MIN-01, MIN-02)."""
    if facts_on < born_on:
        return "Les faits précèdent la naissance : vérifiez les dates."
    age = age_at_facts(born_on, facts_on)
    if age >= MAJORITY:
        return "La personne était majeure au jour des faits : la réparation pénale concerne les mineurs (CJPM L13-2)."
    if age < DISCERNMENT_AGE and not discernment_seen:
        return (
            "Avant 13 ans, le discernement ne se présume pas : cochez qu’il ressort du dossier, ou rendez le dossier "
            "au magistrat (CJPM L11-1, D422-2)."
        )
    return ""


def term_problem(*, track: str, ordered_on: date, term_on: date, born_on: date) -> str:
    """Return why this term is not possible, "" if it is (REP-08, REP-13).

    The alternative has no maximum of its own: the prosecutor's term is kept as it is, a year typed wrong apart.
    """
    if term_on <= ordered_on:
        return "Le terme suit la décision : vérifiez les dates."
    if track != Track.MODULE:
        late = term_on > birthday(born_on, MEASURE_ENDS_AT)
        return "Vérifiez l’année du terme : le jeune aurait plus de 21 ans." if late else ""
    if term_on > years_after(ordered_on, MODULE_YEARS):
        return "Un module de réparation dure un an au plus (CJPM L112-10)."
    if term_on > birthday(born_on, MEASURE_ENDS_AT):
        return "La mesure éducative judiciaire prend fin aux 21 ans (CJPM L112-4)."
    return ""


def measure_problem(*, measure_from: date | None, measure_to: date | None, born_on: date, term_on: date) -> str:
    """Return why these dates of the measure that carries the module are not possible (REP-13)."""
    if measure_from is None and measure_to is None:
        return ""
    if measure_from is None or measure_to is None:
        return "Indiquez les deux dates de la mesure éducative judiciaire, ou aucune."
    if measure_to <= measure_from:
        return "La fin de la mesure suit son début."
    if measure_to > years_after(measure_from, MEASURE_YEARS):
        return "Une mesure éducative judiciaire dure cinq ans au plus (CJPM L112-4)."
    if measure_to > birthday(born_on, MEASURE_ENDS_AT):
        return "La mesure éducative judiciaire prend fin aux 21 ans (CJPM L112-4)."
    if term_on > measure_to:
        return "Le module finit avec la mesure éducative judiciaire, ou avant elle."
    return ""


def hearing_problem(*, guilt_on: date | None, sanction_on: date | None) -> str:
    """Return why these hearings do not frame an educational probation (MIN-06); both empty: none."""
    if guilt_on is None and sanction_on is None:
        return ""
    if guilt_on is None or sanction_on is None:
        return "Indiquez les deux audiences de la mise à l’épreuve éducative, ou aucune."
    first, last = (months_after(guilt_on, months) for months in HEARING_MONTHS)
    if not first <= sanction_on <= last:
        return "L’audience sur la sanction vient de six à neuf mois après celle sur la culpabilité (CJPM L521-9)."
    return ""


def report_due_on(*, track: str, term_on: date) -> date:
    """Return the last good day of the report: the term (alternative), 15 days before it (module) (REP-10)."""
    return term_on - timedelta(days=REPORT_DAYS) if track == Track.MODULE else term_on


def measure_report_due_on(*, measure_from: date, measure_to: date, sent: list[date]) -> date | None:
    """Return when the next report of the mesure éducative judiciaire is due (REP-13, DL-14).

    Every six months from its start, and 15 days before its term. `sent`: the days reports left; each answers the
    oldest date still open, once the six months before that date have begun. None when all are answered.
    """
    last = measure_to - timedelta(days=REPORT_DAYS)
    due, n = [], 1
    while (day := months_after(measure_from, MEASURE_REPORT_MONTHS * n)) < last:
        due.append(day)
        n += 1
    due.append(last)
    answered = 0
    for day in sorted(sent):
        since = due[answered - 1] if answered else measure_from
        if answered < len(due) and day > since:
            answered += 1
    return due[answered] if answered < len(due) else None


def gone_on(closed_on: date) -> date:
    """Return the first day on which the file is no longer there (domain.md §12, 9)."""
    return months_after(closed_on, KEPT_MONTHS)


def closed_before(today: date) -> date:
    """Return the day such that what was closed on it, or before, is gone on `today`; the reverse of `gone_on`."""
    return ended_before(today, KEPT_MONTHS)
