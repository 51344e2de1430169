"""The one field where a day is typed. On the lowest floor that has forms, for all those above."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.timezone import localdate

FORMATS = ("%d/%m/%Y", "%d/%m/%y", "%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y")
YEARS = range(1900, 2101)
UNREADABLE = "Tapez la date comme 12/03/2011."
TOO_OLD = "Vérifiez l’année : cette date remonte à plus de {} ans."
WRONG_YEAR = "Vérifiez l’année, en quatre chiffres : 12/03/2011."


class FrenchDateField(forms.DateField):
    """A day as people type it: 12/03/2011, 12.03.2011, or the browser's own calendar, which takes the year 0026."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            input_formats=FORMATS,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": UNREADABLE},
            **kwargs,
        )

    def to_python(self, value: Any) -> date | None:
        """Return the day. Raises ValidationError on what is no day, or one of another age."""
        day: date | None = super().to_python(value)
        if day is not None and day.year not in YEARS:
            raise forms.ValidationError(WRONG_YEAR, code="year")
        return day


class RecentDateField(FrenchDateField):
    """The day of an act of these last years: a year typed wrong is asked again, where a birthday may be old."""

    def __init__(self, *, years: int = 5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.years = years

    def to_python(self, value: Any) -> date | None:
        """Return the day. Raises ValidationError on one further back than `years`."""
        day = super().to_python(value)
        if day is not None and day.year < localdate().year - self.years:
            raise forms.ValidationError(TOO_OLD.format(self.years), code="year")
        return day


def in_address(text: str, otherwise: date) -> date:
    """Return the day written in an address, `otherwise` where it is none, or one of another age."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return day if day.year in YEARS else otherwise
