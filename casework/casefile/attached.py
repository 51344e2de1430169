"""Papers joined to a record: checked, kept under the key of whose record it is, handed out one at a time.

Each room says who joins and who reads; here is how a paper is kept and how its reading is told.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Protocol
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate

from casework import audit
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose, Writing
from casework.casefile.files import ACCEPT, MAX_BYTES, TOO_BIG, Clean, Kind, clean, left_out
from casework.casefile.models import AttachedFile, FileContent
from casework.errors import GuardRefused

SEALED: Final = "attached_file"
"""The class of the sealed columns; which paper opens to whom is said by the row of its kind."""


class Record(Protocol):
    """What a paper is joined to: a row under the key of one person."""

    pk: Any
    subject_id: UUID
    territory_id: UUID


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


@dataclass(frozen=True)
class Paper:
    """One paper joined, as a page lists it: nothing of it is opened."""

    id: UUID
    kind: str
    on: date


def look_at(upload: Upload | None) -> Clean | None:
    """Return the file cleaned, before any transaction. Raises InputRefused."""
    return None if upload is None else clean(upload.content, upload.name)


def keep(
    w: Writing, *, by: Viewer, record: Record, kind: str, data_class: str, made: Clean, now: datetime, most: int,
    name: str = "", details: Mapping[str, Any] | None = None,
) -> AttachedFile:  # fmt: skip
    """Write a clean paper inside the transaction of its act, under the key of whose record it is (it is there already).

    `name`: what it is called, instead of the depositor's words; `most`: how many of its record. Raises GuardRefused.
    """
    if AttachedFile.objects.select_for_update().filter(record_id=record.pk).count() >= most:
        raise GuardRefused(f"{most} documents sont déjà joints ici : retirez ceux qui ne servent plus.")
    row = AttachedFile(
        id=uuid.uuid4(), subject_id=record.subject_id, territory_id=record.territory_id, record_id=record.pk,
        kind=kind, data_class=data_class, name=name or made.name, added_at=now, added_by=by.mandate_id,
        organisation_id=by.organisation_id,
        details={"type": made.kind.value, "size": len(made.content), **(details or {})},
    )  # fmt: skip
    row.save(force_insert=True)
    FileContent(subject_id=record.subject_id, file=row, content=made.content).save(force_insert=True)
    w.note(Act.CREATE, row, classes=[data_class])
    return row


def of(records: Iterable[UUID], kinds: Iterable[str]) -> dict[UUID, tuple[Paper, ...]]:
    """Return the papers joined to each record, oldest first; one query, nothing opened."""
    found: dict[UUID, list[Paper]] = {}
    rows = AttachedFile.objects.filter(record_id__in=list(records), kind__in=list(kinds)).order_by("added_at", "id")
    for pk, record_id, kind, added_at in rows.values_list("pk", "record_id", "kind", "added_at"):
        found.setdefault(record_id, []).append(Paper(pk, kind, localdate(added_at)))
    return {record_id: tuple(papers) for record_id, papers in found.items()}


def hand_out(*, by: Viewer, file: AttachedFile, module: str, stem: str = "piece") -> Download:
    """Return one paper; each is told by itself. The caller asked decide()."""
    with audit.reading(
        by, subjects=[file.subject_id], classes=[SEALED, file.data_class], purpose=Purpose.DOCUMENT, act=Act.PRINT,
        module=module, object_type=file._meta.label_lower, object_ids=[file.pk], territory_id=file.territory_id,
    ):  # fmt: skip
        kind = Kind(str((file.details or {})["type"]))
        content = FileContent.objects.get(file=file).content or b""
    return Download(f"{stem}-{file.pk.hex[:8]}.{kind.value}", kind.media_type, content)


def withdraw(w: Writing, file: AttachedFile) -> None:
    """Delete a paper joined by mistake, inside the transaction of its act."""
    w.note(Act.DELETE, file, classes=[file.data_class], why="withdrawn")
    file.delete()


def response(found: Download) -> HttpResponse:
    """Return a paper as an attachment: the browser never shows it itself."""
    answer = HttpResponse(found.content, content_type=found.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return answer


class PaperField(forms.FileField):
    """A signed paper: read in memory, checked, kept sealed."""

    def __init__(self, label: str = "Document signé", *, required: bool = True, help_text: str = "") -> None:
        super().__init__(
            label=label, required=required, widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
            help_text=help_text or "PDF, image JPEG ou PNG, texte ODT ou DOCX ; 5 Mo au plus.",
            error_messages={"required": "Choisissez le fichier.", "empty": "Ce fichier est vide."},
        )  # fmt: skip

    def clean(self, data: Any, initial: Any = None) -> Upload | None:
        """Return what was handed in. Raises ValidationError when it is too heavy."""
        file = super().clean(data, initial)
        if not file:
            return None
        if file.size > MAX_BYTES:
            raise forms.ValidationError(TOO_BIG)
        return Upload(file.name, file.read())


def check_weight(request: HttpRequest, form: forms.Form, field: str = "file") -> None:
    """Say beside its field that a file was dropped on its way, too heavy to be read in memory."""
    if left_out(request) and field in form.fields:
        form.add_error(field, TOO_BIG)
