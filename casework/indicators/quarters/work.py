"""What the dashboard puts on « Mon travail » of its keeper: a quarter to open, counts that are late, one to publish."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, Max, Q, QuerySet
from django.urls import reverse
from django.utils.timezone import localdate

from casework.access import inbox
from casework.access.viewer import Viewer
from casework.casefile import format as fr
from casework.casefile import work
from casework.casefile.work import WorkItem
from casework.indicators.quarters import facts, periods
from casework.indicators.quarters.actions.asking import ANSWER_DAYS
from casework.indicators.quarters.models import Contributor, Quarter
from casework.indicators.quarters.periods import Period
from casework.partners.models import Territory


class _Counted(NamedTuple):
    """A quarter being prepared: how many have not answered, how many of them are late, the last day to answer."""

    pk: UUID
    year: int
    number: int
    silent: int
    late: int
    by: date | None


def to_open(viewer: Viewer, now: datetime) -> QuerySet[Territory]:
    """Return the town, where somebody is asked for counts and the last quarter that is over is not open."""
    last = periods.of(localdate(now)).back(1)
    rows = Territory.objects.filter(pk=viewer.territory_id)
    if not facts.keeps(viewer, now):
        return rows.none()
    asked = Contributor.objects.filter(territory_id=viewer.territory_id, ended_on=None)
    opened = Quarter.objects.filter(territory_id=viewer.territory_id, year=last.year, number=last.number)
    return rows.filter(Exists(asked), ~Exists(opened))


def preparing(viewer: Viewer, now: datetime) -> QuerySet[Quarter]:
    """Return the quarters being prepared, for their keeper."""
    rows = Quarter.objects.filter(territory_id=viewer.territory_id, published_at=None)
    return rows if facts.keeps(viewer, now) else rows.none()


@work.register
def lines(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return one line for the quarter to open, one for each that is being prepared."""
    waiting = inbox.waiting(viewer, now)
    found = []
    if "quarters_to_open" in waiting:
        last = periods.of(localdate(now)).back(1)
        found.append(
            WorkItem(
                group_when=last.last + timedelta(days=ANSWER_DAYS), kind="mine", reference="", url=reverse("quarters:index"),
                label=f"Tableau de bord : {last.label} à ouvrir", act_label="Ouvrir", act_url=reverse("quarters:index"),
                rule="SDC-07",
            )
        )  # fmt: skip
    if "quarters" in waiting:
        found += [_line(row, now) for row in _counted(viewer, now)]
    return found


def _counted(viewer: Viewer, now: datetime) -> list[_Counted]:
    silent = Q(askings__answered_at=None, askings__isnull=False)
    rows = preparing(viewer, now).annotate(
        silent=Count("askings", filter=silent),
        late=Count("askings", filter=silent & Q(askings__answer_by__lt=localdate(now))),
        by=Max("askings__answer_by"),
    )  # fmt: skip
    return [_Counted(*each) for each in rows.values_list("pk", "year", "number", "silent", "late", "by")]


def _line(row: _Counted, now: datetime) -> WorkItem:
    url, period = reverse("quarters:page", args=[row.pk]), Period(row.year, row.number)
    label = f"Tableau de bord, {period.label} : "
    ready = not row.silent and period.is_over(localdate(now))
    if ready:
        label += "tout est reçu, à publier"
    elif row.late:
        label += f"{fr.plural(row.late, 'partenaire')} en retard"
    elif row.silent:
        label += f"{fr.plural(row.silent, 'réponse')} attendue{'s' if row.silent > 1 else ''}"
    else:
        label += f"à publier après le {fr.day(period.last)}"
    return WorkItem(
        group_when=row.by or period.last, kind="mine" if ready or row.late else "waiting", reference="", label=label,
        url=url, act_label="Publier" if ready else "Voir", act_url=url, rule="SDC-07",
    )  # fmt: skip


inbox.probe("quarters_to_open", to_open)
inbox.probe("quarters", preparing)
