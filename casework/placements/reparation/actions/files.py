"""Documents of a réparation: the signed agreements, the decision, the signed report (REP-06). A victim's has its key."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose, Writing
from casework.casefile.files import Clean, Kind, clean
from casework.casefile.models import AttachedFile, FileContent
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.reparation import facts
from casework.placements.reparation.codes import FileKind, State, Track
from casework.placements.reparation.models import Reparation, Victim
from casework.sealing import keys

MOST: Final = 30
SEALED: Final = "attached_file"
ROW: Final = {
    FileKind.DECISION: DataClass.REPARATION_CONTENT,
    FileKind.AGREEMENT: DataClass.REPARATION_CONTENT,
    FileKind.REPORT: DataClass.REPARATION_CONTENT,
    FileKind.VICTIM: DataClass.REPARATION_VICTIM,
}


@dataclass(frozen=True)
class Upload:
    """A file as received, not yet looked at."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Download:
    """What the answer carries. `name` is opaque: what the depositor called it may name somebody."""

    name: str
    media_type: str
    content: bytes


def look_at(upload: Upload | None) -> Clean | None:
    """Return the file cleaned, before any transaction. Raises InputRefused."""
    return None if upload is None else clean(upload.content, upload.name)


def keep(
    w: Writing, *, by: Viewer, record: Reparation | Victim, kind: FileKind, made: Clean, now: datetime
) -> AttachedFile:
    """Write a clean document inside the transaction of its act, under the key of whose record it is."""
    if AttachedFile.objects.select_for_update().filter(record_id=record.pk).count() >= MOST:
        raise GuardRefused(f"Ce dossier porte déjà {MOST} documents : retirez ceux qui ne servent plus.")
    row = AttachedFile(
        id=uuid.uuid4(), subject_id=record.subject_id, territory_id=record.territory_id, record_id=record.pk,
        kind=kind, data_class=ROW[kind], name=made.name, added_at=now, added_by=by.mandate_id,
        organisation_id=by.organisation_id, details={"type": made.kind.value, "size": len(made.content)},
    )  # fmt: skip
    row.save(force_insert=True)
    FileContent(subject_id=record.subject_id, file=row, content=made.content).save(force_insert=True)
    w.note(Act.CREATE, row, classes=[ROW[kind]])
    return row


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
        w.note(Act.DELETE, row, classes=[row.data_class], why="withdrawn")
        row.delete()
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
    file, reparation = found(by, file_id, now)
    with audit.reading(
        by, subjects=[file.subject_id], classes=[SEALED, file.data_class], purpose=Purpose.DOCUMENT, act=Act.PRINT,
        module="placements", object_type=file._meta.label_lower, object_ids=[file.pk],
        territory_id=reparation.territory_id,
    ):  # fmt: skip
        kind = Kind(str((file.details or {})["type"]))
        content = FileContent.objects.get(file=file).content or b""
    return Download(f"piece-{file.pk.hex[:8]}.{kind.value}", kind.media_type, content)
