"""Follow-ups that ended and situations received: distinct persons of the cellule, by year (REC-24, SDC-05)."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from django.db.models import Count, Sum

from casework.casefile import ages, small_counts
from casework.indicators.releases.tables import Counted, Dimension, Population, register
from casework.minors.followups.anonymous_codes import RECEIVED, Duration, EndGroup, OriginGroup
from casework.minors.followups.codes import Sex
from casework.minors.followups.models import AnonymousCount, EndedFollowUp, WaitingFollowUp
from casework.partners.codes import MEMBER_KINDS, OrganisationKind

UNKNOWN: Final = "unknown"
NOT_KNOWN: Final = (UNKNOWN, "non connu")

REASON: Final = Dimension(key="reason", label="Fin du suivi", codes=tuple(EndGroup.choices))
AGE: Final = Dimension(
    key="age", label="Âge à la fin", codes=(*((band.value, str(band.label)) for band in ages.YOUTH), NOT_KNOWN)
)
SEX: Final = Dimension(key="sex", label="Sexe", codes=tuple(Sex.choices))
LEAD: Final = Dimension(
    key="lead", label="Référent de parcours",
    codes=(*((kind.value, str(kind.label)) for kind in OrganisationKind if kind in MEMBER_KINDS), ("other", "autre service"), NOT_KNOWN),
)  # fmt: skip
DURATION: Final = Dimension(key="duration", label="Durée du suivi", codes=(*Duration.choices, NOT_KNOWN))
ORIGIN: Final = Dimension(key="origin", label="Origine de la saisine", codes=tuple(OriginGroup.choices))


def _lead(kind: str) -> str:
    return kind if kind in MEMBER_KINDS else "other" if kind else UNKNOWN


def ended(territory_id: UUID, period: int, after: int | None, today: date) -> Counted | None:
    """Return the persons whose follow-up ended in a year, each once, by their first end; one query, and one to wait.

    None while a line of that year waits for its month.
    """
    where = {"territory_id": territory_id, "month__year": period}
    if WaitingFollowUp.objects.filter(**where).exists():
        return None
    columns = ("reason", "age_band", "sex", "lead_kind", "duration")
    rows = EndedFollowUp.objects.filter(**where, is_first=True).order_by().values_list(*columns).annotate(n=Count("pk"))
    counts: dict[tuple[str, ...], int] = {}
    for reason, age, sex, lead, duration, n in rows:
        key = reason, age or UNKNOWN, sex, _lead(lead), duration or UNKNOWN
        counts[key] = counts.get(key, 0) + n
    return Counted(first=period, counts=counts) if counts else None


def received(territory_id: UUID, period: int, after: int | None, today: date) -> Counted | None:
    """Return the persons received in a year by the group of who brought them, as counted on the day; one query.

    Neither age nor sector: no clear column gives them, and a figure opens nobody.
    """
    groups = {kind: group.value for group, kind in RECEIVED.items()}
    rows = AnonymousCount.objects.filter(
        territory_id=territory_id, month__year=period, kind__in=list(groups), total__gt=0
    )
    found = rows.order_by().values_list("kind").annotate(n=Sum("total"))
    counts: dict[tuple[str, ...], int] = {(groups[kind],): n for kind, n in found}
    return Counted(first=period, counts=counts) if counts else None


register(
    Population(
        key="followups", unit="personnes", dimensions=(REASON, AGE, SEX, LEAD, DURATION),
        k=small_counts.K_PERSONS, closes=(1, 1, 1), count=ended,
    )
)  # fmt: skip
register(
    Population(
        key="received", unit="personnes", dimensions=(ORIGIN,), k=small_counts.K_PERSONS,
        closes=(1, 1, 1), count=received,
    )
)  # fmt: skip
