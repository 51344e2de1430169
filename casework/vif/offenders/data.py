"""Obligations by frame, with the article that says each of them from a day to another (CJ-05 to CJ-41).

Loaded by a migration; never a number in code elsewhere (CJ-32). On 1 January 2029 the articles of the code de
procédure pénale are renumbered, perhaps a year later (CJ-30, CJ-31): then a migration moves these dates.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

from casework.vif.offenders.codes import Frame, Need

SINCE: Final = date(2020, 1, 1)
RENUMBERED: Final = date(2029, 1, 1)
_NEW: Final = "CPP, art. L. 3621-4"
# Where the new article is not read yet, it says so: nobody quotes by guess (domain.md §12, 4).
_TO_CHECK: Final = "CPP, partie législative de 2029 (article à vérifier)"


class National(NamedTuple):
    """One obligation. `then`: its article from 2029, "" where the text does not change."""

    frame: Frame
    code: str
    need: Need
    label: str
    ref: str
    then: str


_F, _N = Frame, Need
NATIONAL: Final[tuple[National, ...]] = (
    National(_F.SUPERVISION, "reporting", _N.REPORTING, "Se présenter régulièrement au service désigné", "CPP, art. 138, 5°", _NEW),
    National(_F.SUPERVISION, "summons", _N.REPORTING, "Répondre aux convocations et aux mesures socio-éducatives", "CPP, art. 138, 6°", f"{_NEW}, 3°"),
    National(_F.SUPERVISION, "contact", _N.CONTACT, "Ne pas entrer en relation avec les personnes désignées", "CPP, art. 138, 9°", _NEW),
    National(_F.SUPERVISION, "care", _N.CARE, "Se soumettre à des soins", "CPP, art. 138, 10°", f"{_NEW}, 8°"),
    National(_F.SUPERVISION, "weapons", _N.WEAPONS, "Ne pas détenir ni porter d’arme", "CPP, art. 138, 14°", _NEW),
    National(_F.SUPERVISION, "home", _N.HOME, "Résider hors du domicile du couple et ne pas y paraître", "CPP, art. 138, 17°", _NEW),
    National(_F.SUPERVISION, "course", _N.COURSE, "Accomplir un stage de responsabilisation", "CPP, art. 138, 18°", _NEW),
    National(_F.PROBATION, "care", _N.CARE, "Se soumettre à des soins", "code pénal, art. 132-45, 3°", ""),
    National(_F.PROBATION, "places", _N.CONTACT, "Ne pas paraître en certains lieux", "code pénal, art. 132-45, 9°", ""),
    National(_F.PROBATION, "contact", _N.CONTACT, "Ne pas entrer en relation avec les personnes désignées", "code pénal, art. 132-45, 13°", ""),
    National(_F.PROBATION, "weapons", _N.WEAPONS, "Ne pas détenir ni porter d’arme", "code pénal, art. 132-45, 14°", ""),
    National(_F.PROBATION, "course", _N.COURSE, "Accomplir un stage", "code pénal, art. 132-45, 15°", ""),
    National(_F.PROBATION, "home", _N.HOME, "Résider hors du domicile du couple et ne pas y paraître", "code pénal, art. 132-45, 18°", ""),
    National(_F.ALTERNATIVE, "home", _N.HOME, "Résider hors du domicile du couple et ne pas y paraître", "CPP, art. 41-1", _TO_CHECK),
    National(_F.ALTERNATIVE, "contact", _N.CONTACT, "Ne pas rencontrer les personnes désignées", "CPP, art. 41-1", _TO_CHECK),
    National(_F.ALTERNATIVE, "course", _N.COURSE, "Accomplir un stage de responsabilisation", "CPP, art. 41-1", _TO_CHECK),
    National(_F.COMPOSITION, "home", _N.HOME, "Résider hors du domicile du couple et ne pas y paraître", "CPP, art. 41-2", _TO_CHECK),
    National(_F.COMPOSITION, "contact", _N.CONTACT, "Ne pas rencontrer les personnes désignées", "CPP, art. 41-2", _TO_CHECK),
    National(_F.COMPOSITION, "course", _N.COURSE, "Accomplir un stage de responsabilisation", "CPP, art. 41-2", _TO_CHECK),
    National(_F.COURSE, "course", _N.COURSE, "Accomplir le stage de responsabilisation", "code pénal, art. 131-5-1", ""),
)  # fmt: skip


def copy_national(model: Any) -> None:
    """Write the obligations known today into `model` (the historical one, in a migration)."""
    for position, each in enumerate(NATIONAL):
        versions = [(SINCE, RENUMBERED if each.then else None, each.ref)]
        if each.then:
            versions.append((RENUMBERED, None, each.then))
        for valid_from, valid_to, ref in versions:
            model.objects.create(
                frame=each.frame.value, code=each.code, need=each.need.value, label=each.label, legal_ref=ref,
                position=position, valid_from=valid_from, valid_to=valid_to,
            )  # fmt: skip
