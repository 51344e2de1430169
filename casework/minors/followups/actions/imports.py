"""Leaving the old spreadsheet: deposit, correct, import all valid lines or none, sign its deletion.

Nothing is written of anybody before « Importer les N lignes valides ». The table waits sealed under the
batch's own key, its narrative columns already blanked (SIT-04, BL-09); refused lines stay there to correct.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Model
from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose, Writing
from casework.casefile import revision
from casework.casefile.calendar import start_instant
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.casefile.retention import purge_check_on, purge_date
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups import codes, facts
from casework.minors.followups.actions import circle, counts, duplicates
from casework.minors.followups.actions.referrals import (
    INFORMATION_DAYS,
    free_references,
    person_row,
    representative_rows,
)
from casework.minors.followups.anonymous_codes import CountKind
from casework.minors.followups.data import PersonData, RepresentativeData
from casework.minors.followups.models import (
    Action,
    FollowedPerson,
    FollowUp,
    ImportBatch,
    Notice,
    Referral,
    SchemeStatus,
)
from casework.minors.followups.spreadsheet import (
    Entry,
    EntryState,
    ImportReport,
    Status,
    Table,
    Target,
    guess,
    open_file,
    read,
)
from casework.minors.followups.states import LIFECYCLE
from casework.partners import reads as partners
from casework.partners.models import Organisation, WatchGroup
from casework.sealing import history, keys

IMPORTABLE = (Status.OK, Status.WARNING)


def check_right(*, by: Viewer, now: datetime) -> None:
    """Raise AccessRefused to anybody but the coordinator."""
    facts.require_coordination(by, now, DataClass.YOUTH_IDENTITY)


def deposit(*, by: Viewer, content: bytes, now: datetime, sheet: str | None = None) -> ImportBatch:
    """Read a file and keep its table, sealed. Raises AccessRefused, InputRefused (not a spreadsheet, locked, too big)."""
    check_right(by=by, now=now)
    table = open_file(content, sheet=sheet)
    mapping = guess(table.headers)
    table = table.without_narrative(mapping)
    batch = ImportBatch(
        id=uuid4(), territory_id=by.territory_id, group_id=facts.group_to_refer(by), created_at=now,
        created_by=by.mandate_id,
    )  # fmt: skip
    batch.subject_id = batch.pk
    batch.table = table.to_json()
    batch.mapping = {"columns": {str(place): str(target) for place, target in mapping.items()}, "choices": {},
                     "corrections": {}}  # fmt: skip
    batch.refused = []
    keys.ensure(batch.pk)
    with audit.writing(by, now=now) as w:
        batch.save(force_insert=True)
        w.note(Act.IMPORT, batch, subjects=[batch.pk], classes=[DataClass.YOUTH_IDENTITY], why="deposit")
    return batch


def find(viewer: Viewer, pk: UUID, now: datetime) -> ImportBatch:
    """Return a batch of the coordinator's territory. Raises AccessRefused."""
    check_right(by=viewer, now=now)
    batch = ImportBatch.objects.filter(pk=pk, territory_id=viewer.territory_id).select_related("group").first()
    if batch is None:
        raise AccessRefused(code="batch")
    return batch


def deposited(viewer: Viewer, now: datetime) -> list[ImportBatch]:
    """Return the tables deposited in the coordinator's territory, latest first, still sealed."""
    check_right(by=viewer, now=now)
    return list(ImportBatch.objects.filter(territory_id=viewer.territory_id).order_by("-created_at"))


def unfinished(territory_id: UUID) -> list[ImportBatch]:
    """Return the tables of a territory whose deletion is not signed yet, oldest first; nothing is opened."""
    rows = ImportBatch.objects.filter(territory_id=territory_id, deletion_signed_at=None)
    return list(rows.defer("table", "mapping", "refused").order_by("created_at")[:5])


