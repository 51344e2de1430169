"""The signed week sheet, scanned: kept sealed with the person's own file, as any document (HOST-13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Purpose
from casework.casefile import attached, files
from casework.casefile.attached import SEALED, Download
from casework.casefile.models import AttachedFile
from casework.errors import AccessRefused, InputRefused
from casework.placements.tig import facts
from casework.placements.tig.limits import week_of
from casework.placements.tig.models import TigPlacement
from casework.sealing import keys, sweep

KIND: Final = "tig_week_sheet"
MOST: Final = 120  # eighteen months, a few of them twice


@dataclass(frozen=True)
class Scan:
    """One sheet joined: its week by its Monday."""

    id: UUID
    monday: date


def join(*, by: Viewer, placement: TigPlacement, day: date, name: str, content: bytes, now: datetime) -> AttachedFile:
    """Join the signed sheet of the week of `day`: one page, one person. Raises AccessRefused, InputRefused, GuardRefused."""
    facts.require_held(by, placement, now)
    monday = week_of(day)
    if not placement.half_days.filter(day__gte=monday, day__lt=date.fromordinal(monday.toordinal() + 7)).exists():
        raise InputRefused("Cette personne n’était pas prévue cette semaine-là.", field="file")
    made = files.clean(content, name)
    keys.ensure(placement.subject_id)
    with audit.writing(by, now=now) as w:
        return attached.keep(
            w, by=by, record=placement, kind=KIND, data_class=DataClass.PLACEMENT, made=made, now=now, most=MOST,
            details={"week": monday.isoformat()},
        )  # fmt: skip


def of(viewer: Viewer, placements: list[TigPlacement], now: datetime) -> dict[UUID, list[Scan]]:
    """Return the sheets joined to placements that this viewer holds, latest week first; one question, one event."""
    links = facts.relations(viewer, placements, now)
    mine = {row.pk for row in placements if links[row.pk].may(viewer, Action.PRINT, DataClass.PLACEMENT, now)}
    rows = list(AttachedFile.objects.filter(record_id__in=mine, kind=KIND))
    if not rows:
        return {}
    with audit.reading(
        viewer, subjects={row.subject_id for row in rows}, classes=[SEALED, DataClass.PLACEMENT],
        purpose=Purpose.LISTING, object_type="casefile.attachedfile", object_ids=[row.pk for row in rows],
    ):  # fmt: skip
        sweep.open_many(rows, "details")
        found: dict[UUID, list[Scan]] = {}
        for row in rows:
            scan = Scan(row.pk, date.fromisoformat(str((row.details or {})["week"])))
            found.setdefault(row.record_id, []).append(scan)
    return {pk: sorted(each, key=lambda scan: scan.monday, reverse=True) for pk, each in found.items()}


def _found(viewer: Viewer, pk: UUID, now: datetime) -> tuple[AttachedFile, TigPlacement]:
    """Return a sheet of a placement that this viewer may print. Raises AccessRefused: absent and refused look the same."""
    file = AttachedFile.objects.filter(pk=pk, kind=KIND).first()
    if file is None:
        raise AccessRefused(code="file")
    placement = facts.find(viewer, file.record_id, now)
    facts.require_on(viewer, placement, Action.PRINT, DataClass.PLACEMENT, now)
    return file, placement


def download(*, by: Viewer, file_id: UUID, now: datetime) -> Download:
    """Return one sheet; each download is told by itself. Raises AccessRefused."""
    file, _ = _found(by, file_id, now)
    return attached.hand_out(by=by, file=file, module="placements", stem="feuille")


def placement_of(viewer: Viewer, pk: UUID, now: datetime) -> TigPlacement:
    """Return the placement that a sheet belongs to. Raises AccessRefused, absent or refused alike."""
    return _found(viewer, pk, now)[1]


def withdraw(*, by: Viewer, file_id: UUID, now: datetime) -> None:
    """Delete a sheet joined by mistake. Raises AccessRefused."""
    file, placement = _found(by, file_id, now)
    facts.require_held(by, placement, now)
    with audit.writing(by, now=now) as w:
        attached.withdraw(w, file)
