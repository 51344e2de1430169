"""Documents about a situation: handed in, downloaded, withdrawn. Each is read by the row of the matrix of its kind."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import models

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.policy import decide
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile.files import Clean, Kind, clean
from casework.casefile.models import AttachedFile, FileContent
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.facts import Relation
from casework.minors.followups.models import FollowUp
from casework.sealing import keys

MOST = 30
SEALED: Final = "attached_file"
"""The class of the sealed columns; which document opens to whom is said by the row of its kind."""


class FileKind(models.TextChoices):
    """What may be attached. No judicial, medical nor police document: nobody here may hold one (BL-09, BL-10)."""

    FAMILY = "family", "courrier ou accord de la famille"
    SCHOOL = "school", "attestation de scolarité, de formation ou d’emploi"
    REPORT = "report", "écrit d’un service, fait pour la cellule"


ROW: Final = {
    FileKind.FAMILY: DataClass.YOUTH_REPRESENTATIVES,
    FileKind.SCHOOL: DataClass.YOUTH_OCCUPATION,
    FileKind.REPORT: DataClass.YOUTH_REVIEW,
}


@dataclass(frozen=True)
class Download:
    """What the answer carries. `name` is opaque: what the depositor called it may name somebody."""

    name: str
    media_type: str
    content: bytes


def may_add(viewer: Viewer, relation: Relation, now: datetime) -> list[FileKind]:
    """Return the kinds that this viewer may hand in: who writes the follow-up and reads documents of that kind."""
    if not decide(viewer, Ask.CREATE, relation.facts(DataClass.YOUTH_REVIEW), now).allow:
        return []
    return [kind for kind, row in ROW.items() if decide(viewer, Ask.VIEW, relation.facts(row), now).allow]


def may_withdraw(viewer: Viewer, relation: Relation, file: AttachedFile, now: datetime) -> bool:
    """Say whether this viewer may withdraw it: the service that handed it in, or whoever manages the exchange."""
    if file.organisation_id == viewer.organisation_id and may_add(viewer, relation, now):
        return True
    return decide(viewer, Ask.MANAGE, relation.facts(DataClass(file.data_class)), now).allow


def add(*, by: Viewer, follow_up: FollowUp, kind: str, content: bytes, name: str, now: datetime) -> AttachedFile:
    """Clean and keep a document. Raises AccessRefused, InputRefused (kind, type, size), GuardRefused (too many)."""
    relation = facts.relation(by, follow_up, now)
    allowed = may_add(by, relation, now)
    if not allowed:
        raise AccessRefused(code="file")
    if kind not in allowed:
        raise InputRefused("Choisissez la nature du document.", field="kind")
    made = clean(content, name)
    keys.ensure(follow_up.subject_id)
    with audit.writing(by, now=now) as w:
        if AttachedFile.objects.select_for_update().filter(record_id=follow_up.pk).count() >= MOST:
            raise GuardRefused(f"Cette fiche porte déjà {MOST} documents : retirez ceux qui ne servent plus.")
        file = _row(follow_up, FileKind(kind), made, by, now)
        file.save(force_insert=True)
        FileContent(subject_id=follow_up.subject_id, file=file, content=made.content).save(force_insert=True)
        w.note(Act.CREATE, file, classes=[ROW[FileKind(kind)]], module="minors")
    return file


def _row(follow_up: FollowUp, kind: FileKind, made: Clean, by: Viewer, now: datetime) -> AttachedFile:
    return AttachedFile(
        id=uuid.uuid4(), subject_id=follow_up.subject_id, territory_id=follow_up.territory_id, record_id=follow_up.pk,
        kind=kind, data_class=ROW[kind], name=made.name, added_at=now, added_by=by.mandate_id,
        organisation_id=by.organisation_id, details={"type": made.kind.value, "size": len(made.content)},
    )  # fmt: skip


def found(viewer: Viewer, pk: UUID, now: datetime) -> tuple[AttachedFile, FollowUp, Relation]:
    """Return a document that this viewer may read. Raises AccessRefused: absent and refused look the same."""
    file = AttachedFile.objects.filter(pk=pk).first()
    if file is None:
        raise AccessRefused(code="file")
    follow_up = facts.find(viewer, file.record_id, now)
    relation = facts.relation(viewer, follow_up, now)
    if not decide(viewer, Ask.PRINT, relation.facts(DataClass(file.data_class)), now).allow:
        raise AccessRefused(code="file")
    return file, follow_up, relation


def download(*, by: Viewer, file_id: UUID, now: datetime) -> Download:
    """Return one document; each download is told by itself. Raises AccessRefused."""
    file, follow_up, _ = found(by, file_id, now)
    with audit.reading(
        by, subjects=[file.subject_id], classes=[SEALED, file.data_class], purpose=Purpose.DOCUMENT, act=Act.PRINT,
        object_type=file._meta.label_lower, object_ids=[file.pk], territory_id=follow_up.territory_id,
    ):  # fmt: skip
        kind = Kind(str((file.details or {})["type"]))
        content = FileContent.objects.get(file=file).content or b""
    return Download(f"piece-{file.pk.hex[:8]}.{kind.value}", kind.media_type, content)


def withdraw(*, by: Viewer, file_id: UUID, now: datetime) -> FollowUp:
    """Delete a document and its content; return its situation. Raises AccessRefused."""
    file, follow_up, relation = found(by, file_id, now)
    if not may_withdraw(by, relation, file, now):
        raise AccessRefused(code="file")
    with audit.writing(by, now=now) as w:
        row = AttachedFile.objects.select_for_update().filter(pk=file.pk).first()
        if row is not None:
            w.note(Act.DELETE, row, classes=[row.data_class], why="withdrawn", module="minors")
            row.delete()
    return follow_up
