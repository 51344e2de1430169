"""The yearly sheet of a service: opened, filled, signed by its head, corrected under a reason (SDC-05a)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import revision
from casework.errors import GuardRefused, InputRefused
from casework.placements.returns import facts
from casework.placements.returns.codes import Answer, CorrectionReason, Source
from casework.placements.returns.cohorts import Line
from casework.placements.returns.models import ReturnSheet
from casework.placements.returns.reads import sheets as reads
from casework.sealing import keys

_CLASSES = [DataClass.KNOWN_RETURN]


def open_sheet(*, by: Viewer, year: int, now: datetime) -> ReturnSheet:
    """Open the sheet of a year, its cohorts set and what is counted here filled in; the one there is, if any.

    Raises AccessRefused, InputRefused (a year to come).
    """
    facts.require_lead(by, now)
    if year > localdate(now).year:
        raise InputRefused("Cette année n’est pas encore commencée.", field="year")
    standing = reads.latest(by, year)
    if standing is not None:
        return standing
    return _begin(by=by, year=year, version=1, reason="", lines=reads.proposed(by, year), now=now)


def correct(*, by: Viewer, sheet: ReturnSheet, reason: str, now: datetime) -> ReturnSheet:
    """Fill a signed sheet again, under a reason: the signed one stays as it was until the new one is signed.

    Raises AccessRefused, InputRefused, GuardRefused.
    """
    facts.require_lead(by, now)
    if reason not in CorrectionReason.values:
        raise InputRefused("Choisissez pourquoi la feuille est corrigée.", field="reason")
    latest = reads.latest(by, sheet.year)
    if latest is None or latest.signed_at is None:
        raise GuardRefused("Une correction est déjà ouverte pour cette année.")
    lines = reads.lines(by, latest)
    return _begin(by=by, year=sheet.year, version=latest.version + 1, reason=reason, lines=lines, now=now)


def _begin(*, by: Viewer, year: int, version: int, reason: str, lines: Sequence[Line], now: datetime) -> ReturnSheet:
    sheet_id = uuid.uuid4()
    keys.ensure(sheet_id)
    with audit.writing(by, now=now) as w:
        row = ReturnSheet(
            id=sheet_id, subject_id=sheet_id, territory_id=by.territory_id, organisation_id=by.organisation_id,
            year=year, version=version, reason=reason, counts=[line.stored() for line in lines],
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=_CLASSES, why="correction" if reason else "sheet")
    return row


def fill(
    *, by: Viewer, sheet: ReturnSheet, typed: Sequence[tuple[int, Mapping[Answer, int]]], expected: int | None,
    now: datetime,
) -> None:  # fmt: skip
    """Write what the head typed, line by line: how many ended, how many for each answer.

    A line that comes from the answers of the officers is not typed over. Raises AccessRefused, InputRefused (a
    field `ended_<n>` whose answers do not add up), GuardRefused (signed), ConflictRefused.
    """
    facts.require_lead(by, now)
    lines = reads.lines(by, sheet)
    if len(typed) != len(lines):
        raise InputRefused("La feuille a changé : rechargez la page.", field=None)
    filled = []
    for number, (line, (ended, answers)) in enumerate(zip(lines, typed, strict=True)):
        new = line if line.source == Source.WATCH else Line(cohort=line.cohort, ended=ended, answers=answers)
        if new.problem:
            raise InputRefused(new.problem, field=f"ended_{number}")
        filled.append(new)
    with audit.writing(by, now=now) as w:
        row = revision.lock(ReturnSheet.objects.all(), sheet.pk, expected)
        _refuse_signed(row)
        revision.save(row, counts=[line.stored() for line in filled])
        w.note(Act.CHANGE, row, classes=_CLASSES)


def sign(*, by: Viewer, sheet: ReturnSheet, expected: int | None, now: datetime) -> None:
    """Sign a sheet as the head of the service; a version signed before is replaced and stays readable.

    Raises AccessRefused, GuardRefused (counts that do not add up, signed already), ConflictRefused.
    """
    facts.require_lead(by, now)
    if any(line.problem for line in reads.lines(by, sheet)):
        raise GuardRefused("Les réponses de chaque ligne doivent faire le nombre de personnes.")
    with audit.writing(by, now=now) as w:
        row = revision.lock(ReturnSheet.objects.all(), sheet.pk, expected)
        _refuse_signed(row)
        former = ReturnSheet.objects.select_for_update(of=("self",)).filter(
            organisation_id=row.organisation_id, year=row.year, signed_at__isnull=False, replaced_at=None
        )
        for each in former:
            revision.save(each, replaced_at=now)
            w.note(Act.CHANGE, each, why="replaced")
        revision.save(row, signed_at=now, signed_by=by.mandate_id)
        w.note(Act.CHANGE, row, classes=_CLASSES, why="signed")


def _refuse_signed(row: ReturnSheet) -> None:
    if row.signed_at is not None:
        raise GuardRefused("Cette feuille est signée : corrigez-la, la précédente reste lisible.")
