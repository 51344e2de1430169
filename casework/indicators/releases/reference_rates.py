"""Rates that others published (REF-01 to REF-08), shown apart: each with whom it counts, what, after how long, and its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class ReferenceRate:
    """One published rate. `read`: whether the source itself was read, else who quotes it."""

    ref: str
    whom: str
    event: str
    horizon: str
    rate: str
    source: str
    url: str
    read: bool = True


REFERENCE_RATES: Final = (
    ReferenceRate(
        ref="REF-01", whom="Personnes sorties de prison en 2016", event="nouvelle infraction suivie d’une condamnation",
        horizon="12, 24 et 36 mois", rate="environ un tiers, 46\u00a0%, 54\u00a0%",
        source="Ministère de la justice, 15 décembre 2022", url="https://justice.gouv.fr/node/16979",
    ),
    ReferenceRate(
        ref="REF-03", whom="Personnes sorties de prison au second semestre 2002", event="nouvelle condamnation\u202f; dont à la prison",
        horizon="5 ans", rate="59\u00a0%\u202f; 46\u00a0%", source="Kensey et Benaouda, 2011", read=False,
        url="",
    ),
    ReferenceRate(
        ref="REF-04", whom="Personnes condamnées à un TIG à titre principal", event="nouvelle condamnation\u202f; dont à la prison",
        horizon="5 ans", rate="58\u00a0%\u202f; 34\u00a0% (sortants de prison\u202f: 72\u00a0% et 61\u00a0%)", source="étude de 2005", read=False,
        url="http://controverses.mines-paristech.fr/public/promo12/promo12_G19/www.controverses-minesparistech-19.fr/"
        "la-comparaison-avec-les-peines-alternatives/index.html",
    ),
    ReferenceRate(
        ref="REF-05", whom="Personnes condamnées à un TIG", event="nouvelle condamnation", horizon="5 ans",
        rate="près de 60\u00a0%, comme après la prison", source="Cour des comptes, mars 2025",
        url="https://program-evaluation.ccomptes.fr/fr/plateformes-citoyennes/plateforme-evaluations-politique-publique/"
        "explorer-evaluations-306",
    ),
    ReferenceRate(
        ref="REF-06", whom="Personnes condamnées en 2004, hors infractions routières", event="nouvelle condamnation",
        horizon="de 2004 à 2011", rate="38\u00a0%\u202f; déjà condamnées\u202f: 59\u00a0%\u202f; mineures au moment des faits\u202f: environ 60\u00a0%",
        source="statistiques de la justice, 2004-2011", read=False,
        url="http://docplayer.fr/8327599-La-recidive-plus-frequente-et-plus-rapide-chez-les-jeunes-condamnes.html",
    ),
    ReferenceRate(
        ref="REF-07", whom="Jeunes de moins de 17 ans suivis par la PJJ", event="aucun fait nouveau", horizon="1 an",
        rate="86\u00a0% en 2012\u202f; non publié de 2017 à 2019", source="Sénat, rapport 2014-2015 n° 108", read=False,
        url="https://conferenceconsensuslogement.senat.fr/rap/l14-108-318/l14-108-3187.html",
    ),
    ReferenceRate(
        ref="REF-08", whom="TIG prononcés", event="TIG mené à son terme", horizon="15 mois en moyenne (2012), plus de 16 (2024)",
        rate="près de trois sur quatre", source="Ministère de la justice, Infostat, et Cour des comptes, mars 2025",
        url="http://www.justice.gouv.fr/statistiques-10054/infostats-justice-10057/"
        "le-travail-dinteret-general-30-ans-apres-sa-creation-27260.html",
    ),
)  # fmt: skip

WARNING: Final = (
    "Ces taux comptent d’autres personnes, un autre événement et un autre délai\u202f: ils ne se comparent ni entre eux, ni aux "
    "chiffres d’ici. Le taux de 34\u00a0% et celui de près de 60\u00a0% après un TIG ne se contredisent pas\u202f: le premier ne compte que "
    "les nouvelles peines de prison. Aucun taux publié n’a été trouvé après une réparation."
)
