"""The dates of réparations to be watched (DL-13, DL-14), worked out from the rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from casework.access import memo
from casework.access.matrix import DataClass
from casework.access.policy import Action, ceiling
from casework.access.viewer import Viewer
from casework.casefile import deadlines
from casework.casefile.deadlines import Deadline, Due
from casework.placements.reparation import facts, law
from casework.placements.reparation.codes import ENDED, RUNNING, State, Track
from casework.placements.reparation.models import PlaceRequest, Reparation, ReportSent, Session
from casework.placements.reparation.reads import lists, page


def own(viewer: Viewer, now: datetime) -> list[Reparation]:
    """Return the open réparations that the viewer answers for; nothing is opened. One query for the grants."""

    def ask() -> list[Reparation]:
        if not ceiling(viewer.role, Action.CHANGE, DataClass.REPARATION_CONTENT):
            return []
        rows = list(facts.visible_to(viewer, now, DataClass.REPARATION_CONTENT).exclude(state__in=ENDED))
        links = facts.relations(viewer, rows, now)
        return [row for row in rows if links[row.pk].may(viewer, Action.CHANGE, DataClass.REPARATION_CONTENT, now)]

    return memo.once(("reparations", viewer.mandate_id, now), ask)


def dates(viewer: Viewer, now: datetime) -> list[Due]:
    """Return what is owed on each réparation of the viewer. Constant queries."""
    rows = own(viewer, now)
    if not rows:
        return []
    sent: dict[UUID, list[tuple[str, date]]] = {}
    with_measure = [row.pk for row in rows if row.measure_from]
    if with_measure:
        for report in ReportSent.objects.filter(reparation_id__in=with_measure):
            sent.setdefault(report.reparation_id, []).append((report.kind, report.sent_on))
    return [due for row in rows for due in _of(row, sent.get(row.pk, []))]


def _of(row: Reparation, sent: list[tuple[str, date]]) -> Iterator[Due]:
    report = lists.due_on(row)
    if report is not None:
        said = (
            "rapport à remettre 15 jours avant le terme" if row.track == Track.MODULE else "rapport à remettre au terme"
        )
        yield Due(
            rule="DL-13", reference=row.reference, object_id=row.pk, said=said, due=report,
            warn=report - timedelta(days=law.WARN_DAYS),
        )  # fmt: skip
    measure = page.measure_due(row, sent)
    if measure is not None:
        yield Due(
            rule="DL-14", reference=row.reference, object_id=row.pk,
            said="rapport de la mesure éducative judiciaire", due=measure,
            warn=measure - timedelta(days=law.MEASURE_WARN_DAYS),
        )  # fmt: skip


@deadlines.register
def watched(viewer: Viewer, now: datetime) -> list[Deadline]:
    """Return the dates for « Mon travail » and the calendar: a reference, no name."""
    return deadlines.of_files(dates(viewer, now), page="reparation:page", now=now)


def asked(viewer: Viewer, now: datetime) -> dict[UUID, date]:
    """Return the réparations whose host was asked, with the last day to answer; one query."""
    rows = PlaceRequest.objects.filter(answer="", reparation_id__in=[row.pk for row in own(viewer, now)])
    return dict(rows.values_list("reparation_id", "answer_by"))


def unsaid(viewer: Viewer, now: datetime) -> dict[UUID, date]:
    """Return the réparations of which a past session waits for its presence, with its oldest day; one query."""
    posts = {row.pk: row for row in own(viewer, now) if row.state in (*RUNNING, State.ASSIGNED)}
    if not posts:
        return {}
    rows = Session.objects.filter(reparation_id__in=posts, presence="", day__lte=localdate(now))
    found: dict[UUID, date] = {}
    for pk, day in rows.order_by("-day").values_list("reparation_id", "day"):
        found[pk] = day
    return found
