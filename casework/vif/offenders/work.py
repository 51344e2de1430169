"""What waits for somebody in measures: lines of « Mon travail », by reference."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse
from django.utils.timezone import localdate

from casework.access import inbox
from casework.access.viewer import Viewer
from casework.casefile import format as fr
from casework.casefile import work
from casework.casefile.work import WorkItem
from casework.vif.offenders import deadlines, facts
from casework.vif.offenders.codes import ReportKind, ReportState, State
from casework.vif.offenders.models import Appointment, Report
from casework.vif.offenders.reads import lists

# What comes next in each state, said in the words of the one who does it.
NEXT: dict[str, str] = {
    State.MANDATED: "premier entretien à tenir",
    State.NOTIFIED: "avis de prise en charge à transmettre",
    State.MODIFIED: "nouvelles obligations à expliquer",
}
WAITING: dict[str, str] = {State.FINAL_REPORT_FILED: "décision attendue, à inscrire"}


inbox.probe("measures", facts.visible_to)


@work.register
def items(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the lines of the officer, of the colleague asked to read a report, and of the SPIP that takes over."""
    if not (facts.writes(viewer.role) or facts.takes_over(viewer.role)) or "measures" not in inbox.waiting(viewer, now):
        return []
    if facts.takes_over(viewer.role):
        return list(_taken_over(viewer, now))
    return [*_dates(viewer, now), *_rows(viewer, now), *_reports(viewer, now)]


def _taken_over(viewer: Viewer, now: datetime) -> Iterator[WorkItem]:
    """Say for a month which measures were opened to the SPIP after a conviction."""
    rows = facts.visible_to(viewer, now).filter(closed_on__gt=localdate(now) - lists.RECENT)
    for row in rows.order_by("closed_on"):
        on = f", décision du {fr.long_date(row.closed_on)}" if row.closed_on else ""
        yield _line(row.pk, row.reference, f"ouverte à votre service{on}", "info", None, "CJ-38", "Lire")


def _dates(viewer: Viewer, now: datetime) -> Iterator[WorkItem]:
    today = localdate(now)
    for due in deadlines.dates(viewer, now):
        if today >= due.warn:
            yield _line(due.object_id, due.reference, due.said, "mine", due.due, due.rule, "Ouvrir")


def _rows(viewer: Viewer, now: datetime) -> Iterator[WorkItem]:
    rows = deadlines.own(viewer, now)
    silent = lists.silences(rows, now)
    unsaid: dict[UUID, date] = {}
    past = Appointment.objects.filter(measure_id__in=[row.pk for row in rows], came="", day__lte=localdate(now))
    for pk, day in past.order_by("-day").values_list("measure_id", "day"):
        unsaid[pk] = day
    for row in rows:
        if row.pk in unsaid:
            yield _line(
                row.pk, row.reference, "issue du rendez-vous à inscrire", "mine", unsaid[row.pk], "CJ-06", "Inscrire"
            )
        elif row.pk in silent:
            yield _line(row.pk, row.reference, "aucun contact récent", "mine", silent[row.pk], "CJ-05", "Ouvrir")
        elif row.state in NEXT:
            yield _line(row.pk, row.reference, NEXT[row.state], "mine", None, "10.4", "Ouvrir")
        elif row.state in WAITING:
            yield _line(row.pk, row.reference, WAITING[row.state], "waiting", None, "10.4", "")


def _reports(viewer: Viewer, now: datetime) -> Iterator[WorkItem]:
    """Say each report of one's measures that is read or to be read, and each that one is asked to read."""
    seen = facts.visible_to(viewer, now).values("pk")
    rows = Report.objects.filter(measure__in=seen).exclude(state=ReportState.TRANSMITTED).select_related("measure")
    mine = {row.pk for row in deadlines.own(viewer, now)}
    for row in rows.order_by("opened_at"):
        kind = ReportKind(row.kind).label
        url = reverse("measures:report", args=[row.pk])
        if row.state == ReportState.TO_READ and row.reader_id == viewer.mandate_id:
            yield _line(row.measure_id, row.measure.reference, f"{kind} à relire", "mine", None, "CJ-36", "Relire", url)
        elif row.measure_id not in mine:
            continue
        elif row.state == ReportState.TO_READ:
            yield _line(
                row.measure_id, row.measure.reference, f"{kind}, relecture attendue", "waiting", None, "CJ-36", "", url
            )
        elif row.kind == ReportKind.INCIDENT or row.state == ReportState.READ:
            due = localdate(row.opened_at) if row.kind == ReportKind.INCIDENT else None
            yield _line(
                row.measure_id, row.measure.reference, f"{kind} à transmettre", "mine", due, "CJ-36", "Finir", url
            )


def _line(
    pk: object, reference: str, said: str, kind: str, when: date | None, rule: str, act: str, url: str = ""
) -> WorkItem:  # fmt: skip
    page = url or reverse("measures:page", args=[pk])
    return WorkItem(
        group_when=when, kind=kind, reference=reference, label=f"Mesure : {said}", url=page, act_label=act,
        act_url=page if act else "", rule=rule,
    )  # fmt: skip
