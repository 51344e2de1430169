"""Under which text the hours are done, as dated data: how many, how long, at what age (TIG-01 to TIG-06, TNR-01 to -04).

Pure: no database, no clock. A change of the law is a new dated line; what is under way keeps its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from casework.casefile.format import duration
from casework.casefile.retention import age_on
from casework.placements.tig.codes import Audience

MIN_AGE_FACTS = 13  # TIGM-01, TIGM-02
OLDEST = 100  # a year of birth typed wrong
MIN_AGE_DECISION = 16  # TIGM-01, TNR-04
MAJORITY = 18


@dataclass(frozen=True, kw_only=True)
class LegalBasis:
    """One text under which unpaid work is done. Minutes and months are the bounds of what a court may pronounce."""

    code: str
    label: str
    ref: str
    audience: Audience
    min_minutes: int
    max_minutes: int
    max_months: int
    refusable: bool = True  # TIG-05
    fallback: bool = False  # TIG-06: prison or fine fixed in advance, TIGM-04: never by the juge des enfants
    can_convert: bool = False  # ASG-11, TIGM-11
    composition: bool = False  # TNR: a composition pénale, no sentence: the report goes to the prosecutor
    valid_from: date = date(2021, 9, 30)
    valid_to: date | None = None  # first day without

    def runs(self, day: date) -> bool:
        """Say whether this text applies to a decision of `day`."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def _hours(n: int) -> int:
    return n * 60


_A, _M = Audience.ADULTS, Audience.MINORS
BASES: tuple[LegalBasis, ...] = (
    LegalBasis(
        code="tig_main", label="TIG, peine principale", ref="CP 131-8", audience=_A, min_minutes=_hours(20),
        max_minutes=_hours(400), max_months=18, fallback=True, can_convert=True,
    ),
    LegalBasis(
        code="tig_contravention", label="TIG, contravention de 5e classe", ref="CP 131-17", audience=_A,
        min_minutes=_hours(20), max_minutes=_hours(120), max_months=18, fallback=True, can_convert=True,
    ),
    LegalBasis(
        code="tig_special", label="TIG, plafond particulier de 150 heures", ref="CP 222-48-5", audience=_A,
        min_minutes=_hours(20), max_minutes=_hours(150), max_months=18, fallback=True, can_convert=True,
    ),
    LegalBasis(
        code="probation", label="TIG, obligation du sursis probatoire", ref="CP 132-45, 21°", audience=_A,
        min_minutes=_hours(20), max_minutes=_hours(400), max_months=18,
    ),
    LegalBasis(
        code="tig_minor", label="TIG d’une personne mineure aux faits", ref="CJPM L122-1", audience=_M,
        min_minutes=_hours(20), max_minutes=_hours(400), max_months=18,
    ),
    LegalBasis(
        code="tnr", label="Travail non rémunéré, délit", ref="CPP 41-2, 6°", audience=_A, min_minutes=60,
        max_minutes=_hours(100), max_months=6, composition=True,
    ),
    LegalBasis(
        code="tnr_contravention", label="Travail non rémunéré, contravention de 5e classe", ref="CPP 41-3",
        audience=_A, min_minutes=60, max_minutes=_hours(30), max_months=3, composition=True,
    ),
    LegalBasis(
        code="tnr_minor", label="Travail non rémunéré, personne mineure", ref="CJPM L422-3", audience=_M,
        min_minutes=60, max_minutes=_hours(100), max_months=6, composition=True,
    ),
)  # fmt: skip


def basis(code: str) -> LegalBasis:
    """Return the basis of this code. Raises KeyError for one that is in no list."""
    return {each.code: each for each in BASES}[code]


def offered(audience: str, day: date) -> tuple[LegalBasis, ...]:
    """Return what may be chosen for this audience for a decision of `day`."""
    return tuple(each for each in BASES if each.audience == audience and each.runs(day))


def hours_problem(found: LegalBasis, minutes: int) -> str:
    """Return why a court cannot have pronounced that much under this text, "" if it can (French)."""
    if found.min_minutes <= minutes <= found.max_minutes:
        return ""
    low, high = duration(found.min_minutes), duration(found.max_minutes)
    return f"Ce texte prévoit de {low} à {high} ({found.ref})."


def term_problem(found: LegalBasis, months: int) -> str:
    """Return why the court cannot have fixed that many months, "" if it can (TIG-08, TNR-02 to TNR-04)."""
    if 1 <= months <= found.max_months:
        return ""
    return f"Le délai va de 1 à {found.max_months} mois ({found.ref})."


def age_problem(found: LegalBasis, *, born_on: date, facts_on: date, decided_on: date) -> str:
    """Return why the ages do not fit this text, "" if they do (TIGM-01, TIGM-02, TNR-04, MIN-05).

    The age at the facts rules: somebody judged at 19 for facts at 17 stays under the texts on minors.
    """
    if not born_on <= facts_on <= decided_on:
        return "Les dates se suivent ainsi : naissance, faits, décision."
    if age_on(born_on, decided_on) > OLDEST:
        return "Vérifiez l’année de naissance."
    at_facts, at_decision = age_on(born_on, facts_on), age_on(born_on, decided_on)
    if at_facts < MIN_AGE_FACTS:
        return "Aucune peine n’est possible pour des faits commis avant 13 ans (CJPM L11-4)."
    if found.audience == Audience.MINORS:
        if at_facts >= MAJORITY:
            return "La personne était majeure aux faits : choisissez un texte pour les majeurs."
        if at_decision < MIN_AGE_DECISION:
            return f"Il faut 16 ans au moins le jour de la décision ({found.ref})."
        return ""
    if at_facts < MAJORITY:
        return "La personne était mineure aux faits : la PJJ suit la mesure (CJPM L122-1)."
    return ""


def fallback_problem(found: LegalBasis, has_fallback: bool) -> str:
    """Return why a fallback prison or fine cannot be recorded (TIG-06, TIGM-04), "" if it can."""
    if has_fallback and not found.fallback:
        return f"Aucune peine de substitution n’est fixée sous ce texte ({found.ref})."
    return ""
