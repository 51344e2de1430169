"""Ages in bands, the only form in which an age leaves a file (SDC-09). Pure functions."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import TextChoices

from casework.casefile.retention import age_on


class AgeBand(TextChoices):
    """The bands of SDC-09, and one for adults over 25. "" where the age is not known."""

    TO_12 = "10_12", "12 ans et moins"
    TO_15 = "13_15", "13 à 15 ans"
    TO_17 = "16_17", "16 et 17 ans"
    TO_20 = "18_20", "18 à 20 ans"
    TO_25 = "21_25", "21 à 25 ans"
    ABOVE = "26_up", "26 ans et plus"


YOUTH: Final = tuple(band for band in AgeBand if band is not AgeBand.ABOVE)
"""Whom the cellule may follow (RET-03)."""

_LAST: Final = ((12, AgeBand.TO_12), (15, AgeBand.TO_15), (17, AgeBand.TO_17), (20, AgeBand.TO_20), (25, AgeBand.TO_25))


def band(born_on: date | None, on: date) -> str:
    """Return the band of whoever was born that day, on day `on`; "" where it is not known or not born yet.

    Children under ten go with the first band: a band of their own would be of one child.
    """
    if born_on is None or born_on > on:
        return ""
    age = age_on(born_on, on)
    return next((found for last, found in _LAST if age <= last), AgeBand.ABOVE).value
