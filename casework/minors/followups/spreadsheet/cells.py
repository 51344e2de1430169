"""What a cell says: dates in all their French forms, names, phones, addresses. Pure functions on text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from anyascii import anyascii

from casework.casefile.format import MONTHS
from casework.casefile.matching import normalise


def tidy(text: str) -> str:
    """Return a cell on one line, without control signs nor doubled blanks."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


_NOTHING = frozenset(("", "nc", "nr", "nsp", "inconnu", "inconnue", "non connu", "non connue", "non renseigne",
                      "non renseignee", "neant", "ne sait pas", "a completer", "a preciser", "sans", "na", "n a"))  # fmt: skip


def says_nothing(text: str) -> bool:
    """Return whether a cell is empty or says « inconnu » in some way (« ? », « - », « NC »)."""
    return normalise(text) in _NOTHING


# Dates


class Precision(StrEnum):
    """How much of a date is known. The missing part is read as the first day: it deletes sooner."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True)
class DateRead:
    """A date read from a cell. `day` None: nothing said (`readable`), or not understood."""

    day: date | None
    precision: Precision = Precision.DAY
    readable: bool = True
    month_first: bool = False


_UNREADABLE = DateRead(None, readable=False)
_MONTHS = tuple(normalise(month) for month in MONTHS)
_SERIAL_ZERO = date(1899, 12, 30)


def parse_date(text: str, *, today: date, birth: bool = False) -> DateRead:
    """Return the date that a cell says.

    12/03/2011, 12.3.11, 12-03-2011, 2011-03-12, « 12 mars 2011 », « 7 déce. 2024 », « 1er mai 2012 »,
    « mars 2011 », 03/2011, « 2011 », « né en 2011 », 40614 (a spreadsheet's day number), 12032011. With
    `birth`, « 15 ans » too, and two-digit years never lie ahead of `today`; otherwise they are 20yy.
    """
    said = _date_words(text)
    if says_nothing(said):
        return DateRead(None)
    return _full_date(said, today, birth) or _part_of_date(said, today, birth) or _UNREADABLE


def _date_words(text: str) -> str:
    said = anyascii(tidy(text)).lower()
    said = re.sub(r"^(?:nee?\b(?:\(e\))?|ne\(e\))\s*", "", said)
    said = re.sub(r"\b(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\b", "", said)
    said = re.sub(
        r"^(?:(?:le|en|vers|environ|env\.?|depuis|courant|debut|fin|en date du|annee|du)\s+)+", "", said.strip()
    )
    return said.strip(" .,;:?()")


def _full_date(said: str, today: date, birth: bool) -> DateRead | None:
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ][\d:.]+)?", said):
        return _day(*map(int, match.groups()))
    if match := re.fullmatch(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})", said):
        return _day(*map(int, match.groups()))
    if match := re.fullmatch(r"(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})(?: \d{1,2}[:h]\d{2}.*)?", said):
        day, month, year = match.groups()
        return _day(_year(year, today, birth), int(month), int(day))
    if match := re.fullmatch(r"(\d{1,2})(?:er)?[\s.-]*([a-z]{3,})[\s.-]*(\d{4}|\d{2})", said):
        day, word, year = match.groups()
        month_number = _month(word)
        return _day(_year(year, today, birth), month_number, int(day)) if month_number else _UNREADABLE
    if match := re.fullmatch(r"(\d{2})(\d{2})((?:19|20)\d{2})", said):
        day, month, year = match.groups()
        return _day(int(year), int(month), int(day))
    if re.fullmatch(r"[1-5]\d{4}", said):
        return DateRead(_SERIAL_ZERO + timedelta(days=int(said)))
    return None


def _part_of_date(said: str, today: date, birth: bool) -> DateRead | None:
    if match := re.fullmatch(r"([a-z]{3,})[\s.-]*(\d{4}|\d{2})", said):
        word, year = match.groups()
        month_number = _month(word)
        if month_number:
            return DateRead(date(_year(year, today, birth), month_number, 1), Precision.MONTH)
        return None
    if match := re.fullmatch(r"(\d{1,2})[/.-](\d{4})", said):
        month_number = int(match[1])
        return DateRead(date(int(match[2]), month_number, 1), Precision.MONTH) if 1 <= month_number <= 12 else None
    if match := re.fullmatch(r"(?:19|20)\d{2}", said):
        return DateRead(date(int(said), 1, 1), Precision.YEAR)
    if birth and (match := re.fullmatch(r"(\d{1,2}) ?ans?(?: et demi| environ)?", said)):
        return DateRead(date(today.year - int(match[1]), 1, 1), Precision.YEAR)
    return None


def _day(year: int, month: int, day: int) -> DateRead:
    """Return the day; with a 13th month and up, day and month were swapped and it is said so."""
    swapped = month > 12 >= day
    if swapped:
        day, month = month, day
    try:
        return DateRead(date(year, month, day), month_first=swapped)
    except ValueError:
        return _UNREADABLE


def _year(text: str, today: date, birth: bool) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return 1900 + year if birth and 2000 + year > today.year else 2000 + year


def _month(word: str) -> int | None:
    """Return the number of a month, whole or cut short; None if no month, or several, begin so."""
    begun = [number for number, month in enumerate(_MONTHS, start=1) if month.startswith(word)]
    return begun[0] if len(begun) == 1 else None


# Names

_LEADING = frozenset(("de", "du", "des", "d", "da", "do", "dos", "di", "del", "della", "la", "le", "les", "el", "al", "ben",
                      "bel", "bou", "ait", "ath", "ould", "abou", "abu", "abd", "van", "von", "der", "den", "ter", "saint", "mac",
                      "o", "san", "santa"))  # fmt: skip
_LOW_INSIDE = frozenset(
    ("de", "du", "des", "la", "le", "les", "da", "do", "dos", "di", "del", "y", "e", "der", "den", "van", "von")
)


def proper_case(name: str) -> str:
    """Return a name in proper case if it is all capitals or all small: « DE LA CRUZ » is « De la Cruz ».

    A name that already mixes both is left as it is written; apostrophes are made typographic.
    """
    name = re.sub(r"\s*['’ʼ`´‘]\s*", "’", tidy(name)).strip("-–, ")
    if not (name.isupper() or name.islower()):
        return name
    words = name.lower().split(" ")
    return " ".join(
        word if place and word in _LOW_INSIDE and place < len(words) - 1 else _capitalised(word)
        for place, word in enumerate(words)
    )


def _capitalised(word: str) -> str:
    return re.sub(r"(^|[-’])(\w)", lambda match: match[1] + match[2].upper(), word)


@dataclass(frozen=True)
class NameRead:
    """A full name cut in two. `sure` false: a human should check where it was cut, or which is which."""

    last_name: str
    first_name: str
    sure: bool = True


@dataclass(frozen=True)
class KnownNames:
    """Surnames and first names that other lines of the file say without doubt, folded."""

    surnames: frozenset[str] = frozenset()
    first_names: frozenset[str] = frozenset()


def learn_names(cells: Iterable[str], *, surname_first: bool) -> KnownNames:
    """Return what the lines that leave no doubt teach: « DE LA CRUZ Raphaël »."""
    read = [cut for cell in cells if (cut := _by_writing(cell, surname_first=surname_first))]
    return KnownNames(frozenset(normalise(last) for last, _ in read), frozenset(normalise(first) for _, first in read))


def split_full_name(cell: str, *, surname_first: bool, known: KnownNames | None = None) -> NameRead | None:
    """Return surname and first name of one cell, or None if it does not hold two names.

    In order of trust: a comma; the surname in capitals; two blanks in a row; names known from other lines;
    particles (« Da Silva »); then one word for the first name.
    """
    cell = re.sub(r"\([^)]*\)", " ", cell)
    cut = _by_writing(cell, surname_first=surname_first)
    if cut:
        return NameRead(proper_case(cut[0]), proper_case(cut[1]))
    words = tidy(cell).split(" ")
    if len(words) < 2 or not any(sign.isalpha() for sign in cell):
        return None
    best = _by_knowledge(words, known or KnownNames(), surname_first)
    if best:
        return best
    if len(words) == 2:
        last, first = words if surname_first else reversed(words)
        return NameRead(proper_case(last), proper_case(first))
    place = _particle_cut(words, surname_first)
    left, right = words[:place], words[place:]
    surname, given = (left, right) if surname_first else (right, left)
    sure = normalise(surname[0]) in _LEADING and len(given) == 1
    return NameRead(proper_case(" ".join(surname)), proper_case(" ".join(given)), sure=sure)


def _by_writing(cell: str, *, surname_first: bool) -> tuple[str, str] | None:
    """Cut by how the cell is written: a comma, capitals, or two blanks in a row."""
    if cell.count(",") == 1:
        last, first = (tidy(part) for part in cell.split(","))
        return (last, first) if last and first else None
    words = tidy(cell).split(" ")
    capitals = [_in_capitals(word) for word in words]
    if any(capitals) and not all(capitals):
        start = capitals.index(True)
        while start and normalise(words[start - 1]) in _LEADING and words[start - 1].islower():
            start -= 1
        end = len(words) - capitals[::-1].index(True)
        inner_ok = all(
            one or normalise(word) in _LEADING for one, word in zip(capitals[start:end], words[start:end], strict=True)
        )
        rest = [*words[:start], *words[end:]]
        # Words on both sides of the capitals, or none left: too odd to be sure.
        return (
            (" ".join(words[start:end]).upper(), " ".join(rest))
            if inner_ok and rest and not (start and end < len(words))
            else None
        )
    parts = [tidy(part) for part in re.split(r"\s{2,}", cell.strip()) if part.strip()]
    if len(parts) == 2:
        return (parts[0], parts[1]) if surname_first else (parts[1], parts[0])
    return None


def _in_capitals(word: str) -> bool:
    letters = [sign for sign in word if sign.isalpha()]
    return len(letters) > 1 and all(sign.isupper() for sign in letters)


def _by_knowledge(words: list[str], known: KnownNames, surname_first: bool) -> NameRead | None:
    """Cut where both halves, or the surname alone, are known from other lines; the header's order first."""
    cuts = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
    for order in (surname_first, not surname_first):
        pairs = cuts if order else [(right, left) for left, right in cuts]
        for last, first in sorted(pairs, key=lambda pair: -len(pair[0])):
            knows_last, knows_first = normalise(last) in known.surnames, normalise(first) in known.first_names
            as_said = order is surname_first
            if knows_last and (knows_first or (as_said and len(words) > 2)):
                return NameRead(proper_case(last), proper_case(first), sure=as_said)
    return None


def _particle_cut(words: list[str], surname_first: bool) -> int:
    if not surname_first:
        return next((n for n, word in enumerate(words) if n and normalise(word) in _LEADING), 1)
    lead = 0
    while lead < len(words) - 2 and normalise(words[lead]) in _LEADING:
        lead += 1
    return lead + 1 if lead else len(words) - 1


# Phones and addresses


def parse_phones(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the French phone numbers of a cell (« 06 12 34 56 78 »), and whether all of it was understood.

    A leading zero lost by the spreadsheet is put back.
    """
    if says_nothing(text):
        return (), True
    found: list[str] = []
    understood = True
    for part in re.split(r"[/;,\n]|\bou\b|\bet\b|  +", text):
        digits = re.sub(r"[\s.\-_()]", "", part)
        if not re.search(r"\d", digits):
            # « mère : », a word between two numbers.
            continue
        match = re.search(r"(?:(?:\+|00)33\(?0?\)?|0)?([1-9]\d{8})$", re.sub(r"^[^\d+]*", "", digits))
        if match and len(re.sub(r"\D", "", digits)) <= 13:
            number = "0" + match[1]
            found.append(" ".join(number[n : n + 2] for n in range(0, 10, 2)))
        else:
            understood = False
    return tuple(dict.fromkeys(found)), understood


_KIN = frozenset(["mere", "pere", "grand", "tante", "oncle", "frere", "soeur", "cousin", "cousine", "ami", "amie", "copain", "copine", "beau", "belle", "parrain", "marraine", "papa", "maman", "mamie", "papi", "voisin", "voisine"])  # fmt: skip


def parse_address(text: str) -> tuple[str, bool]:
    """Return an address on one line, and whether it is one: « chez la grand-mère » is not (BL-06)."""
    if says_nothing(text):
        return "", True
    address = tidy(text.replace("\n", ", "))
    words = normalise(address).split()
    if words[:1] == ["chez"] or (not any(sign.isdigit() for sign in address) and not _KIN.isdisjoint(words)):
        return "", False
    return address, True
