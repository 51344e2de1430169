"""« Qui voit quoi », in plain French, read from the access matrix itself: it cannot say anything else."""

from __future__ import annotations

from dataclasses import dataclass

from casework.access.matrix import Cell, DataClass, cell
from casework.partners.codes import Role

ROLES: tuple[tuple[Role, str], ...] = (
    (Role.COORDINATOR, "Coordination"),
    (Role.PJJ, "PJJ"),
    (Role.AEMO, "AEMO"),
    (Role.MDS, "MDS"),
    (Role.OUTREACH, "Prévention spécialisée"),
    (Role.EDUCATION, "Éducation nationale"),
    (Role.MUNICIPAL_POLICE, "Police municipale"),
    (Role.NATIONAL_POLICE, "Police nationale"),
    (Role.MAYOR, "Maire"),
    (Role.DPO, "DPO"),
    (Role.SYSADMIN, "Technique"),
)

KINDS: tuple[tuple[DataClass, str], ...] = (
    (DataClass.YOUTH_CARD, "La fiche sans nom (initiales, tranche d’âge, secteur)"),
    (DataClass.YOUTH_IDENTITY, "Le nom, la date de naissance, les coordonnées"),
    (DataClass.YOUTH_REPRESENTATIVES, "Les parents ou représentants légaux"),
    (DataClass.YOUTH_REFERRAL, "La saisine et son motif"),
    (DataClass.YOUTH_OCCUPATION, "L’école, la formation, l’emploi"),
    (DataClass.YOUTH_REVIEW, "Le suivi : décisions, actions, dispositifs"),
    (DataClass.YOUTH_PREPARATION, "Ma préparation, avant la réunion"),
    (DataClass.YOUTH_SENSITIVE, "Les éléments sensibles"),
    (DataClass.YOUTH_JUDICIAL, "L’existence d’une mesure judiciaire"),
    (DataClass.SESSION_MINUTES, "Le relevé de décisions"),
    (DataClass.MAYOR_DISCLOSURE, "La page adressée au maire"),
    (DataClass.WHO_OPENED, "Qui a ouvert la fiche"),
    (DataClass.JOURNAL, "Le journal des accès"),
)

# Each cell of the matrix as people say it, and the shape that goes with it.
WORDS: dict[Cell, tuple[str, str]] = {
    Cell.NOTHING: ("non", "off"),
    Cell.HIDDEN: ("non", "off"),
    Cell.WRITE: ("oui", "ok"),
    Cell.READ: ("lecture", "ok"),
    Cell.READ_STAND_IN: ("lecture", "ok"),
    Cell.CREATE: ("si cercle", "wait"),
    Cell.CREATE_ONLY: ("ce qu’il envoie", "wait"),
    Cell.OWN_WRITE: ("sa part", "wait"),
    Cell.OWN_READ: ("si cercle", "wait"),
    Cell.GRANT: ("si cercle", "wait"),
    Cell.GRANT_WRITE: ("si cercle", "wait"),
    Cell.EXISTS: ("qu’elle existe", "info"),
    Cell.AGGREGATE: ("chiffres", "info"),
    Cell.LEAD_WRITE: ("si responsable", "wait"),
    Cell.ONE_AT_A_TIME: ("une à une", "info"),
    Cell.GUARDED: ("exception", "late"),
}


@dataclass(frozen=True)
class Answer:
    """One cell: the word and its shape."""

    word: str
    kind: str


@dataclass(frozen=True)
class Line:
    """One kind of information, and what each function may do with it."""

    label: str
    answers: tuple[Answer, ...]


def table() -> tuple[tuple[str, ...], tuple[Line, ...]]:
    """Return the heads (functions) and the lines of the table."""
    lines = tuple(
        Line(label, tuple(Answer(*WORDS[cell(role, data_class)]) for role, _ in ROLES)) for data_class, label in KINDS
    )
    return tuple(name for _, name in ROLES), lines