def gate(by: Viewer, batch: ImportBatch, act: Act = Act.VIEW) -> AbstractContextManager[None]:
    """Return the read gate of a batch: its table and its refused lines. `act`: EXPORT when they leave on a file."""
    return audit.reading(
        by, subjects=[batch.pk], classes=[DataClass.YOUTH_IDENTITY], purpose=Purpose.IMPORT, act=act,
        object_type="import_batch", object_ids=[batch.pk],
    )  # fmt: skip


def report(batch: ImportBatch, now: datetime) -> ImportReport:
    """Return the line-by-line report of a batch under its own gate, already open."""
    content: Mapping[str, Any] = batch.mapping or {}
    mapping = {int(place): Target(target) for place, target in content.get("columns", {}).items()}
    return read(
        Table.from_json(batch.table or {}), today=localdate(now), mapping=mapping,
        choices=content.get("choices", {}), corrections=corrections(batch),
    )  # fmt: skip


def corrections(batch: ImportBatch) -> dict[int, dict[int, str]]:
    """Return what was typed in place of the cells of refused lines: line, column, text; the gate is open."""
    known: Mapping[str, Mapping[str, str]] = (batch.mapping or {}).get("corrections", {})
    return {int(line): {int(column): text for column, text in cells.items()} for line, cells in known.items()}


def correct(
    *,
    by: Viewer,
    batch: ImportBatch,
    now: datetime,
    columns: Mapping[int, str] | None = None,
    choices: Mapping[str, str] | None = None,
    corrections: Mapping[int, Mapping[int, str]] | None = None,
    expected: int | None = None,
) -> None:
    """Keep what the coordinator corrects on screen: columns, values without a code, cells of refused lines."""
    check_right(by=by, now=now)
    if batch.imported_at is not None and columns:
        raise GuardRefused("Les lignes valides sont déjà importées : les colonnes ne changent plus.")
    for target in (columns or {}).values():
        if target not in set(Target):
            raise InputRefused("Choisissez une valeur de la liste.", field="columns")
    with gate(by, batch):
        content = dict(batch.mapping or {})
        if batch.deletion_signed_at is not None:
            raise GuardRefused("La reprise est terminée.")
        content["columns"] = content.get("columns", {}) | {str(key): value for key, value in (columns or {}).items()}
        content["choices"] = content.get("choices", {}) | dict(choices or {})
        known = dict(content.get("corrections", {}))
        for line, cells in (corrections or {}).items():
            known[str(line)] = known.get(str(line), {}) | {str(column): text for column, text in cells.items()}
        content["corrections"] = known
        mapping = {int(place): Target(target) for place, target in content["columns"].items()}
        table = Table.from_json(batch.table or {}).without_narrative(mapping).to_json()
    with audit.writing(by, now=now) as w:
        row = revision.lock(ImportBatch.objects.all(), batch.pk, expected)
        revision.save(row, mapping=content, table=table)
        w.note(Act.IMPORT, row, subjects=[row.pk], classes=[DataClass.YOUTH_IDENTITY], why="correct")
    batch.refresh_from_db()


