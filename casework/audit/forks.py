"""A declared fork: a restore took a log back to an older size, and whoever had seen more is told so (R-02).

One signed text, kept twice: by the witness as a file, by the log as the content of its `restore` event.

casework.audit/fork/1
<log>
old <size> <base64 root>        the last that the witness had seen
new <size> <base64 root>        where the log goes on from, its `restore` event being the next
by <reference> <reference>      the two persons who opened the copy
date 2026-12-08T15:00:00Z

— casework.audit <signature of the lines above>
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from casework.audit.notes import DASH, DATE, FORMAT, BadCheckpoint, Checkpoint, is_signed, signature_of
from casework.audit.tree import HASH_SIZE

FIRST_LINE = "casework.audit/fork/1"


@dataclass(frozen=True)
class Declaration:
    """One fork of one log. Built by `restored.tell`, read back by `parse`."""

    log: str
    old_size: int
    old_root: bytes
    size: int
    root: bytes
    by: tuple[str, str]
    at: datetime
    signature: str = ""

    def text(self) -> str:
        """Return the lines that are signed."""
        return (
            f"{FIRST_LINE}\n{self.log}\n"
            f"old {self.old_size} {base64.b64encode(self.old_root).decode()}\n"
            f"new {self.size} {base64.b64encode(self.root).decode()}\n"
            f"by {self.by[0]} {self.by[1]}\n"
            f"{DATE}{self.at.astimezone(UTC).strftime(FORMAT)}\n"
        )

    def note(self) -> str:
        """Return the text and its signature."""
        return f"{self.text()}\n{DASH}{self.signature}\n"

    def signed(self) -> Declaration:
        """Return the declaration with our signature."""
        return replace(self, signature=signature_of(self.text()))

    def is_genuine(self) -> bool:
        """Say whether our key signed it, in the name of two persons, for a log that goes back."""
        return self.by[0] != self.by[1] and self.size < self.old_size and is_signed(self.text(), [self.signature])

    def abandons(self, checkpoint: Checkpoint) -> bool:
        """Say whether a checkpoint may differ from the log because it saw what this fork gave up.

        One that is dated was signed before; a printed code bears no date.
        """
        if checkpoint.log != self.log or not self.size < checkpoint.size <= self.old_size:
            return False
        if checkpoint.size == self.old_size and checkpoint.root != self.old_root:
            return False
        return checkpoint.signed_at is None or checkpoint.signed_at <= self.at


def parse(text: str) -> Declaration:
    """Return the declaration of a file. Raises BadCheckpoint; says nothing of its signature."""
    try:
        first, log, old, new, by, date, empty, signature = text.removesuffix("\n").split("\n")
        (old_word, old_size, old_root), (new_word, size, root) = old.split(" "), new.split(" ")
        by_word, one, other = by.split(" ")
        at = datetime.strptime(date.removeprefix(DATE), FORMAT).replace(tzinfo=UTC)
        found = Declaration(
            log, int(old_size), base64.b64decode(old_root, validate=True), int(size),
            base64.b64decode(root, validate=True), (one, other), at, signature.removeprefix(DASH),
        )  # fmt: skip
    except (ValueError, binascii.Error) as error:
        raise BadCheckpoint("unreadable declaration") from error
    words = (first, old_word, new_word, by_word, empty) == (FIRST_LINE, "old", "new", "by", "")
    if not words or {len(found.old_root), len(found.root)} != {HASH_SIZE} or found.note() != text:
        raise BadCheckpoint("unreadable declaration")
    return found
