"""The tables that may ever be published, as data (§3.14: no query builder). A change is a reviewed commit and a new number.

Age bands, kinds and answers are put together from the finest to the coarsest until enough can be shown.
"""

from __future__ import annotations

from typing import Final

from casework.indicators.releases.tables import Merge, Table
from casework.placements.returns.codes import Horizon

VERSION: Final = 1

GROUPS_DIFFER = "Les personnes, les faits et les mesures diffèrent d’une ligne à l’autre : la comparaison ne dit pas l’effet d’une mesure."
NOT_RECIDIVISM = (
    "« Aucune connue » ne veut pas dire « aucune récidive » : le système ne lit pas le casier judiciaire et ne calcule "
    "jamais la récidive légale. " + GROUPS_DIFFER
)

_MINORS = dict.fromkeys(("10_12", "13_15", "16_17"), ("minors", "moins de 18 ans"))
# Of an adult a service seldom gives the birth date: apart, those few would hide everybody else.
_YOUNG = dict.fromkeys(("18_20", "21_25", "unknown"), ("young", "18 à 25 ans, ou âge non connu"))
_UNDER_16 = dict.fromkeys(("10_12", "13_15"), ("under_16", "moins de 16 ans"))
_ADULTS = dict.fromkeys(("18_20", "21_25", "26_up", "unknown"), ("adults", "18 ans et plus, ou âge non connu"))
_FEMALE = dict.fromkeys(("f", "unknown"), ("f_or_not", "féminin, ou non renseigné"))
_YOUTH_SERVICES = dict.fromkeys(
    ("youth_justice", "accredited_association"), ("youth", "protection judiciaire de la jeunesse et secteur habilité")
)
_NOT_NO = dict.fromkeys(("yes", "unknown"), ("not_no", "nouvelle exclusion, ou l’établissement ne l’a pas dit"))

_KNOWN = ("alternative", "prosecution", "conviction")
_AS_KNOWN = dict.fromkeys(_KNOWN, ("known", "retour connu"))
_AS_NONE = dict.fromkeys(("none_known", "unknown"), ("no_return", "aucun retour connu, ou on ne sait pas"))
_ANY_KIND = dict.fromkeys(("tig", "reparation"), ("any", "TIG et réparations"))
_ANY_END = dict.fromkeys(("done", "not_done"), ("any", "toutes les fins"))

_NOT_SAID = "ce qui n’est pas connu avec la ligne voisine"
_AGES_AS_THREE = Merge(
    groups={"age": {**_UNDER_16, **_YOUNG}, "sex": _FEMALE}, said=f"les âges par grandes classes, {_NOT_SAID}"
)
_YOUTH_AS_TWO = Merge(
    groups={"age": {**_MINORS, **_YOUNG}, "sex": _FEMALE}, said=f"mineurs d’un côté, majeurs de l’autre, {_NOT_SAID}"
)


def _returns(months: int) -> Table:
    return Table(
        key=f"returns_{months}", population=f"returns_{months}", dimensions=("kind", "answer"), spans=(1,),
        title=f"Retours connus des partenaires, {months} mois après la fin de la mesure",
        definition=(
            "Personnes dont la mesure s’est terminée dans la période, menée à son terme ou non, toutes observées "
            f"{months} mois entiers après la fin. « Retour connu » : le service mandaté a connaissance d’une nouvelle procédure "
            "(alternative aux poursuites, poursuites ou condamnation), quelle que soit l’infraction. « On ne sait pas » est compté "
            "à part et reste dans le total."
        ),
        warning=NOT_RECIDIVISM, zero_tells=True, rate_of=("known", *_KNOWN), rate_words="retours connus des partenaires",
        unknown=("unknown",), follows="" if months == min(Horizon) else f"returns_{min(Horizon)}",
        merges=(
            Merge(groups={"answer": _AS_KNOWN}, said="toutes les nouvelles procédures"),
            Merge(groups={"answer": _AS_KNOWN | _AS_NONE}, said="toutes les nouvelles procédures, et « aucune connue » avec « on ne sait pas »"),
            Merge(groups={"kind": _ANY_KIND, "answer": _AS_KNOWN}, said="les mesures, et toutes les nouvelles procédures"),
            Merge(groups={"kind": _ANY_KIND, "answer": _AS_KNOWN | _AS_NONE}, said="les mesures, les procédures, et « aucune connue » avec « on ne sait pas »"),
        ),
    )  # fmt: skip


