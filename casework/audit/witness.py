"""The witness: an append-only folder, best on another machine, that keeps every signed checkpoint.

One folder per log, one file per size, `key.txt` beside them. A file is never written twice: whoever rebuilds the
whole journal, even with the stolen key, still has to make this folder forget (T-25).

A log goes back to a smaller size, or shows another root for one, only under a declared fork (`forks`): the n-th one is
`f00n.fork`, and the checkpoints that follow it are named `f00n-…`. Those from before stay.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from django.conf import settings

from casework.audit.forks import Declaration, parse
from casework.audit.notes import BadCheckpoint, Checkpoint, key_line, parse_checkpoints

_SUFFIX = ".checkpoint"
_FORK = ".fork"
T = TypeVar("T")
P = ParamSpec("P")
_patience: ContextVar[float | None] = ContextVar("audit_witness_patience", default=None)
_LET_ALONE_SECONDS = 60.0
_hung_until = 0.0


class WitnessUnavailable(Exception):
    """The folder cannot be reached or written."""


class WitnessRefuses(Exception):
    """The declaration of a fork is not ours, or does not start from the last that the witness has seen."""


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Wait at most `seconds` for each look at the folder inside this block: a network folder may hang for ever.

    One that did is let alone for a minute by this process. Outside such a block one waits as long as it takes.
    """
    token = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(token)


def _in_time(look: Callable[P, T]) -> Callable[P, T]:
    """Make a look at the folder obey `patience`."""

    @wraps(look)
    def within(*args: P.args, **kwargs: P.kwargs) -> T:
        return _within(partial(look, *args, **kwargs))

    return within


def _within(look: Callable[[], T]) -> T:
    """Return what `look` returns, in time. Raises WitnessUnavailable, or what it raises."""
    global _hung_until  # one folder, one process
    seconds = _patience.get()
    if seconds is None:
        return look()
    if time.monotonic() < _hung_until:
        raise WitnessUnavailable("hung")
    found: list[T] = []
    faults: list[Exception] = []

    def run() -> None:
        try:
            found.append(look())
        except Exception as fault:  # noqa: BLE001 handed over to the caller, below
            faults.append(fault)

    thread = threading.Thread(target=run, name="witness", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        _hung_until = time.monotonic() + _LET_ALONE_SECONDS
        raise WitnessUnavailable("hung")
    if faults:
        raise faults[0]
    return found[0]


def folder() -> Path:
    """Return the folder of the witness (AUDIT_WITNESS_DIR)."""
    return Path(settings.AUDIT_WITNESS_DIR)


@_in_time
def kept(log: str) -> list[Checkpoint]:
    """Return the checkpoints that the witness holds for a log, smallest first.

    Raises WitnessUnavailable, or BadCheckpoint when a file is not a checkpoint.
    """
    home = folder() / log
    if not home.is_dir():
        return []
    try:
        texts = [path.read_text(encoding="utf-8") for path in sorted(home.glob(f"*{_SUFFIX}"))]
    except OSError as error:
        raise WitnessUnavailable(type(error).__name__) from None
    found = [item for text in texts for item in parse_checkpoints(text)]
    return sorted(found, key=lambda item: item.size)


@_in_time
def last(log: str) -> Checkpoint | None:
    """Return the largest checkpoint that the witness holds for a log since its last fork. Raises as `kept`."""
    home = folder() / log
    names = sorted(path.name for path in home.glob(f"{_era(home)}[0-9]*{_SUFFIX}")) if home.is_dir() else []
    if not names:
        return None
    try:
        found = parse_checkpoints((home / names[-1]).read_text(encoding="utf-8"))
    except OSError as error:
        raise WitnessUnavailable(type(error).__name__) from None
    if len(found) != 1 or found[0].log != log:
        raise BadCheckpoint("unreadable checkpoint")
    return found[0]


def highest(log: str) -> Checkpoint | None:
    """Return the largest checkpoint ever kept for a log, before and after any fork. Raises as `kept`."""
    return max(kept(log), key=lambda item: item.size, default=None)


@_in_time
def declarations(log: str) -> list[Declaration]:
    """Return the forks declared for a log, oldest first. Raises as `kept`."""
    home = folder() / log
    try:
        return [parse(path.read_text(encoding="utf-8")) for path in _forks(home)]
    except OSError as error:
        raise WitnessUnavailable(type(error).__name__) from None


def declare(fork: Declaration) -> None:
    """Take note of a declared fork. Raises WitnessRefuses, WitnessUnavailable, BadCheckpoint."""
    seen = highest(fork.log)
    if seen is None or not fork.is_genuine() or (seen.size, seen.root) != (fork.old_size, fork.old_root):
        raise WitnessRefuses(fork.log)
    home = folder() / fork.log
    try:
        _write(home / f"{_name(len(_forks(home)) + 1)}{_FORK}", fork.note())
    except OSError as error:
        raise WitnessUnavailable(type(error).__name__) from None


def _forks(home: Path) -> list[Path]:
    return sorted(home.glob(f"f[0-9]*{_FORK}")) if home.is_dir() else []


def _name(number: int) -> str:
    return f"f{number:03d}"


def _era(home: Path) -> str:
    """Return what the names of checkpoints begin with since the last fork."""
    count = len(_forks(home))
    return f"{_name(count)}-" if count else ""


def _write(path: Path, text: str) -> None:
    """Write a new file, on disk before this returns. Raises FileExistsError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o444)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def logs() -> list[str]:
    """Return the logs that the witness knows."""
    home = folder()
    return sorted(path.name for path in home.iterdir() if path.is_dir()) if home.is_dir() else []


@_in_time
def keep(checkpoint: Checkpoint) -> None:
    """Add a checkpoint, on disk before this returns. Raises FileExistsError for a size kept since the last fork."""
    home = folder() / checkpoint.log
    try:
        home.mkdir(mode=0o755, parents=True, exist_ok=True)
        key = folder() / "key.txt"
        if not key.exists():
            key.write_text(f"{key_line()}\n", encoding="utf-8")
        _write(home / f"{_era(home)}{checkpoint.size:012d}{_SUFFIX}", checkpoint.note())
    except FileExistsError:
        raise
    except OSError as error:
        raise WitnessUnavailable(type(error).__name__) from None
