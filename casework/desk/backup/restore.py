"""Put a copy back on an empty server and prove that it lives: every doubt is found before the first row is written.

Two private keys open it, kept by two persons: nobody restores the town alone (R-02).
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from django.db import DatabaseError, connections
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model

from casework import audit
from casework.audit import restored, standing, verify, witness
from casework.casefile import erased
from casework.desk.backup import engines, manifest, state
from casework.desk.backup.manifest import Manifest
from casework.desk.backup.refusals import BackupRefused
from casework.errors import SealingError, Shredded
from casework.sealing import box, keys
from casework.sealing.box import BoxRefused, Kind
from casework.sealing.fields import SealedField
from casework.sealing.labels import sealed_fields
from casework.sealing.routers import KEYSTORE

_PIECE: Final = 1 << 20
_TRIES: Final = 20
_MANIFEST_AT_MOST: Final = 4 << 20


@dataclass(frozen=True)
class Copy:
    """One file and the private key that opens it."""

    file: Path
    key: Path


@dataclass(frozen=True)
class Opened:
    """One decrypted and checked copy."""

    payload: Path
    says: Manifest


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a restore did, for a page and for the dated proof."""

    copy: str
    made_at: datetime
    rows: int
    events: int
    compared: int
    lost: int
    """Events that the witness saw and the copy does not hold: what happened since."""
    forks: int
    """Logs that go on from an older size, declared to the witness."""
    erased: int
    opened: int
    """Kinds of sealed records of which one was opened."""
    seconds: float


def restore_check(data: Copy, keystore: Copy, now: datetime, *, declare: bool = False) -> Report:
    """Restore into the two empty databases of the settings and check everything that can be.

    `declare`: this town is to serve again. Where the witness had seen more than the copy holds, the fork is declared to
    it in the name of the two keys that opened the copy; without, it is a drill, and the witness hears of nothing.
    Raises BackupRefused, with nothing written, for a copy that is damaged, cut, of another key, of another schema,
    swapped, forged; or with the databases filled but to be thrown away, when what they hold is not what was copied.
    """
    started = time.monotonic()
    if declare and not witness.folder().is_dir():
        raise BackupRefused("witness_away")
    for alias in ("default", KEYSTORE):
        if not engines.is_empty(alias):
            raise BackupRefused("not_empty")
    with opened(data, keystore) as copies:
        for kind, alias in ((Kind.KEYSTORE, KEYSTORE), (Kind.DATA, "default")):
            engines.load(alias, copies[kind].payload)
            _same_rows(alias, copies[kind].says)
        says = copies[Kind.DATA].says
    keys.forget()
    compared, lost = _journal(says)
    forks = _tell(says, _openers(data, keystore) if declare else None)
    with standing.repairing():
        ended = erased.replay(now)
    kinds = _open_one_of_each()
    report = Report(
        copy=says.copy, made_at=says.moment, rows=sum(says.tables.values()), events=sum(size for _, size, _ in says.logs),
        compared=compared, lost=lost, forks=forks, erased=ended, opened=kinds, seconds=time.monotonic() - started,
    )  # fmt: skip
    state.write_drill(now, report.copy, report.seconds)
    return report


@contextmanager
def opened(data: Copy, keystore: Copy) -> Iterator[Mapping[Kind, Opened]]:
    """Decrypt both copies into a private folder and check what they say, without touching a database."""
    with tempfile.TemporaryDirectory(prefix="casework-restore-") as home:
        found = {
            Kind.DATA: _open(data, Kind.DATA, Path(home) / "data"),
            Kind.KEYSTORE: _open(keystore, Kind.KEYSTORE, Path(home) / "keystore"),
        }
        if found[Kind.KEYSTORE].says.moment < found[Kind.DATA].says.moment:
            raise BackupRefused("older_keystore")
        yield found


def _open(copy: Copy, kind: Kind, payload: Path) -> Opened:
    try:
        key = box.opener(copy.key)
        with copy.file.open("rb") as source, payload.open("w+b") as target:
            box.open_box(source, target, key, kind)
            says = _cut_manifest(target)
    except BoxRefused as refusal:
        raise BackupRefused(refusal.code) from None
    except OSError:
        raise BackupRefused("not_a_box") from None
    _fits(says, kind)
    digest = hashlib.sha256()
    with payload.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    if payload.stat().st_size != says.size or digest.hexdigest() != says.sha256:
        raise BackupRefused("damaged")
    return Opened(payload, says)


