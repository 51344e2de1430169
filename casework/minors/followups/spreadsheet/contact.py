"""Where a person lives, learns and can be reached, and who their parents are, from a line."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from casework.casefile.matching import normalise
from casework.casefile.retention import age_on
from casework.minors.followups.codes import SchoolLevel, Sex
from casework.minors.followups.spreadsheet import cells, words
from casework.minors.followups.spreadsheet.cells import KnownNames
from casework.minors.followups.spreadsheet.columns import Target
from casework.minors.followups.spreadsheet.lines import Line
from casework.minors.followups.spreadsheet.report import Level, Representative

_MAJORITY: Final = 18


def contact(line: Line, born_on: date | None, *, today: date, sectors: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of `Entry` about where the person lives, learns and can be reached."""
    column, text = line.raw(Target.ADDRESS)
    address, is_address = cells.parse_address(text)
    if not is_address:
        line.say(
            Level.WARNING,
            "address",
            "Ce n’est pas une adresse (un proche est cité) : non reprise.",
            Target.ADDRESS,
            column,
        )
    elif address and not re.search(r"\d{5}|\b(?:rue|av|avenue|bd|boulevard|chemin|impasse|allees?|place|route|cours"
                                   r"|square|quai|montee|lotissement|cite)\b", normalise(address)):  # fmt: skip
        line.say(Level.INFO, "address_short", "Adresse incomplète : sans rue ni code postal.", Target.ADDRESS, column)
    phones = _phones(line, Target.PHONE)
    email_column, email = line.get(Target.EMAIL)
    if cells.says_nothing(email):
        email = ""
    elif not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        line.say(Level.WARNING, "email", "Adresse électronique illisible : non reprise.", Target.EMAIL, email_column)
        email = ""
    school = line.get(Target.SCHOOL)[1]
    contact = {
        "address": address,
        "phone": phones[0] if phones else "",
        "email": email,
        "school": "" if cells.says_nothing(school) else school,
        "sector": sectors.get(_sector_key(line.get(Target.SECTOR)[1]), ""),
        "sex": _sex(line),
        "school_level": _school_level(line, born_on, today),
    }
    for target in (Target.ADDRESS, Target.EMAIL, Target.SCHOOL):
        line.require_short(target, contact[target.value])
    return contact


def _phones(line: Line, target: Target) -> tuple[str, ...]:
    column, text = line.raw(target)
    phones, understood = cells.parse_phones(text)
    if not understood:
        line.say(Level.WARNING, "phone", "Numéro de téléphone illisible : non repris.", target, column)
    elif len(phones) > 1:
        line.say(Level.WARNING, "phones", "Plusieurs numéros : le premier seul est repris.", target, column)
    elif phones and re.fullmatch(r"\s*[1-9]\d{8}\s*", text):
        line.say(Level.INFO, "phone_zero", "Zéro perdu au début du numéro : remis.", target, column)
    return phones


def _sex(line: Line) -> str:
    column, text = line.get(Target.SEX)
    code = words.sex(text)
    if code is None:
        line.say(Level.WARNING, "sex", "Sexe non reconnu : non repris.", Target.SEX, column)
    return code or Sex.UNKNOWN.value


def _school_level(line: Line, born_on: date | None, today: date) -> str:
    column, text = line.get(Target.SCHOOL_LEVEL)
    if cells.says_nothing(text):
        return SchoolLevel.UNKNOWN.value
    level = words.school_level(text)
    if level == SchoolLevel.UNKNOWN.value:
        line.say(Level.WARNING, "school_level", "Classe non reconnue : non reprise.", Target.SCHOOL_LEVEL, column)
    elif level in words.MIDDLE_SCHOOL and born_on and age_on(born_on, today) >= _MAJORITY:
        line.say(
            Level.WARNING, "school_age", "Majeur et au collège : vérifiez la classe et la date de naissance.",
            Target.SCHOOL_LEVEL, column,
        )  # fmt: skip
    return level


def representatives(
    line: Line, born_on: date | None, last_name: str, *, today: date, headers: Sequence[str]
) -> tuple[Representative, ...]:
    """Return the parents or guardians of a minor; none from 18 (SIT-09)."""
    phones = _phones(line, Target.REPRESENTATIVE_PHONE)
    named = [
        (column, cells.tidy(text))
        for column, text in line.cells.get(Target.REPRESENTATIVE, [])
        if not cells.says_nothing(text)
    ]
    if not phones and not named:
        return ()
    place = named[0][0] if named else line.get(Target.REPRESENTATIVE_PHONE)[0]
    target = Target.REPRESENTATIVE if named else Target.REPRESENTATIVE_PHONE
    if born_on and age_on(born_on, today) >= _MAJORITY:
        line.say(Level.INFO, "adult", "Personne majeure : les parents ne sont pas repris.", target, place)
        return ()
    found = [_representative(line, column, text, last_name, headers[column]) for column, text in named]
    phone = phones[0] if phones else ""
    if not found:
        relation = words.relation(headers[place] if place is not None else "")
        line.say(Level.INFO, "representative_name", "Téléphone sans nom de parent : nom à compléter.", target, place)
        return (Representative("", "", relation, phone),)
    return (replace(found[0], phone=phone), *found[1:])


def _representative(line: Line, column: int, text: str, last_name: str, header: str) -> Representative:
    relation = words.relation(f"{header} {text}")
    if re.search(r"\b(?:m|mr|monsieur) (?:ou|et) (?:mme|madame)\b|\bparents\b", normalise(text)):
        line.say(
            Level.INFO, "two_holders", "Deux parents sur une ligne : à séparer, chacun est informé à part.",
            Target.REPRESENTATIVE, column,
        )  # fmt: skip
    name = re.sub(r"(?i)\b(?:m|mr|mme|mlle|monsieur|madame|ou|et|mère|père|tuteur|tutrice|parents?)\b\.?\s*", " ", text)
    name = re.sub(r"\([^)]*\)|[\d.:]{2,}", " ", name)
    cut = cells.split_full_name(name, surname_first=True, known=KnownNames(frozenset((normalise(last_name),))))
    if cut is None or normalise(name) == normalise(last_name):
        return Representative(cells.proper_case(name), "", relation, "")
    return Representative(cut.last_name, cut.first_name, relation, "")


def _sector_key(text: str) -> str:
    return "" if cells.says_nothing(text) else normalise(text).replace(" ", "")


def sectors_of(texts: Sequence[str]) -> dict[str, str]:
    """Return one spelling per neighbourhood, the commonest: « Maille2 », « MAILLE 2 » and « Maille 2 » are one."""
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        if key := _sector_key(text):
            spaced = re.sub(r"([^\W\d_])(\d)", r"\1 \2", text)
            spellings[key][cells.proper_case(spaced) if spaced.isupper() else spaced[:1].upper() + spaced[1:]] += 1
    return {key: counted.most_common(1)[0][0][:60] for key, counted in spellings.items()}