def carry_out(*, by: Viewer, batch: ImportBatch, now: datetime, expected: int | None = None) -> int:
    """Import every valid line, or none; return how many were written.

    Open lines enter « suivie » with the motive « reprise » and DL-02 running from now; closed ones enter
    « archivée » while their purge date is ahead; the over-25s and the purged are counted, never written.
    Lines imported by an earlier run of the same batch are left alone. Raises GuardRefused when nothing is ready.
    """
    check_right(by=by, now=now)
    revision.check(batch, expected)
    if batch.deletion_signed_at is not None:
        raise GuardRefused("La reprise est terminée.")
    with gate(by, batch):
        found = report(batch, now)
        done = {int(line) for line in (batch.mapping or {}).get("imported", ())}
    ready = [row for row in found.rows if row.status in IMPORTABLE and row.entry is not None and row.line not in done]
    if not ready:
        raise GuardRefused("Aucune ligne n’est prête à importer.")
    ids = {row.line: uuid4() for row in ready}
    keys.ensure(*ids.values())
    with gate(by, batch), audit.writing(by, now=now) as w:
        # What was read above must still hold: another window may have imported or corrected meanwhile.
        locked = revision.lock(ImportBatch.objects.select_related("group__territory"), batch.pk, batch.revision)
        written = _Writer(w, by=by, group=locked.group, now=now).write(
            {ids[row.line]: row.entry for row in ready if row.entry is not None}
        )
        content = dict(locked.mapping or {})
        content["imported"] = sorted(done | set(ids))
        counted = _count(w, locked, found, done, now)
        revision.save(
            locked, mapping=content, written=locked.written + len(written), imported_at=now, counted=counted,
            table=_without(Table.from_json(locked.table or {}), _gone(found)).to_json(),
            refused=[row.line for row in found.rows if row.status == Status.REFUSED],
        )  # fmt: skip
        w.note(
            Act.IMPORT, locked, subjects=[locked.pk], classes=[DataClass.YOUTH_IDENTITY], why="import", n=len(written)
        )
    duplicates.after_receipt([row.pk for row in written], territory_id=batch.territory_id, now=now)
    batch.refresh_from_db()
    return len(written)


COUNTS = {
    Status.OVER_25: CountKind.IMPORT_OVER_25,
    Status.PURGE_PASSED: CountKind.IMPORT_PURGED,
}


def _count(w: Writing, batch: ImportBatch, found: ImportReport, done: set[int], now: datetime) -> dict[str, Any]:
    """Count the lines too old to be written, each once over all runs of a batch; return what was counted."""
    known = {int(line) for line in (batch.counted or {}).get("lines", ())}
    counted = dict(batch.counted or {})
    for status, kind in COUNTS.items():
        lines = {row.line for row in found.rows if row.status == status} - known - done
        if lines:
            counts.add(w, batch.territory_id, kind, now, len(lines))
        counted[str(status)] = counted.get(str(status), 0) + len(lines)
        known |= lines
    counted["lines"] = sorted(known)
    return counted


def _gone(found: ImportReport) -> set[int]:
    """Return the lines counted and not written, unless a refused line is read against one of them."""
    leaned_on = {row.duplicate_of for row in found.rows}
    return {row.line for row in found.rows if row.status in COUNTS and row.line not in leaned_on}


def _without(table: Table, lines: set[int]) -> Table:
    """Return the table with these lines emptied: nothing of whom is too old stays, the numbers do not move (RET-03)."""
    kept = tuple(() if number in lines else cells for number, cells in enumerate(table.lines, start=1))
    return replace(table, lines=kept)


