"""Papers joined: the sheet that the family signed, the work that teachers send, the convention as signed."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Writing
from casework.casefile import attached, revision
from casework.casefile.attached import Download, Upload
from casework.casefile.files import Clean
from casework.casefile.models import AttachedFile
from casework.errors import AccessRefused, InputRefused
from casework.exclusions import facts
from casework.exclusions.codes import ENDED, FileKind
from casework.exclusions.models import Convention, ExclusionSupport
from casework.sealing import keys

MOST: Final = 20
OF_PUPIL: Final = (FileKind.AGREEMENT, FileKind.WORK)
ROW: Final = {
    FileKind.AGREEMENT: DataClass.EXCLUSION_FAMILY,
    FileKind.WORK: DataClass.EXCLUSION,
    FileKind.CONVENTION: DataClass.EXCLUSION,
}


def keep(
    w: Writing, *, by: Viewer, record: ExclusionSupport | Convention, kind: FileKind, made: Clean, now: datetime
) -> AttachedFile:
    """Write a clean paper inside the transaction of its act, called by its nature and never after somebody."""
    return attached.keep(
        w, by=by, record=record, kind=kind, data_class=ROW[kind], made=made, now=now, most=MOST, name=str(kind.label)
    )


def join_agreement(*, by: Viewer, support: ExclusionSupport, upload: Upload, now: datetime) -> None:
    """Join the sheet that the family signed. Raises AccessRefused, InputRefused, GuardRefused."""
    facts.require_on(by, support, Action.CHANGE, facts.FAMILY, now)
    made = _clean(upload)
    keys.ensure(support.subject_id)
    with audit.writing(by, now=now) as w:
        keep(w, by=by, record=support, kind=FileKind.AGREEMENT, made=made, now=now)


def join_convention(
    *, by: Viewer, convention: Convention, upload: Upload, now: datetime, expected: int | None
) -> None:  # fmt: skip
    """Join the convention as signed; it takes the place of the one before. Raises AccessRefused, InputRefused."""
    facts.require_lead(by, now)
    facts.find_convention(by, convention.pk, now)
    made = _clean(upload)
    keys.ensure(convention.subject_id)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Convention.objects.all(), convention.pk, expected)
        for former in AttachedFile.objects.filter(record_id=row.pk, kind=FileKind.CONVENTION):
            attached.withdraw(w, former)
        revision.save(row, document_id=keep(w, by=by, record=row, kind=FileKind.CONVENTION, made=made, now=now).pk)


def download(*, by: Viewer, file_id: UUID, now: datetime) -> Download:
    """Return one paper; each download is told by itself. Raises AccessRefused, absent or refused alike."""
    own = Q(record_id__in=facts.visible_to(by, now).values("pk"), kind__in=OF_PUPIL)
    bodies = Q(record_id__in=facts.own_conventions(by, now).values("pk"), kind=FileKind.CONVENTION)
    file = AttachedFile.objects.filter(own | bodies, pk=file_id).first()
    if file is None:
        raise AccessRefused(code="file")
    if file.kind != FileKind.CONVENTION:
        support = facts.find(by, file.record_id, now)
        facts.require_on(by, support, Action.PRINT, DataClass(file.data_class), now)
    return attached.hand_out(by=by, file=file, module="exclusions")


def find_own(viewer: Viewer, pk: UUID, now: datetime) -> tuple[AttachedFile, ExclusionSupport]:
    """Return one paper of a pupil that the viewer may change. Raises AccessRefused, absent or refused alike."""
    seen = facts.visible_to(viewer, now).values("pk")
    file = AttachedFile.objects.filter(pk=pk, kind__in=OF_PUPIL, record_id__in=seen).first()
    if file is None:
        raise AccessRefused(code="file")
    support = facts.find(viewer, file.record_id, now)
    facts.require_on(viewer, support, Action.CHANGE, DataClass(file.data_class), now)
    return file, support


def withdraw(*, by: Viewer, file_id: UUID, now: datetime) -> None:
    """Delete a signed sheet joined by mistake, before the end. Raises AccessRefused, InputRefused."""
    file, support = find_own(by, file_id, now)
    if support.state in ENDED or file.kind != FileKind.AGREEMENT:
        raise InputRefused("Ce document ne se retire plus.")
    with audit.writing(by, now=now) as w:
        attached.withdraw(w, file)


def _clean(upload: Upload) -> Clean:
    made = attached.look_at(upload)
    if made is None:
        raise InputRefused("Choisissez le fichier.", field="file")
    return made
