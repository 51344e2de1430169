"""Make a copy: data to one recipient, keys to another, in two folders, two boxes that no server can open."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connections

from casework import audit
from casework.desk.backup import engines, manifest
from casework.desk.backup.refusals import BackupRefused
from casework.desk.release import release
from casework.sealing import box, locks
from casework.sealing.box import BoxWriter, Kind
from casework.sealing.routers import KEYSTORE

JOB: Final = "backup"
SUFFIX: Final = ".casework"
ROOM: Final = 64 << 20
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_ALIASES: Final = {Kind.DATA: "default", Kind.KEYSTORE: KEYSTORE}


@dataclass(frozen=True)
class Made:
    """Two files, and how many rows the data has."""

    data: Path
    keystore: Path
    rows: int


def make(now: datetime) -> Made:
    """Copy both databases, data first, so that the keys of every copied row are in the copy of the keys.

    Tells the journal before the first byte leaves. Raises BackupRefused, AlreadyRunning.
    """
    recipients = _recipients()
    folders = {Kind.DATA: Path(settings.BACKUP_DIR), Kind.KEYSTORE: Path(settings.KEYSTORE_BACKUP_DIR)}
    if folders[Kind.DATA].resolve() == folders[Kind.KEYSTORE].resolve():
        raise BackupRefused("one_folder")
    with locks.alone(JOB):
        for folder in folders.values():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if shutil.disk_usage(folder).free < ROOM:
                raise BackupRefused("no_room")
        audit.record(audit.system_actor(), audit.Act.EXPORT, object_type="backup", why="backup.make",
                     purpose=audit.Purpose.ADMINISTRATION)  # fmt: skip
        name = f"casework-{now.astimezone(UTC).strftime(_STAMP)}-{secrets.token_hex(4)}"
        files = {kind: folders[kind] / f"{name}.{kind.name.lower()}{SUFFIX}" for kind in Kind}
        rows = 0
        for kind in Kind:
            rows += _box(files[kind], name, kind, recipients[kind])
        return Made(files[Kind.DATA], files[Kind.KEYSTORE], rows)


def _recipients() -> dict[Kind, box.Recipient]:
    try:
        found = {
            Kind.DATA: box.recipient(Path(settings.BACKUP_RECIPIENT)),
            Kind.KEYSTORE: box.recipient(Path(settings.KEYSTORE_RECIPIENT)),
        }
    except box.BoxRefused as refusal:
        raise BackupRefused(refusal.code) from None
    if box.fingerprint(found[Kind.DATA]) == box.fingerprint(found[Kind.KEYSTORE]):
        raise BackupRefused("one_recipient")
    return found


def _box(path: Path, name: str, kind: Kind, to: box.Recipient) -> int:
    """Write one box under a name that nobody takes for whole, then give it its own. Return the rows in it."""
    made_at = datetime.now(UTC)
    part = path.with_suffix(".part")
    digest, size = hashlib.sha256(), 0
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as target:
            writer = BoxWriter(target, to, kind)

            def sink(piece: bytes) -> None:
                nonlocal size
                digest.update(piece)
                size += len(piece)
                writer.write(piece)

            held = engines.dump(_ALIASES[kind], sink)
            writer.write(
                manifest.pack(
                    manifest.Manifest(
                        copy=name, kind=kind.name.lower(), made_at=made_at.strftime(manifest.FORMAT),
                        release=release(), engine=connections[_ALIASES[kind]].vendor, sha256=digest.hexdigest(),
                        size=size, migrations=held.migrations, tables=dict(held.tables), logs=held.logs,
                    )
                )
            )  # fmt: skip
            writer.close()
            target.flush()
            os.fsync(target.fileno())
        part.rename(path)
    except OSError:
        raise BackupRefused("no_room") from None
    finally:
        part.unlink(missing_ok=True)
    _write_sum(path)
    return sum(held.tables.values())


def _write_sum(path: Path) -> None:
    """Write beside a box the line that `sha256sum -c` reads: whoever carries it sees if it arrived whole."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    path.with_suffix(".sha256").write_text(f"{digest}  {path.name}\n", encoding="ascii")


def forget(now: datetime, keep_days: int) -> int:
    """Remove our own copies older than `keep_days`, in both folders; return how many. A copy keeps erased keys alive."""
    limit, gone = now - timedelta(days=keep_days), 0
    for folder in (Path(settings.BACKUP_DIR), Path(settings.KEYSTORE_BACKUP_DIR)):
        for path in folder.glob(f"casework-*{SUFFIX}"):
            moment = moment_of(path)
            if moment is not None and moment < limit:
                path.unlink()
                path.with_suffix(".sha256").unlink(missing_ok=True)
                gone += 1
    return gone


def moment_of(path: Path) -> datetime | None:
    """Return when a copy was made, by its name; None if the name is not one of ours."""
    try:
        return datetime.strptime(path.name.split("-")[1], _STAMP).replace(tzinfo=UTC)
    except (IndexError, ValueError):
        return None