class _Writer:
    """Writes the lines of one import together; what is the same for all is read once."""

    def __init__(self, w: Writing, *, by: Viewer, group: WatchGroup, now: datetime) -> None:
        self.w, self.by, self.group, self.now = w, by, group, now
        self.today = localdate(now)
        items = LocalItem.objects.filter(territory_id=group.territory_id)
        self.schemes = {item.national_code: item for item in items if item.list_code == ListCode.SCHEME}
        self.services: dict[str, Organisation] = {}
        for service in partners.member_organisations(group, now):
            self.services.setdefault(service.kind, service)
        self.own_service = Organisation.objects.get(pk=by.organisation_id)

    def write(self, entries: Mapping[UUID, Entry]) -> list[FollowUp]:
        """Write lines by the id of their person: table after table, each row with its history and its event."""
        people = [person_row(_person(entry), key, self.group.territory) for key, entry in entries.items()]
        self._insert(people, DataClass.YOUTH_IDENTITY)
        references = free_references(self.group.territory, self.now, len(people))
        lines = [
            (entries[person.pk], self._follow_up(entries[person.pk], person, reference))
            for person, reference in zip(people, references, strict=True)
        ]
        still_open = [(entry, follow_up) for entry, follow_up in lines if not _is_closed(entry)]
        for stage, rows in (
            (codes.Stage.FOLLOWED, [follow_up for _, follow_up in still_open]),
            (codes.Stage.ARCHIVED, [follow_up for entry, follow_up in lines if _is_closed(entry)]),
        ):
            LIFECYCLE.create_many(rows, stage, w=self.w, by=self.by, now=self.now)
        self._insert([self._referral(*line) for line in lines], DataClass.YOUTH_REFERRAL, why="import")
        families = {
            follow_up.pk: representative_rows(_representatives(entry), follow_up.person) for entry, follow_up in lines
        }
        self._insert([row for rows in families.values() for row in rows], DataClass.YOUTH_REPRESENTATIVES)
        notices = [
            Notice(
                subject_id=follow_up.subject_id, territory_id=follow_up.territory_id, follow_up=follow_up,
                representative=representative, attempts=[],
            )
            for _, follow_up in still_open
            for representative in (None, *families[follow_up.pk])
        ]  # fmt: skip
        self._insert(notices, DataClass.YOUTH_REPRESENTATIVES, why="import")
        self._insert([row for line in still_open for row in self._schemes(*line)], DataClass.YOUTH_REVIEW, why="import")
        self._insert([row for line in still_open for row in self._actions(*line)], DataClass.YOUTH_REVIEW, why="import")
        circle.open_many(
            self.w, by=self.by, reason=codes.CircleReason.TAKEOVER, now=self.now,
            joining=[(row, row.lead_organisation) for _, row in still_open if row.lead_organisation is not None],
        )  # fmt: skip
        return [follow_up for _, follow_up in lines]

    def _insert(self, rows: Sequence[Model], data_class: DataClass, why: str = "") -> None:
        history.insert_many(rows)
        for row in rows:
            self.w.note(Act.CREATE, row, classes=[data_class], why=why)

    def _follow_up(self, entry: Entry, person: FollowedPerson, reference: str) -> FollowUp:
        is_closed = _is_closed(entry)
        ended_on = entry.ended_on if is_closed else None
        purge_on = purge_date(born_on=entry.birth_date, ended_on=ended_on)
        return FollowUp(
            subject_id=person.pk, territory=self.group.territory, group=self.group, person=person,
            reference=reference, received_at=self._received(entry),
            sorted_at=self.now, started_on=min(entry.referral_on or self.today, ended_on or self.today),
            ended_on=ended_on, end_reason=codes.EndReason.HANDED_OVER if is_closed else "",
            information_put_off="" if is_closed else codes.WithholdMotive.TAKEOVER,
            information_due_on=None if is_closed else self.today + timedelta(days=INFORMATION_DAYS),
            lead_organisation=self.services.get(entry.lead), is_takeover=True, purge_on=purge_on,
            purge_check_on=purge_check_on(purge_on), next_review_on=None if is_closed else self.today, assessment={},
        )  # fmt: skip

    def _received(self, entry: Entry) -> datetime:
        return start_instant(entry.referral_on or self.today, self.group.territory.time_zone)

    def _referral(self, entry: Entry, follow_up: FollowUp) -> Referral:
        return Referral(
            subject_id=follow_up.subject_id, territory=self.group.territory, follow_up=follow_up,
            origin=entry.origin or codes.ReferralOrigin.MUNICIPAL_SERVICE, gateway=codes.Gateway.CSI_L132_5,
            reasons=list(entry.reasons), referred_by="", author_mandate_id=self.by.mandate_id,
            received_at=self._received(entry), sorting=codes.Sorting.TO_STUDY, sorted_at=self.now,
            sorted_by=self.by.mandate_id, more_asked="",
        )  # fmt: skip

    def _schemes(self, entry: Entry, follow_up: FollowUp) -> list[SchemeStatus]:
        return [
            SchemeStatus(
                subject_id=follow_up.subject_id, territory_id=follow_up.territory_id, follow_up=follow_up,
                item=self.schemes[code], state=codes.SchemeState.ACTIVE, since=self.today,
            )
            for code in entry.schemes
            if code in self.schemes
        ]  # fmt: skip

    def _actions(self, entry: Entry, follow_up: FollowUp) -> list[Action]:
        return [
            Action(
                subject_id=follow_up.subject_id, territory_id=follow_up.territory_id, follow_up=follow_up,
                kind=past.kind, owner=follow_up.lead_organisation or self.own_service, precision="",
                decided_on=self.today, due_on=self.today + timedelta(days=0 if past.done else INFORMATION_DAYS),
                result=codes.ActionResult.DONE if past.done else "", closed_on=self.today if past.done else None,
                created_by=self.by.mandate_id,
            )
            for past in entry.actions
        ]  # fmt: skip


