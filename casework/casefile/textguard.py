"""Warns, before a short text is saved, about what should not stand in it, and says where it goes instead.

For the few optional texts of the system (precision of an action, logistics). It warns, it never
refuses: a person decides. It looks for shapes and words only; it knows no context, keeps nothing, and
its lists are about usual French as written by the services (BL-01 to BL-10, SIT-04, SIT-05).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from casework.casefile.matching import normalise


class WarningCode(StrEnum):
    """What was found."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    NIR = "nir"
    OFFENCE = "offence"
    JUDICIAL = "judicial"
    HEALTH = "health"
    OPINION = "opinion"
    SENSITIVE = "sensitive"
    ACCOUNT = "account"


MESSAGES: dict[WarningCode, str] = {
    WarningCode.NAME: "Un nom de personne n’a pas sa place ici : désignez le service, ou « le jeune », « la mère ». "
    "L’identité se saisit dans l’onglet « Famille et information ».",
    WarningCode.PHONE: "Un numéro de téléphone se saisit dans les coordonnées de la personne, pas dans un texte.",
    WarningCode.EMAIL: "Une adresse électronique se saisit dans les coordonnées de la personne, pas dans un texte.",
    WarningCode.ADDRESS: "Une adresse se saisit dans les coordonnées de la personne, pas dans un texte.",
    WarningCode.NIR: "Un numéro de sécurité sociale ne doit jamais être enregistré dans ce logiciel.",
    WarningCode.OFFENCE: "Les faits et les éléments de police ne s’écrivent pas ici : choisissez un motif dans la "
    "liste. Un crime ou un délit se signale au procureur, hors de ce logiciel.",
    WarningCode.JUDICIAL: "Une mesure de justice ne s’écrit pas ici : la PJJ l’indique elle-même, en code, "
    "dans sa rubrique.",
    WarningCode.HEALTH: "La santé relève du secret : n’écrivez ni diagnostic ni traitement. Si c’est indispensable, "
    "la rubrique réservée permet seulement « soins proposés, acceptés ou refusés ».",
    WarningCode.OPINION: "Restez sur un fait daté ou une action : un jugement sur la personne ou sa famille ne "
    "s’écrit pas. La personne peut lire ce texte.",
    WarningCode.SENSITIVE: "Origine, religion, opinions et vie intime ne doivent jamais être enregistrées.",
    WarningCode.ACCOUNT: "Un compte en ligne ou un véhicule ne doit pas être enregistré.",
}


@dataclass(frozen=True)
class Warning:
    """One thing found in the text: `text[start:end]`, and what to do instead, in French."""

    code: WarningCode
    message: str
    start: int
    end: int

    @property
    def excerpt_range(self) -> tuple[int, int]:
        """Where it stands."""
        return self.start, self.end


def check(text: str, *, names: Iterable[str] = (), neutral: Iterable[str] = ()) -> list[Warning]:
    """Return what should not stand in `text`, in reading order, without overlaps.

    `names`: names known to the caller (the young person, the family); found in any case and spelling.
    `neutral`: names of places and services of the territory, never taken for a person's.
    """
    folded = _fold(text)
    found = [*_shapes(text), *_words(folded), *_known(text, names), *_capitals(text, neutral)]
    kept: list[Warning] = []
    # The most precise first: at one place, a known name or a number says more than a word or a capital.
    for one in sorted(found, key=lambda warning: (_RANK[warning.code], warning.start)):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return _joined(text, sorted(kept, key=lambda warning: warning.start))


def _joined(text: str, warnings: list[Warning]) -> list[Warning]:
    """Make one warning of names that follow one another: « Yanis Belkacem »."""
    joined: list[Warning] = []
    for one in warnings:
        last = joined[-1] if joined else None
        if last and last.code is one.code is WarningCode.NAME and text[last.end : one.start].isspace():
            joined[-1] = _warning(WarningCode.NAME, last.start, one.end)
        else:
            joined.append(one)
    return joined


