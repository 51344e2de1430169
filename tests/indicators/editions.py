"""Published editions as the pages find them: made by hand, so that what is shown is proved against known numbers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from casework.indicators.releases import vector
from casework.indicators.releases.codes import ReleaseState
from casework.indicators.releases.models import Release
from casework.indicators.releases.tables import TOTAL, Dimension
from casework.indicators.releases.vector import Number, PublishedTable

RESULT = Dimension(
    key="result", label="fin de la mesure",
    codes=(("done", "menée à son terme"), ("not_done", "non menée à son terme"), ("void", "sans objet")),
)  # fmt: skip
KIND = Dimension(key="kind", label="mesure", codes=(("tig", "travail d’intérêt général"), ("reparation", "réparation")))
ANSWER = Dimension(
    key="answer", label="ce qui est su",
    codes=(("none_known", "aucun retour connu"), ("known", "retour connu"), ("unknown", "on ne sait pas")),
)  # fmt: skip
SINCE = Dimension(
    key="since", label="suite", codes=(("no", "sans nouvelle exclusion connue"), ("yes", "avec une nouvelle exclusion")),
)  # fmt: skip


def table(numbers: Mapping[tuple[str, ...], int | None], **given: Any) -> PublishedTable:
    """Return a table of measures by kind and result; `given` changes anything of it."""
    last = given.pop("year", 2025)
    values: dict[str, Any] = {
        "key": "measures_kind", "population": "measures", "title": "Mesures terminées, selon la mesure et sa fin",
        "unit": "personnes", "k": 11, "first": last, "last": last, "school": False, "dimensions": (KIND, RESULT),
        "definition": "Personnes dont la mesure s’est terminée dans la période.",
        "warning": "La comparaison ne dit pas l’effet d’une mesure.", "merged": "", "why_none": "",
        "rate_of": ("done",), "rate_words": "mesures menées à leur terme", "unknown": (), "source": "",
    } | given  # fmt: skip
    values["parts"] = tuple({code: (code,) for code, _ in each.codes} for each in values["dimensions"])
    return PublishedTable(**values, numbers=tuple(Number(key=key, n=n) for key, n in numbers.items()))


def measures(year: int = 2025, done: int = 51) -> PublishedTable:
    """Return measures by kind and result: a whole of 64 in 2025, two cells that are not shown."""
    return table(
        {
            ("tig", "done"): done - 21, ("tig", "not_done"): None, ("tig", "void"): 0, ("tig", TOTAL): done - 17,
            ("reparation", "done"): 21, ("reparation", "not_done"): None, ("reparation", "void"): 0,
            ("reparation", TOTAL): 30, (TOTAL, "done"): done, (TOTAL, "not_done"): 13, (TOTAL, "void"): 0,
            (TOTAL, TOTAL): done + 13,
        },
        year=year,
    )  # fmt: skip


def ages(year: int = 2025) -> PublishedTable:
    """Return a second table of the same people, small: nothing of it is shown."""
    return table(
        {}, key="measures_age", title="Mesures terminées, selon l’âge et la fin", year=year,
        why_none="Moins de 20 personnes : rien n’est affiché.",
    )  # fmt: skip


def known_returns(year: int = 2023) -> PublishedTable:
    """Return a cohort of three years, and what partners know."""
    return table(
        {("none_known",): 31, ("known",): 17, ("unknown",): 12, (TOTAL,): 60},
        key="returns_tig_12", population="returns_tig_12", title="TIG : ce que les partenaires savent 12 mois après",
        dimensions=(ANSWER,), rate_of=("known",), rate_words="retours connus des partenaires", unknown=("unknown",),
        year=year, first=year - 2, merged="3 années ensemble : en dessous, trop de nombres désigneraient quelqu’un.",
        source="feuille annuelle du service", warning="« Aucun connu » ne veut pas dire « aucune récidive ».",
    )  # fmt: skip


def pupils(year: int = 2024) -> PublishedTable:
    """Return pupils of a school year."""
    return table(
        {("no",): 19, ("yes",): 6, (TOTAL,): 25}, key="pupils_since", population="pupils", k=5, unit="élèves",
        title="Élèves accueillis pendant une exclusion, selon la suite", dimensions=(SINCE,), school=True, year=year,
        rate_of=("no",), rate_words="élèves sans nouvelle exclusion connue de l’établissement",
    )  # fmt: skip


def edition(territory: Any, year: int = 2025, *tables: PublishedTable, version: int = 1, **given: Any) -> Release:
    """Return a published edition of these tables."""
    kept = vector.stored(tables or (measures(year), ages(year), known_returns(year - 2), pupils(year - 1)))
    at = datetime(year + 1, 3, 10, 9, tzinfo=UTC)
    values = {"state": ReleaseState.PUBLISHED, "published_at": at, "agreed_by": uuid.uuid4()} | given
    return Release.objects.create(
        territory=territory, year=year, version=version, vector=kept, digest=vector.digest(kept), proposed_at=at,
        proposed_by=uuid.uuid4(), **values,
    )  # fmt: skip
