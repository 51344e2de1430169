"""Closed lists of known returns (REC-20 to REC-23, SDC-05a)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models

from casework.partners.codes import Role


class Kind(models.TextChoices):
    """What ended."""

    TIG = "tig", "travail d’intérêt général"
    REPARATION = "reparation", "réparation"


class Result(models.TextChoices):
    """How it ended, coarse enough to name nobody."""

    DONE = "done", "menée à son terme"
    NOT_DONE = "not_done", "non menée à son terme"
    TRANSFERRED = "transferred", "transférée à un autre service"
    VOID = "void", "sans objet ou rendue au magistrat"


# REC-23: who is asked about, once the measure ended here.
IN_COHORT: Final = (Result.DONE, Result.NOT_DONE)


class Answer(models.TextChoices):
    """What is known since the end (REC-20). « Aucune connue » is not « aucune récidive » (REC-21)."""

    NONE_KNOWN = "none_known", "aucune nouvelle procédure connue"
    ALTERNATIVE = "alternative", "alternative aux poursuites"
    PROSECUTION = "prosecution", "poursuites"
    CONVICTION = "conviction", "condamnation"
    UNKNOWN = "unknown", "on ne sait pas"


# What stands over each column, on screen and on paper.
HEADS: Final[Mapping[Answer, str]] = {
    Answer.NONE_KNOWN: "Aucune connue", Answer.ALTERNATIVE: "Alternative", Answer.PROSECUTION: "Poursuites",
    Answer.CONVICTION: "Condamnation", Answer.UNKNOWN: "Inconnu",
}  # fmt: skip
WITH_MONTH: Final = frozenset({Answer.ALTERNATIVE, Answer.PROSECUTION, Answer.CONVICTION})


class Horizon(models.IntegerChoices):
    """How long after the end (REC-23)."""

    YEAR = 12, "à 12 mois"
    TWO_YEARS = 24, "à 24 mois"


class Source(models.TextChoices):
    """Where the figure of a cohort comes from: one of them, never both."""

    SHEET = "sheet", "feuille annuelle du service"
    WATCH = "watch", "réponses personne par personne"


class CorrectionReason(models.TextChoices):
    """Why a signed sheet is filled again."""

    ERROR = "error", "erreur de compte"
    LATE_NEWS = "late_news", "nouvelle arrivée après la signature"
    COHORT = "cohort", "personnes oubliées ou comptées à tort"


# Which measures each mandated service carries (ACL-03; columns PJ, SA, SP of row 28).
CARRIES: Final[Mapping[str, tuple[Kind, ...]]] = {
    Role.SPIP: (Kind.TIG,),
    Role.PJJ: (Kind.TIG, Kind.REPARATION),
    Role.SAH: (Kind.REPARATION,),
}