_RANK = {code: rank for rank, code in enumerate(
    (WarningCode.NIR, WarningCode.EMAIL, WarningCode.PHONE, WarningCode.ADDRESS, WarningCode.ACCOUNT,
     WarningCode.SENSITIVE, WarningCode.HEALTH, WarningCode.JUDICIAL, WarningCode.OFFENCE, WarningCode.OPINION,
     WarningCode.NAME)
)}  # fmt: skip


def _warning(code: WarningCode, start: int, end: int) -> Warning:
    return Warning(code, MESSAGES[code], start, end)


def _fold(text: str) -> str:
    """Return `text` in lower case without accents, letter for letter: places stay the same."""
    return "".join(_fold_letter(sign) for sign in text)


def _fold_letter(sign: str) -> str:
    if sign in "’ʼ`´‘":
        return "'"
    if sign.isspace():
        return " "
    base = unicodedata.normalize("NFD", sign)[0].lower()
    return base if len(base) == 1 else sign


# Shapes

_STREET = (
    r"rue|avenue|av\.|boulevard|bd|chemin|impasse|allees?|place(?! (?:en|au|aux|a|pour|dans|libre|dispo))|route|square"
    r"|quai|montee|traverse|lotissement|residence"
)
_SHAPES: tuple[tuple[WarningCode, str], ...] = (
    (WarningCode.NIR, r"\b[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[ab]) ?\d{3} ?\d{3}(?: ?\d{2})?\b"),
    (WarningCode.EMAIL, r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    (WarningCode.PHONE, r"(?<![\d/])(?:\+33|0033|0) ?(?:\(0\) ?)?[1-9](?:[ .\-/]?\d{2}){4}(?![\d/])"),
    (WarningCode.ADDRESS, rf"\b\d{{1,4}} ?(?:bis|ter|quater)?,? (?:{_STREET})\b(?: [\w'\-]+){{1,5}}"),
    (WarningCode.ADDRESS, r"\b(?:batiment|bat|appartement|appt|apt|escalier|esc)\.? "
                          r"(?:[a-z]?\d{1,4}[a-z]?|(?<=bat )[b-z])\b"),
    (WarningCode.ADDRESS, r"\b(?:0[1-9]|[1-8]\d|9[0-8])\d{3} (?!(?:euros?|jeunes?|habitants|eleves?)\b)[a-z][\w'\-]+"),
    (WarningCode.ACCOUNT, r"(?<![\w.])@[\w.]{3,}"),
    (WarningCode.ACCOUNT, r"\b[a-z]{2}-?\d{3}-?[a-z]{2}\b"),
    (WarningCode.ACCOUNT, r"\b(?:snap(?:chat)?|insta(?:gram)?|tik ?tok|facebook|whatsapp|telegram|immatricul\w+)\b"),
)  # fmt: skip


def _shapes(text: str) -> Iterator[Warning]:
    folded = _fold(text)
    for code, pattern in _SHAPES:
        for match in re.finditer(pattern, folded):
            yield _warning(code, match.start(), match.end())


# Words. The lists are text files of `guard/`, for whoever knows the trade to read and mend.

_LISTS = Path(__file__).resolve().parent / "guard"


def _lines(name: str) -> list[str]:
    lines = (_LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _set(name: str) -> frozenset[str]:
    return frozenset(word for line in _lines(name) for word in line.split())


def _pattern(name: str) -> re.Pattern[str]:
    # The longest first: an alternative that begins like another would hide it.
    alternatives = sorted(_lines(name), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)".replace("·", r"\w*"))


_WORDS: tuple[tuple[WarningCode, re.Pattern[str]], ...] = tuple(
    (code, _pattern(code.value))
    for code in (
        WarningCode.OFFENCE,
        WarningCode.JUDICIAL,
        WarningCode.HEALTH,
        WarningCode.OPINION,
        WarningCode.SENSITIVE,
    )
)
_HARMLESS = _pattern("harmless")


def _words(folded: str) -> Iterator[Warning]:
    harmless = [match.span() for match in _HARMLESS.finditer(folded)]
    for code, pattern in _WORDS:
        for match in pattern.finditer(folded):
            start, end = match.span()
            if not any(left <= start and end <= right for left, right in harmless):
                yield _warning(code, start, end)


# Names

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*\.?")

_NEUTRAL = _set("neutral")
_PLACES = _set("places")
_FIRST_NAMES = _set("first_names")
_LINKS = frozenset(("de", "du", "des", "la", "le", "les", "l", "d", "et", "a", "en", "aux", "au", "sur"))

_CIVILITY = frozenset(("m", "mr", "mme", "mlle", "monsieur", "madame", "mademoiselle", "maitre", "me", "dr", "docteur"))


def _known(text: str, names: Iterable[str]) -> Iterator[Warning]:
    """Find the names that the caller knows, whatever their case, accents and hyphens."""
    parts = {part for name in names for part in normalise(name).split() if len(part) > 2}
    if not parts:
        return
    for match in re.finditer(r"[^\W\d_]+", text):
        if normalise(match.group()) in parts:
            yield _warning(WarningCode.NAME, *match.span())


@dataclass(frozen=True)
class _Seen:
    """A word read before the one under the eye."""

    folded: str
    capital: bool


def _capitals(text: str, neutral: Iterable[str]) -> Iterator[Warning]:
    """Find what looks like a person's name: a known first name, a civility's or first name's neighbour, a capital."""
    allowed = _NEUTRAL.union(*(normalise(name).split() for name in neutral))
    shouting = text.isupper()
    previous: list[_Seen] = []
    name_end = -1
    for match in _WORD.finditer(text):
        start, word = match.start(), match.group().rstrip(".’'")
        elided = re.match(r"(?:[ldjnmtsc]|qu)['’](?=\w{2})", word)
        if elided:
            start, word = start + elided.end(), word[elided.end() :]
        folded = _fold(word)
        capital = word[:1].isupper()
        titled = bool(previous) and previous[-1].folded in _CIVILITY
        opens = not titled and _opens_sentence(text, start)
        if opens:
            previous = []
        follows = name_end >= 0 and capital and text[name_end:start].isspace()
        if (titled and capital) or (
            not _is_neutral(folded, allowed)
            and (follows or _looks_like_a_name(word, folded, previous, opens=opens, shouting=shouting))
        ):
            yield _warning(WarningCode.NAME, start, start + len(word))
            name_end = start + len(word)
        else:
            name_end = -1
        previous.append(_Seen(folded, capital))


def _opens_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \u00a0\u202f\t«\"'’(-–—*•")
    return not before or before[-1] in ".!?:;\n"


def _is_neutral(folded: str, allowed: frozenset[str]) -> bool:
    return all(part in allowed or part in _PLACES for part in re.split(r"[-']", folded))


def _looks_like_a_name(word: str, folded: str, previous: list[_Seen], *, opens: bool, shouting: bool) -> bool:
    if folded in _FIRST_NAMES or ("-" in folded and all(part in _FIRST_NAMES for part in folded.split("-"))):
        # « lycée Jean Cocteau » names a place, « le collège de Jean » does not.
        return not _names_a_place(previous, through=frozenset())
    if not word[:1].isupper() or len(word) < 3 or shouting or _names_a_place(previous, through=_LINKS):
        return False
    # In capitals, a long word is a surname and a short one an acronym.
    return len(word) > 5 if word.isupper() else not opens


def _names_a_place(previous: list[_Seen], *, through: frozenset[str]) -> bool:
    """Return whether the words before are the start of a place's name: « collège La Carraire »."""
    for seen in reversed(previous):
        if seen.folded in _PLACES:
            return True
        if not seen.capital and seen.folded not in through:
            return False
    return False
