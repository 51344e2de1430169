"""The documents of one situation, as its page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Action as Ask
from casework.access.policy import decide
from casework.access.viewer import Viewer
from casework.audit import Purpose
from casework.casefile.models import AttachedFile
from casework.minors.followups.actions import files
from casework.minors.followups.facts import Relation
from casework.minors.followups.models import FollowUp
from casework.sealing import sweep


@dataclass(frozen=True, kw_only=True)
class FileLine:
    """One document, without its content."""

    id: UUID
    name: str
    kind: str
    size: str
    on: date
    service: str
    may_withdraw: bool


@dataclass(frozen=True, kw_only=True)
class FilesPart:
    """What the tab « Documents » shows of them."""

    follow_up_id: UUID
    lines: tuple[FileLine, ...]
    may_add: bool


def part(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> FilesPart | None:
    """Return the documents that this viewer may read; None to who may read none and hand in none."""
    rows = [row for row in files.ROW.values() if decide(viewer, Ask.VIEW, relation.facts(row), now).allow]
    may_add = bool(files.may_add(viewer, relation, now))
    if not rows:
        return None
    held = list(AttachedFile.objects.filter(record_id=follow_up.pk, data_class__in=rows).select_related("organisation"))
    lines: tuple[FileLine, ...] = ()
    if held:
        classes = {files.SEALED, *(file.data_class for file in held)}
        with audit.reading(viewer, subjects=[follow_up.subject_id], classes=classes, purpose=Purpose.REVIEW):
            sweep.open_many(held, "name", "details")
            lines = tuple(_line(viewer, relation, file, now) for file in held)
    return FilesPart(follow_up_id=follow_up.pk, lines=lines, may_add=may_add)


def _line(viewer: Viewer, relation: Relation, file: AttachedFile, now: datetime) -> FileLine:
    details = file.details or {}
    return FileLine(
        id=file.pk, name=file.name or "", kind=str(files.FileKind(file.kind).label), size=_size(int(details["size"])),
        on=localdate(file.added_at), service=file.organisation.short_name,
        may_withdraw=files.may_withdraw(viewer, relation, file, now),
    )  # fmt: skip


def _size(octets: int) -> str:
    """Return « 340 Ko » or « 1,2 Mo »."""
    if octets < 1_000_000:
        return f"{max(1, round(octets / 1000))} Ko"
    return f"{octets / 1_000_000:.1f} Mo".replace(".", ",")


def kinds(viewer: Viewer, relation: Relation, now: datetime) -> list[tuple[str, str]]:
    """Return the kinds that the form offers."""
    return [(kind.value, str(kind.label).capitalize()) for kind in files.may_add(viewer, relation, now)]
