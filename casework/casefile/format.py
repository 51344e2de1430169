"""How dates, durations, ages and counts are written in French, on screen and on paper.

The only place for it: template filters and documents call these. Days are spelled here rather than
by the locale, so that a document made on another machine reads the same.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from django.db.models import Choices

from casework.casefile.retention import age_on

NARROW = "\u202f"
"""Narrow no-break space, before ; : ! ? and inside « »."""

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
SHORT_MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip

_AGE_BANDS = ((10, 12), (13, 15), (16, 17), (18, 25))


def label(codes: type[Choices], value: str | None, default: str = "") -> str:
    """Return the French word of a code, `default` where there is none: a code of another time is not an error."""
    return str(dict(codes.choices).get(value or "", default))


def capital(text: str) -> str:
    """Return `text` with a capital first; the rest is left alone (`str.capitalize` lowers it)."""
    return f"{text[:1].upper()}{text[1:]}"


def nb(text: str) -> str:
    """Return `text` with narrow no-break spaces where French typography wants them."""
    text = re.sub(r"[ \u00a0]+([;:!?»])", rf"{NARROW}\1", text)
    return re.sub(r"«[ \u00a0]*", f"«{NARROW}", text)


def _number(day: date) -> str:
    return "1er" if day.day == 1 else str(day.day)


def long_date(day: date) -> str:
    """Return `8 décembre 2026`."""
    return f"{_number(day)} {MONTHS[day.month - 1]} {day.year}"


def day(day: date) -> str:
    """Return `lundi 8 décembre 2026`."""
    return f"{WEEKDAYS[day.weekday()]} {long_date(day)}"


def weekday(day: date) -> str:
    """Return `lundi 1er décembre`; the year is left out, so keep it for days near today."""
    return f"{WEEKDAYS[day.weekday()]} {_number(day)} {MONTHS[day.month - 1]}"


def short_day(day: date) -> str:
    """Return `8 déc.`; the year is left out, so keep it for days near today."""
    return f"{_number(day)} {SHORT_MONTHS[day.month - 1]}"


def numeric_day(day: date) -> str:
    """Return `08/12/2026`."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def month(day: date) -> str:
    """Return `décembre 2026`."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def hour(moment: datetime) -> str:
    """Return `14 h` or `14 h 05`, in the time zone that `moment` carries."""
    return f"{moment.hour} h" if moment.minute == 0 else f"{moment.hour} h {moment.minute:02d}"


def when(day: date, today: date) -> str:
    """Return how far a due date is: `aujourd’hui`, `demain`, `dans 3 jours`, `en retard de 12 jours`."""
    days = (day - today).days
    if days == 0:
        return "aujourd’hui"
    if days == 1:
        return "demain"
    return f"dans {days} jours" if days > 0 else f"en retard de {plural(-days, 'jour')}"


def ago(day: date, today: date) -> str:
    """Return how long ago something was: `aujourd’hui`, `hier`, `il y a 12 jours`; a later day as `when`."""
    days = (today - day).days
    if days == 1:
        return "hier"
    return f"il y a {days} jours" if days > 0 else when(day, today)


def duration(minutes: int) -> str:
    """Return whole minutes as `35 h 30`, `35 h`, `45 min`; `- 1 h` when negative."""
    sign = "- " if minutes < 0 else ""
    hours, rest = divmod(abs(minutes), 60)
    if not hours:
        return f"{sign}{rest} min"
    return f"{sign}{hours} h {rest:02d}" if rest else f"{sign}{hours} h"


def age(born: date, on: date) -> str:
    """Return `15 ans` (`1 an`, `0 an`)."""
    return plural(age_on(born, on), "an")


def age_band(age: int) -> str:
    """Return the age band of the anonymous card: `13-15 ans` (security.md §3.14, domain.md §11 row 1a)."""
    if age < _AGE_BANDS[0][0]:
        return "moins de 10 ans"
    for low, high in _AGE_BANDS:
        if age <= high:
            return f"{low}-{high} ans"
    return "plus de 25 ans"


def plural(n: int, word: str, many: str | None = None) -> str:
    """Return `1 situation`, `2 situations`; `many` when adding s to the last word is not enough.

    French keeps the singular below two: `0 situation`.
    """
    if abs(n) < 2:
        return f"{n} {word}"
    if many is None:
        many = word if word.endswith(("s", "x", "z")) else f"{word}s"
    return f"{n} {many}"


def counted(n: int, most: int) -> str:
    """Return `412`, or `plus de 1 000` for what was counted up to `most` only."""
    return f"{n}" if n <= most else f"plus de {most:,}".replace(",", NARROW)


def initials(first_name: str, last_name: str) -> str:
    """Return `Y. B.`, all that paper says of a name (screens.md, Manner); `?` for a missing part."""
    return " ".join(f"{_first_letter(part)}." if _first_letter(part) else "?" for part in (first_name, last_name))


def _first_letter(text: str) -> str:
    return next((letter.upper() for letter in text if letter.isalpha()), "")
