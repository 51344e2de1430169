"""May the installation still write? Asked at the one door of writes, `audit.writing` (R-05, R-11).

Two things stop them. For an hour nothing reached the witness: what is written now could be rewritten unseen. Or a
volume is nearly full: a refusal now is clean, a write cut in the middle is luck. Reads go on, and so do their events,
refusals and sign-in; writes come back by themselves at the next checkpoint, or once there is room.

The answer is kept five seconds by each process. The witness itself is never touched from here: a network folder that
hangs must not hang a page. `audit_checkpoint`, every ten minutes, is what reaches it.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.utils.timezone import localtime

from casework.audit import checkpoints
from casework.audit.append import clock
from casework.audit.models import AuditHead
from casework.errors import WritesStopped

_FRESH_SECONDS = 5.0
_MB = 1 << 20
_last: tuple[float, Stop | None] | None = None
_repairing: ContextVar[bool] = ContextVar("audit_repairing", default=False)


class Reason(StrEnum):
    """Why nothing is written."""

    WITNESS = "stopped.witness"
    ROOM = "stopped.room"


MESSAGES = {
    Reason.WITNESS: "Le témoin du journal ne répond plus : l’application est en lecture seule{since}. Vous pouvez lire ; "
    "les enregistrements reprendront d’eux-mêmes dès qu’il répondra. L’administration technique le voit dans « État du "
    "système ».",
    Reason.ROOM: "Il n’y a presque plus de place sur le serveur : l’application est en lecture seule. Vous pouvez lire ; les "
    "enregistrements reprendront d’eux-mêmes dès que de la place sera faite. Prévenez l’administration technique.",
}


@dataclass(frozen=True)
class Stop:
    """Why nothing is written, and since when if it is known."""

    reason: Reason
    since: datetime | None = None

    @property
    def message(self) -> str:
        """What anybody is told."""
        since = f" depuis le {localtime(self.since):%d/%m/%Y à %H:%M}" if self.since else ""
        return MESSAGES[self.reason].format(since=since)


@dataclass(frozen=True)
class Volume:
    """The room left where one watched folder lies, in MB; None when it cannot be asked."""

    folder: Path
    free: int | None

    @property
    def is_full(self) -> bool:
        """Say whether writes stop. A folder that cannot be asked is told to the administrator and stops nothing."""
        return self.free is not None and self.free < settings.FREE_SPACE_FLOOR_MB

    @property
    def is_tight(self) -> bool:
        """Say whether somebody must look: well before writes stop, or where nothing can be known."""
        return self.free is None or self.free < settings.FREE_SPACE_WARN_MB


def require() -> None:
    """Raise WritesStopped while nothing may be written. Call it outside a transaction."""
    if not _repairing.get() and (stop := look()) is not None:
        raise WritesStopped(stop.message, code=stop.reason.value)


def look() -> Stop | None:
    """Return why nothing may be written, None when all is well; at most five seconds old."""
    global _last
    now = time.monotonic()
    if _last is None or now - _last[0] > _FRESH_SECONDS:
        _last = (now, _room() or _witness())
    return _last[1]


def forget() -> None:
    """Look again at the next question."""
    global _last
    _last = None


def volumes() -> list[Volume]:
    """Return the watched volumes, in the order of FREE_SPACE_DIRS."""
    return [Volume(folder, _free(folder)) for folder in settings.FREE_SPACE_DIRS]


@contextmanager
def repairing() -> Iterator[None]:
    """Let a restore write whatever the witness says: it erases again whoever came back, before anything is served."""
    token = _repairing.set(True)
    try:
        yield
    finally:
        _repairing.reset(token)


def is_repairing() -> bool:
    """Say whether a restore is writing: a drill must leave no checkpoint with the witness."""
    return _repairing.get()


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free // _MB
    except OSError:
        return None


def _room() -> Stop | None:
    return Stop(Reason.ROOM) if any(volume.is_full for volume in volumes()) else None


def _witness() -> Stop | None:
    """Stop once the oldest event not yet witnessed, in any log, is an hour old."""
    if not settings.AUDIT_WITNESS_REQUIRED:
        return None
    logs = AuditHead.objects.values_list("log", flat=True)
    waiting = [since for log in logs if (since := checkpoints.waiting_since(log)) is not None]
    oldest = min(waiting, default=None)
    if oldest is None or oldest >= clock() - checkpoints.LATE:
        return None
    return Stop(Reason.WITNESS, oldest + checkpoints.LATE)
