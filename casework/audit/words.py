"""Eight French words that stand for a checkpoint: said aloud, or compared with a paper (security.md §3.10).

512 words without two that begin with the same four letters; eight of them are 72 bits of a slow hash of size and
root, so that nobody forges a log with the same words. The list never changes: papers already signed bear it.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_LIST = Path(__file__).with_name("words.txt")
_COUNT, _BITS = 8, 9
_ROUNDS = 100_000


@cache
def french() -> tuple[str, ...]:
    """Return the 512 words."""
    return tuple(_LIST.read_text(encoding="utf-8").split())


def of(text: str) -> list[str]:
    """Return the eight words of a checkpoint's three lines (`Checkpoint.paper`)."""
    number = int.from_bytes(hashlib.pbkdf2_hmac("sha256", text.encode(), b"casework.audit/words/1", _ROUNDS, 9))
    return [french()[number >> (_BITS * place) & 511] for place in reversed(range(_COUNT))]
