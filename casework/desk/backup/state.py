"""When the last copy was made, and when one was last put back: what the administrator and the checks are told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from casework.desk.backup.make import SUFFIX, moment_of

COPY_EVERY: Final = timedelta(hours=26)
DRILL_EVERY: Final = timedelta(days=90)


def last_copy() -> datetime | None:
    """Return when the newest copy was made that still stands in both folders, None if there is none."""
    newest = [_newest(Path(folder)) for folder in (settings.BACKUP_DIR, settings.KEYSTORE_BACKUP_DIR)]
    found = [moment for moment in newest if moment is not None]
    return min(found) if len(found) == len(newest) else None


def _newest(folder: Path) -> datetime | None:
    if not folder.is_dir():
        return None
    return max((moment for path in folder.glob(f"casework-*{SUFFIX}") if (moment := moment_of(path))), default=None)


def last_drill(proof: Path | None = None) -> datetime | None:
    """Return when a restore last succeeded, by the dated proof that it leaves; None if there is none."""
    try:
        text = Path(proof or settings.RESTORE_PROOF).read_text(encoding="utf-8")
        return datetime.fromisoformat(json.loads(text)["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_drill(now: datetime, copy: str, seconds: float) -> None:
    """Write the proof of a restore. A drill on another machine brings this file back to the server."""
    path = Path(settings.RESTORE_PROOF)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    said = {"at": now.astimezone(UTC).isoformat(), "copy": copy, "seconds": round(seconds)}
    path.write_text(json.dumps(said) + "\n", encoding="utf-8")
