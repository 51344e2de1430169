"""The decision as the court signed it, scanned: kept under her key, gone with what it decides (TGD-02, TGD-16)."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from casework import audit
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.casefile import attached
from casework.casefile.attached import Download, Upload
from casework.casefile.models import AttachedFile
from casework.errors import AccessRefused, InputRefused
from casework.sealing import keys
from casework.vif.phones import facts
from casework.vif.phones.models import Allocation, Decision

KIND: Final = "tgd_decision"
NAME: Final = "décision du parquet"
MOST: Final = 5
"""Papers of one decision: its pages, or the writing that followed an oral one."""


def join(*, by: Viewer, decision_id: UUID, upload: Upload, now: datetime) -> Allocation:
    """Join the scan of one decision; return its allocation. Raises AccessRefused, InputRefused, GuardRefused."""
    decision, allocation = decision_of(by, decision_id, now)
    facts.require_on(by, allocation.support, Action.CHANGE, now)
    made = attached.look_at(upload)
    if made is None:
        raise InputRefused("Choisissez le fichier.", field="file")
    keys.ensure(decision.subject_id)
    with audit.writing(by, now=now) as w:
        attached.keep(
            w, by=by, record=decision, kind=KIND, data_class=facts.TGD, made=made, now=now, most=MOST, name=NAME
        )
    return allocation


def decision_of(viewer: Viewer, pk: UUID, now: datetime) -> tuple[Decision, Allocation]:
    """Return one decision and the allocation that the viewer opens. Raises AccessRefused, absent or refused alike."""
    decision = Decision.objects.filter(pk=pk).first()
    if decision is None:
        raise AccessRefused(code="decision")
    return decision, facts.find(viewer, decision.allocation_id, now)


def found(viewer: Viewer, pk: UUID, now: datetime) -> tuple[AttachedFile, Allocation]:
    """Return one scan that the viewer may print. Raises AccessRefused, absent or refused alike.

    A paper of the court may say where she lives: where somebody keeps her whereabouts, they alone open it (VIC-01).
    """
    file = AttachedFile.objects.filter(pk=pk, kind=KIND).first()
    if file is None:
        raise AccessRefused(code="file")
    _, allocation = decision_of(viewer, file.record_id, now)
    if facts.require_on(viewer, allocation.support, Action.PRINT, now).kept:
        raise AccessRefused(code="kept")
    return file, allocation


def download(*, by: Viewer, file_id: UUID, now: datetime) -> Download:
    """Return one scan; each download is told by itself. Raises AccessRefused."""
    file, _ = found(by, file_id, now)
    return attached.hand_out(by=by, file=file, module="vif")


def withdraw(*, by: Viewer, file_id: UUID, now: datetime) -> None:
    """Delete a scan joined by mistake. Raises AccessRefused."""
    file, allocation = found(by, file_id, now)
    facts.require_on(by, allocation.support, Action.CHANGE, now)
    with audit.writing(by, now=now) as w:
        attached.withdraw(w, file)
