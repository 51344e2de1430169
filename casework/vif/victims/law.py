"""What the law says of dates on the victim's side: pure functions, no database, no clock (domain.md §6.2, §12)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from casework.casefile.retention import months_after

ORDER_MONTHS = 12
"""Longest protection order (OP-01, CC 515-12)."""

CIVIL_BAR_MONTHS = 6
"""Longest anti-approach bracelet of a protection order, consent renewed after it (BAR-02, CPC 1136-18)."""

IMMEDIATE_HOURS = 24
"""The judge answers within them when the prosecutor asks for an immediate order (OP-02, CC 515-13-1)."""

HEARING_DAYS = 6
"""The judge decides within them once the hearing is fixed (OP-01, CC 515-11)."""

WARN_DAYS = 30
"""DL-17: first reminder."""

ANSWER_DAYS = 2
"""Working days after which the prosecutor's answer to a note is asked for again (a default of ours)."""

KEPT_MONTHS = 6
"""Months that the file stays after the end of the support, unless she asks sooner (domain.md §12, 9)."""


def immediate_answer_by(asked_at: datetime) -> datetime:
    """Return the instant by which an immediate order is given or refused (OP-02)."""
    return asked_at + timedelta(hours=IMMEDIATE_HOURS)


def order_problem(*, given_on: date, ends_on: date | None, bar_until: date | None, immediate: bool) -> str:
    """Return why an order cannot have these dates, "" if it can (OP-01, BAR-02)."""
    if ends_on is None and not immediate:
        return "Indiquez la fin de l’ordonnance."
    if ends_on is not None and ends_on <= given_on:
        return "La fin de l’ordonnance suit sa date : vérifiez."
    if ends_on is not None and ends_on > months_after(given_on, ORDER_MONTHS):
        return "Une ordonnance de protection dure douze mois au plus (code civil 515-12)."
    if bar_until is not None and not given_on < bar_until <= months_after(given_on, CIVIL_BAR_MONTHS):
        return "Le bracelet d’une ordonnance civile dure six mois au plus (CPC 1136-18)."
    return ""