def _cut_manifest(file: BinaryIO) -> Manifest:
    """Take the manifest off the end of a decrypted file."""
    end = file.seek(0, 2)
    file.seek(max(0, end - _MANIFEST_AT_MOST))
    says, length = manifest.unpack(file.read())
    file.truncate(end - length)
    return says


def _fits(says: Manifest, kind: Kind) -> None:
    """Refuse a copy that this release cannot serve."""
    if says.kind != kind.name.lower():
        raise BackupRefused("swapped")
    if says.engine != connections[KEYSTORE if kind is Kind.KEYSTORE else "default"].vendor:
        raise BackupRefused("other_engine", says.engine)
    ours = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations or {}}
    if set(says.migrations) - ours:
        raise BackupRefused("newer_schema", says.release)
    if ours - set(says.migrations):
        raise BackupRefused("older_schema", says.release)


def _same_rows(alias: str, says: Manifest) -> None:
    found = engines.counted(alias)
    if dict(found.tables) != says.tables or found.logs != says.logs:
        raise BackupRefused("different")


def _journal(says: Manifest) -> tuple[int, int]:
    """Verify the logs and every row against their events and the witness; return rows compared and events lost."""
    sizes = {log: size for log, size, _ in says.logs}
    try:
        seen = [item for log in witness.logs() for item in witness.kept(log)]
        declared = [fork for log in witness.logs() for fork in witness.declarations(log)]
        reports = verify.verify_all([item for item in seen if item.size <= sizes.get(item.log, 0)], declared)
        compared, faults = verify.verify_rows()
    except (DatabaseError, witness.WitnessUnavailable, verify.BadCheckpoint):
        raise BackupRefused("log") from None
    if any(report.fault is not None and report.fault.code == "fork" for report in reports):
        raise BackupRefused("witness")
    if faults or not all(report.ok for report in reports):
        raise BackupRefused("log", ", ".join(sorted({fault.object_type for fault in faults})))
    tops: dict[str, int] = {}
    for item in seen:
        tops[item.log] = max(item.size, tops.get(item.log, 0))
    return compared, sum(max(0, top - sizes.get(log, 0)) for log, top in tops.items())


def _openers(data: Copy, keystore: Copy) -> tuple[str, str]:
    """Return the references of the two persons who opened the copy: the fingerprints of their keys."""
    one, other = (box.fingerprint(box.opener(copy.key).public_key()).hex() for copy in (data, keystore))
    return one, other


def _tell(says: Manifest, by: tuple[str, str] | None) -> int:
    """Write `restore` in every log, those that only the witness remembers included when it is told; count the forks."""
    names = {log for log, _, _ in says.logs} | set(witness.logs() if by else ())
    try:
        return sum(restored.tell(log, by=by) is not None for log in sorted(names))
    except (witness.WitnessUnavailable, witness.WitnessRefuses, verify.BadCheckpoint):
        raise BackupRefused("witness_away") from None


def _open_one_of_each() -> int:
    """Open every sealed field of one record of each kind, each under its own event; return how many kinds."""
    kinds: dict[type[Model], list[SealedField]] = {}
    for field in sealed_fields():
        kinds.setdefault(field.model, []).append(field)
    done = empty = 0
    for model, fields in kinds.items():
        rows = list(model._base_manager.order_by("pk")[:_TRIES])
        if not rows:
            empty += 1
        elif any(_opens(row, fields) for row in rows):
            done += 1
        else:
            raise BackupRefused("no_record", model._meta.label_lower)
    if not done and len(kinds) != empty:
        raise BackupRefused("no_record")
    return done


def _opens(row: Model, fields: list[SealedField]) -> bool:
    """Say whether one record opens whole; False where its key was destroyed."""
    subject: UUID = row.subject_id  # type: ignore[attr-defined]  # sealed models have it
    classes = {str(field.data_class) for field in fields}
    territory = getattr(row, "territory_id", None)
    try:
        with audit.reading(audit.system_actor(territory), subjects=[subject], classes=classes,
                           purpose=audit.Purpose.SYSTEM, act=audit.Act.SYSTEM, object_ids=[row.pk],
                           object_type=row._meta.label_lower):  # fmt: skip
            for field in fields:
                getattr(row, field.attname)
    except Shredded:
        return False
    except SealingError:
        raise BackupRefused("no_record", row._meta.label_lower) from None
    return True


def as_json(report: Report) -> str:
    """Return the report for a machine: numbers and dates."""
    return json.dumps(vars(report) | {"made_at": report.made_at.isoformat()}, sort_keys=True)
