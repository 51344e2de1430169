"""Instants to test with: of a given day, whatever the hour at which the tests run."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from casework.casefile.calendar import start_instant


def noon(day: date) -> datetime:
    """Return the middle of a local day, which no change of the clock moves to another day.

    `timezone.now() + timedelta(days=n)` is the day before, or after, for whoever runs it near midnight.
    """
    return start_instant(day) + timedelta(hours=12)
