"""Reports to the magistrate: owed from what happened, noted once they have left (ASG-09, TNR-05, DL-08, DL-12)."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Writing
from casework.errors import InputRefused
from casework.placements.tig import facts
from casework.placements.tig.codes import ReportKind
from casework.placements.tig.models import OfficerReport, TigPlacement


def owe(w: Writing, *, by: Viewer, placement: TigPlacement, kind: ReportKind, due_on: date) -> None:
    """Write down that a report is owed by a day, inside the transaction of the act that owes it."""
    _write(w, by=by, placement=placement, kind=kind, due_on=due_on, sent_on=None)


def send(*, by: Viewer, placement: TigPlacement, kind: str, sent_on: date, now: datetime) -> None:
    """Note that a report left for the magistrate: its date is no longer watched, ended or not (ASG-09, TNR-05)."""
    facts.require_report(by, placement, now)
    if kind not in ReportKind.values:
        raise InputRefused("Choisissez un rapport de la liste.", field="kind")
    if sent_on > localdate(now):
        raise InputRefused("Cette date n’est pas encore passée.", field="sent_on")
    with audit.writing(by, now=now) as w:
        owed = placement.reports.select_for_update(of=("self",)).filter(kind=kind, sent_on=None).order_by("due_on")
        row = owed.first()
        if row is None:
            _write(w, by=by, placement=placement, kind=ReportKind(kind), due_on=None, sent_on=sent_on)
            return
        row.sent_on, row.recorded_by = sent_on, by.mandate_id
        row.revision += 1
        row.save()
        w.note(Act.CHANGE, row, classes=[DataClass.SENTENCE], why=row.kind)


def _write(
    w: Writing, *, by: Viewer, placement: TigPlacement, kind: ReportKind, due_on: date | None, sent_on: date | None
) -> None:
    row = OfficerReport(
        subject_id=placement.subject_id, territory_id=placement.territory_id, placement=placement, kind=kind,
        due_on=due_on, sent_on=sent_on, recorded_by=by.mandate_id,
    )  # fmt: skip
    row.save(force_insert=True)
    w.note(Act.CREATE, row, classes=[DataClass.SENTENCE], why=kind.value)


def require_print(by: Viewer, placement: TigPlacement, now: datetime) -> None:
    """Ask decide() whether this viewer prints what goes to the magistrate: the officer, never the host (row 13)."""
    facts.require_on(by, placement, Action.PRINT, DataClass.SENTENCE, now)
