"""What the columns hold: guessed from their headers, corrected by the user."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from casework.casefile.matching import normalise


class Target(StrEnum):
    """What a column may be taken for."""

    LAST_NAME = "last_name"
    FIRST_NAME = "first_name"
    FULL_NAME = "full_name"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    ADDRESS = "address"
    SECTOR = "sector"
    PHONE = "phone"
    EMAIL = "email"
    REPRESENTATIVE = "representative"
    REPRESENTATIVE_PHONE = "representative_phone"
    SCHOOL = "school"
    SCHOOL_LEVEL = "school_level"
    REFERRAL_ON = "referral_on"
    ORIGIN = "origin"
    REASONS = "reasons"
    STATUS = "status"
    ENDED_ON = "ended_on"
    LEAD = "lead"
    SCHEMES = "schemes"
    ACTIONS = "actions"
    NARRATIVE = "narrative"
    FORBIDDEN = "forbidden"
    IGNORED = "ignored"

    @property
    def label(self) -> str:
        """French name, for the list in which the user corrects the guess."""
        return _LABELS[self]


_LABELS = {
    Target.LAST_NAME: "Nom",
    Target.FIRST_NAME: "Prénom",
    Target.FULL_NAME: "Nom et prénom dans la même case",
    Target.BIRTH_DATE: "Date de naissance",
    Target.SEX: "Sexe",
    Target.ADDRESS: "Adresse",
    Target.SECTOR: "Quartier",
    Target.PHONE: "Téléphone du jeune",
    Target.EMAIL: "Adresse électronique",
    Target.REPRESENTATIVE: "Représentant légal",
    Target.REPRESENTATIVE_PHONE: "Téléphone des parents",
    Target.SCHOOL: "Établissement scolaire",
    Target.SCHOOL_LEVEL: "Classe",
    Target.REFERRAL_ON: "Date de la saisine",
    Target.ORIGIN: "Origine de la saisine",
    Target.REASONS: "Motifs",
    Target.STATUS: "Suivi ou clos",
    Target.ENDED_ON: "Date de fin de suivi",
    Target.LEAD: "Référent de parcours (service)",
    Target.SCHEMES: "Dispositifs",
    Target.ACTIONS: "Actions",
    Target.NARRATIVE: "Récit : non repris, à coder",
    Target.FORBIDDEN: "Donnée interdite : jamais reprise",
    Target.IGNORED: "Ne pas reprendre",
}

SEVERAL = frozenset(
    (Target.REASONS, Target.SCHEMES, Target.ACTIONS, Target.REPRESENTATIVE, Target.NARRATIVE, Target.FORBIDDEN)
)
"""Targets that several columns may feed; for the others the first column wins."""

# Read in order, on headers without accents, capitals, brackets nor signs; the first that matches wins.
_HEADERS: tuple[tuple[Target, str], ...] = (
    (Target.FORBIDDEN, r"nir|n? ?(?:de )?securite sociale|n? ?ss|nationalite|(?:lieu|pays|ville) de naissance|nee? a"
                       r"|religion|origine ethnique|(?:carte|n) d identite|photos?|casier.*|antecedents.*"
                       r"|traitements?(?: med\w*)?|diagnostics?|pathologies?|(?:n|no|numero) (?:de )?procedures?|taj|fpr"
                       r"|frequentations?|fratrie|complices?|(?:comptes? |reseaux? )?(?:snapchat|instagram|tiktok|facebook|sociaux)"
                       r"|revenus?|ressources|immatriculation|dangerosite|score|niveau de (?:risque|danger)"),
    (Target.REPRESENTATIVE_PHONE, r"(?:tel\w*|portable|mobile|gsm|numeros?|coordonnees).* (?:des? |du |de la )?"
                                  r"(?:parents?|mere|pere|resp\w*|famille|rep\w*|tuteur).*|(?:parents?|mere|pere|famille) tel\w*"),
    (Target.FULL_NAME, r"noms? (?:et )?prenoms?|prenoms? (?:et )?noms?|nom complet|identite|jeunes?|eleves?|personnes?"
                       r"|nom (?:du|de l) (?:jeune|eleve)|mineurs?|interesse"),
    (Target.REPRESENTATIVE, r"(?:noms? (?:et prenoms? )?(?:des? |du ))?(?:responsables?|representants?)(?: leg\w+)?(?: \d)?"
                            r"|(?:noms? (?:des |du )?)?(?:parents?|pere|mere|famille|tuteur)"),
    (Target.LAST_NAME, r"noms?(?: (?:de famille|de naissance|usuel|d usage|patronymique))?|patronyme"),
    (Target.FIRST_NAME, r"prenoms?(?: usuel)?"),
    (Target.BIRTH_DATE, r"nee? (?:le|en)|nee?|(?:date|d|annee) (?:de )?nais\w*|naissance|ddn|dn|dob|age"),
    (Target.SEX, r"sexe|genre|civilite|[fhmg] [fhmg]|fille garcon|garcon fille"),
    (Target.EMAIL, r"(?:adresse )?(?:e ?mail|mail|courriel|adresse electronique).*"),
    (Target.ADDRESS, r"adresses?.*|domicile"),
    (Target.SECTOR, r"quartiers?|secteurs?|residence|zone"),
    (Target.PHONE, r"tel\w*.*|portable|mobile|gsm|contact"),
    (Target.SCHOOL_LEVEL, r"classes?|niveau(?: scolaire)?"),
    (Target.SCHOOL, r"etablissements?(?: scolaires?)?|ecole|college|lycee|scolarite|scolarisation"),
    (Target.ENDED_ON, r"(?:date|d) (?:de |d )?(?:fin|sortie|cloture).*|sortie(?: le)?|fin(?: de suivi)?"
                      r"|(?:clos|cloture|termine|sorti)e? le"),
    (Target.STATUS, r"clos.*|clotures?|statut|etat|suivi en cours|en cours|termine.*|actif|situation|suivi"),
    (Target.ORIGIN, r"(?:signale|saisi|oriente|adresse|envoye|transmis)e? par|origines?(?: .*)?|orienteurs?|prescripteurs?"
                    r"|saisine par|sources?|provenance|service (?:orienteur|signalant|demandeur)|signalant"),
    (Target.REFERRAL_ON, r"(?:date|d) (?:d |de |du |de la )?(?:entree|saisine|signalement|debut|orientation|demande|inscription).*"
                         r"|entree|dates?|debut(?: de suivi)?|(?:saisi|signale|entre|oriente)e? le|saisine"),
    (Target.REASONS, r"motifs?.*|raisons?.*|problematiques?"),
    (Target.LEAD, r"referents?.*|suivi par|service (?:referent|pilote)|pilote|educateur"),
    (Target.SCHEMES, r"dispositifs?.*"),
    (Target.ACTIONS, r"actions?.*|demarches?.*|preconisations?|decisions?|orientations?(?: proposees?)?|mesures proposees"),
    (Target.NARRATIVE, r"observations?.*|obs|commentaires?.*|remarques?.*|notes?|historique.*|contexte.*|faits?.*|recit.*"
                       r"|(?:situation|composition) (?:familiale|sociale|scolaire).*|infos?.*|informations?.*|divers|evolution.*"
                       r"|bilan.*|synthese.*|expose.*|details?.*|elements?.*|points? .*|precisions?|compte rendu.*"),
)  # fmt: skip

_COMPILED = tuple((target, re.compile(pattern)) for target, pattern in _HEADERS)


def guess(headers: Sequence[str]) -> dict[int, Target]:
    """Return what each column seems to hold, by its place (0 is column A). Unknown headers are IGNORED.

    A second column of the same kind is IGNORED, except where several make sense (`SEVERAL`).
    """
    mapping: dict[int, Target] = {}
    taken: set[Target] = set()
    for place, header in enumerate(headers):
        target = _target(header)
        if target in taken and target not in SEVERAL:
            target = Target.IGNORED
        taken.add(target)
        mapping[place] = target
    return mapping


def _target(header: str) -> Target:
    # « Motif(s) », « né(e) le »: endings between brackets are not part of the word.
    text = normalise(re.sub(r"\((?:s|e|es|x|le)\)", "", header.replace("°", " ")))
    return next((target for target, pattern in _COMPILED if pattern.fullmatch(text)), Target.IGNORED)


def surname_comes_first(header: str) -> bool:
    """Return whether the header of a full name says « Nom Prénom » (true too when it says nothing)."""
    text = normalise(header)
    return not text.startswith("prenom")


def letter(place: int) -> str:
    """Return the letter of a column: A, B… Z, AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
