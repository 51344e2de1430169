"""Scans joined to a measure: the order, the judgment, the receipt of a report that left. Each under the person's key."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.casefile import attached
from casework.casefile.attached import Download, Upload
from casework.casefile.files import Clean
from casework.casefile.models import AttachedFile
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.sealing import keys
from casework.vif.offenders import facts
from casework.vif.offenders.actions import reports
from casework.vif.offenders.codes import PaperKind, ReportState
from casework.vif.offenders.models import Measure, Report

MOST: Final = 10
ROW: Final = {
    PaperKind.ORDER: DataClass.VIF_PERSON,
    PaperKind.JUDGMENT: DataClass.VIF_PERSON,
    PaperKind.RECEIPT: DataClass.VIF_REPORTS,
}


def join(*, by: Viewer, measure: Measure, kind: str, upload: Upload, now: datetime) -> None:
    """Join the order or the judgment. Raises AccessRefused, InputRefused, GuardRefused."""
    facts.require_on(by, measure, Action.CHANGE, DataClass.VIF_PERSON, now)
    if kind not in (PaperKind.ORDER, PaperKind.JUDGMENT):
        raise InputRefused("Choisissez la nature du document.", field="kind")
    made = attached.look_at(upload)
    if made is None:
        raise InputRefused("Choisissez le fichier.", field="file")
    keys.ensure(measure.subject_id)
    with audit.writing(by, now=now) as w:
        keep(w, by=by, record=measure, kind=PaperKind(kind), made=made, now=now)


def join_receipt(*, by: Viewer, report: Report, upload: Upload, now: datetime) -> None:
    """Join what proves that a report arrived. Raises AccessRefused, InputRefused, GuardRefused."""
    facts.require_on(by, report.measure, Action.CHANGE, DataClass.VIF_REPORTS, now)
    if report.state != ReportState.TRANSMITTED:
        raise GuardRefused("Ce rapport n’est pas encore transmis.")
    made = attached.look_at(upload)
    if made is None:
        raise InputRefused("Choisissez le fichier.", field="file")
    keys.ensure(report.subject_id)
    with audit.writing(by, now=now) as w:
        keep(w, by=by, record=report, kind=PaperKind.RECEIPT, made=made, now=now)


def keep(
    w: audit.Writing, *, by: Viewer, record: Measure | Report, kind: PaperKind, made: Clean, now: datetime
) -> None:  # fmt: skip
    """Write a clean scan inside the transaction of its act, called by its nature and never after somebody."""
    attached.keep(
        w, by=by, record=record, kind=kind, data_class=ROW[kind], made=made, now=now, most=MOST, name=str(kind.label)
    )


def found(viewer: Viewer, pk: UUID, now: datetime) -> tuple[AttachedFile, Measure]:
    """Return one scan that the viewer may print. Raises AccessRefused, absent or refused alike."""
    file = AttachedFile.objects.filter(pk=pk, kind__in=PaperKind.values).first()
    if file is None:
        raise AccessRefused(code="file")
    data_class = DataClass(file.data_class)
    if file.kind == PaperKind.RECEIPT:
        measure = reports.find(viewer, file.record_id, now).measure
    else:
        measure = facts.find(viewer, file.record_id, now, data_class)
    facts.require_on(viewer, measure, Action.PRINT, data_class, now)
    return file, measure


def download(*, by: Viewer, file_id: UUID, now: datetime) -> Download:
    """Return one scan; each download is told by itself. Raises AccessRefused."""
    file, _ = found(by, file_id, now)
    return attached.hand_out(by=by, file=file, module="vif")


def withdraw(*, by: Viewer, file_id: UUID, now: datetime) -> None:
    """Delete a scan joined by mistake. Raises AccessRefused."""
    file, measure = found(by, file_id, now)
    facts.require_on(by, measure, Action.CHANGE, DataClass(file.data_class), now)
    with audit.writing(by, now=now) as w:
        attached.withdraw(w, file)