TABLES: Final[tuple[Table, ...]] = (
    Table(
        key="measures_kind", population="measures", dimensions=("kind", "result"),
        title="Mesures terminées, selon la mesure et sa fin",
        definition=(
            "TIG (ou TNR) et réparations terminés dans la période, menés à leur terme ou non. Ceux qui sont passés à un autre service, "
            "ou devenus sans objet, n’y sont pas. Une personne peut y compter pour deux mesures."
        ),
        warning=GROUPS_DIFFER, zero_tells=True, rate_of=("done",), rate_words="mesures menées à leur terme",
        merges=(Merge(groups={"kind": _ANY_KIND}, said="les mesures", longest=True),),
    ),
    Table(
        key="measures_age", population="measures", dimensions=("age", "result"),
        title="Mesures terminées, selon l’âge et la fin",
        definition="Les mêmes mesures, selon l’âge à leur fin.",
        warning=GROUPS_DIFFER, zero_tells=True, rate_of=("done",), rate_words="mesures menées à leur terme",
        merges=(
            Merge(groups={"age": {**_UNDER_16, **_ADULTS}}, said="les âges par grandes classes"),
            Merge(groups={"age": {**_MINORS, **_ADULTS}}, said="mineurs d’un côté, majeurs de l’autre"),
            Merge(groups={"age": {**_MINORS, **_ADULTS}, "result": _ANY_END}, said="mineurs d’un côté, majeurs de l’autre ; toutes les fins", longest=True),
        ),
    ),
    Table(
        key="measures_service", population="measures", dimensions=("service", "result"),
        title="Mesures terminées, selon le service qui suivait",
        definition="Les mêmes mesures, selon le service mandaté.",
        warning=GROUPS_DIFFER, zero_tells=True, rate_of=("done",), rate_words="mesures menées à leur terme",
        merges=(
            Merge(groups={"service": _YOUTH_SERVICES}, said="les services de la jeunesse"),
            Merge(groups={"service": _YOUTH_SERVICES, "result": _ANY_END}, said="les services de la jeunesse ; toutes les fins", longest=True),
        ),
    ),
    _returns(12),
    _returns(24),
    Table(
        key="received_origin", population="received", dimensions=("origin",),
        title="Situations reçues par la cellule, selon qui l’a saisie",
        definition="Situations dont la saisine est arrivée dans l’année, y compris celles qui n’ont pas été retenues ; une personne compte une fois.",
        merges=(
            Merge(
                groups={"origin": dict.fromkeys(("justice", "town", "family"), ("others", "autres"))},
                said="les origines les plus rares",
            ),
        ),
    ),
    Table(
        key="followups_reason", population="followups", dimensions=("reason",),
        title="Suivis de la cellule terminés, selon la fin",
        definition="Jeunes dont le suivi par la cellule s’est terminé dans l’année ; chacun compte une fois.",
        warning=GROUPS_DIFFER, zero_tells=True, rate_of=("goal",), rate_words="suivis terminés parce que l’objectif est atteint",
        merges=(
            Merge(
                groups={"reason": dict.fromkeys(("relay", "stopped", "age"), ("not_goal", "autre fin"))},
                said="toutes les fins autres que l’objectif atteint",
            ),
        ),
    ),
    Table(
        key="followups_age_sex", population="followups", dimensions=("age", "sex"),
        title="Suivis de la cellule terminés, selon l’âge et le sexe",
        definition="Les mêmes jeunes, selon leur âge à la fin du suivi.",
        merges=(_AGES_AS_THREE, _YOUTH_AS_TWO),
    ),
    Table(
        key="pupils_since", population="pupils", dimensions=("since",),
        title="Élèves accueillis pendant une exclusion, selon la suite",
        definition=(
            "Élèves accueillis dans l’année scolaire ; un élève compte une fois, au premier accueil où il est venu. « Sans nouvelle "
            "exclusion » : l’établissement l’a dit, à chaque trimestre ou en juin."
        ),
        warning="Ce n’est pas une récidive au sens de la loi. " + GROUPS_DIFFER,
        zero_tells=True, rate_of=("no",), rate_words="élèves sans nouvelle exclusion connue de l’établissement",
        unknown=("unknown",),
        merges=(Merge(groups={"since": _NOT_NO}, said="toutes les autres réponses"),),
    ),
    Table(
        key="pupils_return", population="pupils", dimensions=("return",),
        title="Élèves accueillis pendant une exclusion, selon la rencontre de retour",
        definition="Les mêmes élèves : une rencontre de retour avec l’établissement a-t-elle été tenue ?",
        rate_of=("held",), rate_words="élèves dont la rencontre de retour a été tenue",
    ),
)  # fmt: skip
