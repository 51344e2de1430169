"""Documents of a réparation: the signed agreements, the decision, the signed report (REP-06). A victim's has its key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Writing
from casework.casefile import attached
from casework.casefile.attached import Download, Upload, look_at
from casework.casefile.files import Clean
from casework.casefile.models import AttachedFile
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.reparation import facts
from casework.placements.reparation.codes import FileKind, State, Track
from casework.placements.reparation.models import Reparation, Victim
from casework.sealing import keys

MOST: Final = 30
ROW: Final = {
    FileKind.DECISION: DataClass.REPARATION_CONTENT,
    FileKind.AGREEMENT: DataClass.REPARATION_CONTENT,
    FileKind.REPORT: DataClass.REPARATION_CONTENT,
    FileKind.VICTIM: DataClass.REPARATION_VICTIM,
}


def keep(
    w: Writing, *, by: Viewer, record: Reparation | Victim, kind: FileKind, made: Clean, now: datetime
) -> AttachedFile:
    """Write a clean document inside the transaction of its act, under the key of whose record it is."""
    return attached.keep(w, by=by, record=record, kind=kind, data_class=ROW[kind], made=made, now=now, most=MOST)


def join(*, by: Viewer, reparation: Reparation, kind: str, upload: Upload, now: datetime) -> AttachedFile:
    """Join the decision, a signed report or another signed paper. Raises AccessRefused, InputRefused, GuardRefused."""
    facts.require_on(by, reparation, Action.CHANGE, DataClass.REPARATION_CONTENT, now)
    if kind not in (FileKind.DECISION, FileKind.AGREEMENT, FileKind.REPORT):
        raise InputRefused("Choisissez la nature du document.", field="kind")
    made = look_at(upload)
    if made is None:
        raise InputRefused("Choisissez le fichier.", field="file")
    keys.ensure(reparation.subject_id)
    with audit.writing(by, now=now) as w:
        return keep(w, by=by, record=reparation, kind=FileKind(kind), made=made, now=now)


def found(viewer: Viewer, pk: UUID, now: datetime) -> tuple[AttachedFile, Reparation]:
    """Return a document that this viewer may read. Raises AccessRefused: absent and refused look the same."""
    seen = facts.visible_to(viewer, now, DataClass.REPARATION_CONTENT).values("pk")
    victims = Victim.objects.filter(
        reparation__in=facts.visible_to(viewer, now, DataClass.REPARATION_VICTIM).values("pk")
    ).values("pk")
    own = Q(record_id__in=seen) & ~Q(kind=FileKind.VICTIM) | Q(record_id__in=victims, kind=FileKind.VICTIM)
    file = AttachedFile.objects.filter(own, pk=pk, kind__in=FileKind.values).first()
    if file is None:
        raise AccessRefused(code="file")
    if file.kind == FileKind.VICTIM:
        reparation = facts.find_victim(viewer, file.record_id, now).reparation
    else:
        reparation = facts.find(viewer, file.record_id, now, DataClass.REPARATION_CONTENT)
    facts.require_on(viewer, reparation, Action.PRINT, DataClass(file.data_class), now)
    return file, reparation


def withdraw(*, by: Viewer, file_id: UUID, now: datetime) -> Reparation:
    """Delete a document joined by mistake; return its réparation. Raises AccessRefused, GuardRefused.

    What an agreement in force rests on stays: it is replaced by a new agreement, not taken away (REP-06).
    """
    file, reparation = found(by, file_id, now)
    facts.require_on(by, reparation, Action.CHANGE, DataClass(file.data_class), now)
    with audit.writing(by, now=now) as w:
        row = AttachedFile.objects.select_for_update(of=("self",)).filter(pk=file.pk).first()
        if row is None:
            return reparation
        if is_proof(row, reparation):
            raise GuardRefused("Un accord ou la décision repose sur ce document : remplacez-le d’abord.")
        attached.withdraw(w, row)
    return reparation


def proofs(reparation: Reparation, files: Sequence[AttachedFile]) -> frozenset[UUID]:
    """Return which of these documents something in force rests on (REP-06)."""
    held = {
        *reparation.agreements.filter(replaced_at__isnull=True).values_list("document_id", flat=True),
        *reparation.victims.values_list("document_id", flat=True),
    }
    decisions = [file.pk for file in files if file.kind == FileKind.DECISION]
    if reparation.track == Track.MODULE and reparation.state != State.ORDERED and len(decisions) == 1:
        held.add(decisions[0])
    return frozenset(file.pk for file in files if file.pk in held)


def is_proof(file: AttachedFile, reparation: Reparation) -> bool:
    """Say whether something in force rests on this document."""
    return file.pk in proofs(reparation, list(AttachedFile.objects.filter(record_id=file.record_id)))


def download(*, by: Viewer, file_id: UUID, now: datetime) -> Download:
    """Return one document; each download is told by itself. Raises AccessRefused."""
    file, _ = found(by, file_id, now)
    return attached.hand_out(by=by, file=file, module="placements")
