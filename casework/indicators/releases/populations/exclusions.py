"""Pupils received by school year, each once, by the first reception (EXC-19)."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from django.db.models import Count

from casework.casefile import small_counts
from casework.exclusions.codes import Kind, Result, Since
from casework.exclusions.models import EndedSupport, WaitingLine
from casework.indicators.releases.tables import Counted, Dimension, Population, register

KIND: Final = Dimension(
    key="kind", label="Mesure de l’établissement",
    codes=((Kind.EXCLUSION.value, "exclusion temporaire"), ("other", "autre mesure")),
)  # fmt: skip
SINCE: Final = Dimension(
    key="since", label="Nouvelle exclusion dans l’année",
    codes=(
        (Since.NO.value, "aucune connue de l’établissement"), (Since.YES.value, "nouvelle exclusion"),
        (Since.UNKNOWN.value, "l’établissement ne sait pas, ou ne l’a pas dit"),
    ),
)  # fmt: skip
RETURN: Final = Dimension(
    key="return", label="Rencontre de retour", codes=(("held", "tenue"), ("not_held", "non tenue"))
)


def pupils(territory_id: UUID, period: int, after: int | None, today: date) -> Counted | None:
    """Return the pupils received in a school year; one query, and one to wait for lines of that year."""
    where = {"territory_id": territory_id, "school_year": period}
    if WaitingLine.objects.filter(**where).exists():
        return None
    rows = EndedSupport.objects.filter(**where, result=Result.RECEIVED, is_first=True).order_by()
    counts: dict[tuple[str, ...], int] = {}
    for kind, since, held, n in rows.values_list("kind", "since", "return_held").annotate(n=Count("pk")):
        key = (
            kind if kind == Kind.EXCLUSION else "other", since or Since.UNKNOWN.value, "held" if held else "not_held",
        )  # fmt: skip
        counts[key] = counts.get(key, 0) + n
    return Counted(first=period, counts=counts) if counts else None


# Records go on 31 July, their lines are written in August (EXC-21).
register(
    Population(
        key="pupils", unit="élèves", dimensions=(KIND, SINCE, RETURN),
        k=small_counts.K_PERSONS, closes=(1, 9, 1), count=pupils, school=True, lag=1,
    )
)  # fmt: skip