def _is_closed(entry: Entry) -> bool:
    return entry.state not in (EntryState.OPEN, EntryState.WAITING)


def _representatives(entry: Entry) -> tuple[RepresentativeData, ...]:
    known = codes.Relation.values
    return tuple(
        RepresentativeData(
            last_name=row.last_name, first_name=row.first_name, phone=row.phone,
            relation=row.relation if row.relation in known else "",  # not told: never supposed
        )
        for row in entry.representatives
        if row.last_name or row.first_name or row.phone  # a phone alone: somebody to inform, name to complete
    )  # fmt: skip


def _person(entry: Entry) -> PersonData:
    def coded(value: str, choices: list[str], default: str) -> str:
        return value if value in choices else default

    return PersonData(
        last_name=entry.last_name, first_name=entry.first_name, birth_date=entry.birth_date,
        birth_precision=entry.birth_precision, sex=coded(entry.sex, codes.Sex.values, codes.Sex.UNKNOWN),
        address=entry.address, phone=entry.phone, email=entry.email, sector=entry.sector, school=entry.school,
        school_level=coded(entry.school_level, codes.SchoolLevel.values, codes.SchoolLevel.UNKNOWN),
    )  # fmt: skip


def sign_deletion(*, by: Viewer, batch: ImportBatch, now: datetime, expected: int | None = None) -> None:
    """Record the statement that the old file is deleted; what remained of the table is emptied with it (SIT-03)."""
    check_right(by=by, now=now)
    if batch.imported_at is None:
        raise GuardRefused("Importez d’abord les lignes valides.")
    with audit.writing(by, now=now) as w:
        row = revision.lock(ImportBatch.objects.all(), batch.pk, expected)
        if row.deletion_signed_at is not None:
            raise GuardRefused("La suppression de l’ancien tableau est déjà attestée.")
        revision.save(row, table={}, mapping={}, refused=[], deletion_signed_at=now, deletion_signed_by=by.mandate_id)
        w.note(Act.IMPORT, row, subjects=[row.pk], classes=[DataClass.YOUTH_IDENTITY], why="deletion_signed")


def discard(*, by: Viewer, batch: ImportBatch, now: datetime) -> None:
    """Forget a table that was not imported: rows and key go."""
    check_right(by=by, now=now)
    key = batch.pk
    with audit.writing(by, now=now) as w:
        row = revision.lock(ImportBatch.objects.all(), key, None)
        if row.imported_at is not None:
            raise GuardRefused("Des lignes ont été importées : attestez la suppression de l’ancien tableau.")
        w.note(Act.DELETE, row, subjects=[key], why="import.discard")
        row.delete()
    keys.erase(key)


KEPT_DAYS = 30


def forget_left_behind(now: datetime) -> int:
    """Delete the tables left for 30 days without an import, with their keys; return how many (nightly)."""
    limit = now - timedelta(days=KEPT_DAYS)
    done = 0
    for batch in ImportBatch.objects.filter(imported_at=None, created_at__lt=limit):
        with audit.writing(audit.system_actor(batch.territory_id), now=now) as w:
            w.note(Act.DELETE, batch, subjects=[batch.pk], why="import.left_behind")
            key = batch.pk
            batch.delete()
        keys.erase(key)
        done += 1
    return done
