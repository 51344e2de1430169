"""The indicators of the dashboard and the closed lists around it: acts and facts, never persons (SDC-07)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db import models

ELSEWHERE = "ailleurs ou non localisé"
"""Beside the sectors of the town: what happened in none of them, or nobody knows where."""


class Giver(models.TextChoices):
    """Who gives a count."""

    OWN = "own", "ce logiciel"
    NATIONAL_POLICE = "national_police", "police nationale"
    MUNICIPAL_POLICE = "municipal_police", "police municipale"
    SCHOOL = "school", "établissements scolaires"
    LANDLORD = "landlord", "bailleurs"
    CARRIER = "carrier", "transporteurs"


PARTNERS = tuple(giver for giver in Giver if giver is not Giver.OWN)


class Unit(StrEnum):
    """What one number counts."""

    NUMBER = "nombre"
    SHARE = "%"
    HOURS = "heures"


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One line of the dashboard."""

    code: str
    label: str
    definition: str
    giver: Giver
    by_sector: bool = False
    unit: Unit = Unit.NUMBER


def _own(code: str, label: str, definition: str, unit: Unit = Unit.NUMBER) -> Indicator:
    return Indicator(code=code, label=label, definition=definition, giver=Giver.OWN, unit=unit)


def _asked(giver: Giver, code: str, label: str, definition: str, *, by_sector: bool = True) -> Indicator:
    return Indicator(code=code, label=label, definition=definition, giver=giver, by_sector=by_sector)


_PN, _PM, _EN, _LA, _CA = PARTNERS
INDICATORS: tuple[Indicator, ...] = (
    _own("meetings", "Réunions tenues", "Réunions de la cellule ouvertes puis closes dans le trimestre."),
    _own(
        "examined", "Situations examinées",
        "Examens de situations en réunion : une situation vue à deux réunions compte deux fois.",
    ),
    _own("decided", "Décisions prises", "Actions décidées dans le trimestre."),
    _own("done", "Décisions exécutées", "Actions notées « fait » dans le trimestre, quelle que soit la date de la décision."),
    _own("late", "Décisions en retard", "Actions dont l’échéance était passée, sans suite notée, au dernier jour du trimestre."),
    _own("attendance", "Présence des services", "Part des services invités qui étaient représentés, toutes réunions réunies.", Unit.SHARE),
    _own("posts", "Postes de TIG sur la liste", "Postes ouverts le jour où le trimestre est compté."),
    _own("half_days", "Demi-journées utilisées", "Places de postes occupées, TIG et réparations."),
    _own("hours", "Heures des TIG terminés", "Heures faites dans les TIG terminés dans le trimestre, à la dizaine.", Unit.HOURS),
    _own("pupils", "Demi-journées d’accueil d’élèves", "Demi-journées où un élève exclu temporairement était présent."),
    _asked(_PN, "burglary", "Cambriolages", "Faits constatés, logements et locaux."),
    _asked(_PN, "vehicle", "Vols liés aux véhicules", "Vols de véhicules, d’accessoires et dans les véhicules."),
    _asked(_PN, "damage", "Dégradations", "Faits constatés sur les biens publics et privés."),
    _asked(_PN, "street_violence", "Violences dans l’espace public", "Faits constatés sur la voie publique et dans les transports."),
    _asked(
        _PN, "family_calls", "Interventions pour différends familiaux",
        "Interventions à domicile. Jamais par secteur : le lieu désignerait une famille.", by_sector=False,
    ),
    _asked(_PM, "patrols", "Interventions de la police municipale", "Interventions inscrites à la main courante, toutes natures."),
    _asked(_PM, "noise", "Tapages", "Interventions ou appels pour tapage, de jour et de nuit."),
    _asked(_PM, "joyrides", "Rodéos", "Rodéos motorisés constatés ou signalés."),
    _asked(_PM, "gatherings", "Regroupements signalés", "Signalements de regroupements qui gênent l’usage des lieux."),
    _asked(_EN, "school_incidents", "Incidents graves", "Faits graves déclarés par l’établissement à sa hiérarchie.", by_sector=False),
    _asked(
        _EN, "school_exclusions", "Exclusions temporaires prononcées",
        "Décisions d’exclusion temporaire, de la classe ou de l’établissement.", by_sector=False,
    ),
    _asked(_EN, "truancy", "Signalements d’absentéisme", "Signalements transmis à l’inspection académique.", by_sector=False),
    _asked(_LA, "neighbours", "Troubles de voisinage", "Réclamations enregistrées pour trouble de voisinage."),
    _asked(_LA, "common_parts", "Dégradations des parties communes", "Constats ou demandes de remise en état."),
    _asked(_CA, "line_incidents", "Incidents sur le réseau", "Incidents enregistrés à bord ou aux arrêts."),
    _asked(_CA, "line_damage", "Dégradations des véhicules et des arrêts", "Faits enregistrés, jets de projectiles compris."),
    _asked(_CA, "drivers", "Agressions de conducteurs", "Faits déclarés, verbaux ou physiques.", by_sector=False),
)  # fmt: skip

BY_CODE = {each.code: each for each in INDICATORS}


def of_giver(giver: str) -> tuple[Indicator, ...]:
    """Return the indicators that a kind of body gives, in the order of the dashboard."""
    return tuple(each for each in INDICATORS if each.giver == giver)


class Remark(models.TextChoices):
    """What a partner may add to its counts."""

    PARTIAL = "partial", "comptage incomplet ce trimestre"
    METHOD = "method", "la manière de compter a changé"
    SCOPE = "scope", "le périmètre ne suit pas les limites de la commune"
    PROVISIONAL = "provisional", "chiffres provisoires"
    CALL = "call", "merci de m’appeler avant de les lire"


class Tone(models.TextChoices):
    """How a sector feels: the « note d’ambiance »."""

    CALM = "calm", "calme"
    TENSE = "tense", "tendu"
    WATCH = "watch", "à surveiller"


class Conclusion(models.TextChoices):
    """What the quarterly analysis group concludes."""

    FOLLOW = "follow", "à suivre au prochain trimestre"
    PRESENCE = "presence", "présence renforcée dans un lieu"
    MEDIATION = "mediation", "médiation avec les habitants ou les jeunes"
    PLACE = "place", "aménagement ou éclairage à revoir"
    PREVENTION = "prevention", "action de prévention à proposer"
    ASK = "ask", "précision à demander à un partenaire"
    COUNCIL = "council", "à porter devant le Conseil restreint"
