"""One sealed value in a page sweep, from stored bytes to str, against the bare AESGCM.decrypt.

Warm: keys and ciphers are in the process, as on the second page of the day. Cold: the first page after a
start, the keystore query included. Both open a gate and check it for every row.
Alone: `python -m tests.bench.bench_sealing`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from tests.bench.measure import Budget, Result, measure

VALUES = 5000
TEXT = b"Belkacem-Lefebvre"
AIM = Budget(ratio=2.5)


class Page:
    """Rows as loaded from the database, and the same bytes ready for bare decryption."""

    def __init__(self, rows: int, names: tuple[str, ...], drawer: str) -> None:
        from casework.sealing import gate, keys
        from casework.sealing.keyring import Ring
        from tests.sealing.world import Person

        self.model, self.names = Person, names
        self.subjects = [uuid4() for _ in range(rows)]
        keys.ensure(*self.subjects, drawers=(drawer,))
        fields = [Person._meta.get_field(name) for name in names]
        self.gate = gate.Gate(frozenset(self.subjects), frozenset({fields[0].data_class}), "bench")
        ring = Ring(frozenset(self.subjects))
        self.blobs = [[ring.seal(field, s, s, TEXT) for field in fields] for s in self.subjects]
        self.prepared = [
            self._prepared(ring, field, subject, blob)
            for subject, blobs in zip(self.subjects, self.blobs, strict=True)
            for field, blob in zip(fields, blobs, strict=True)
        ]
        self.rows: list[Any] = []

    @staticmethod
    def _prepared(ring: Any, field: Any, subject: Any, blob: bytes) -> tuple[Any, bytes, bytes, bytes]:
        from casework.sealing import format as fmt

        aad = fmt.aad(field.aad_prefix, subject.bytes, subject.bytes, blob[:32])
        return ring.cipher(field, subject, blob[4:20]), blob[20:32], blob[32:], aad

    def load(self) -> None:
        """Make the rows afresh, sealed."""
        from casework.sealing.fields import Sealed

        self.rows = [
            self.model(id=s, subject_id=s, **{n: Sealed(b) for n, b in zip(self.names, blobs, strict=True)})
            for s, blobs in zip(self.subjects, self.blobs, strict=True)
        ]

    def load_cold(self) -> None:
        """The same, in a process that knows no key."""
        from casework.sealing import keys

        self.load()
        keys.forget()

    def bare(self) -> None:
        """Decrypt the same bytes with everything prepared beforehand."""
        for cipher, nonce, data, aad in self.prepared:
            cipher.decrypt(nonce, data, aad)

    def sweep(self) -> None:
        """Open the page under a gate."""
        from casework.sealing import gate, sweep

        with gate.opened(self.gate):
            sweep.open_many(self.rows, *self.names)


def run(size: float) -> Iterator[Result]:
    """Yield ours against bare decryption, for pages of 5 000 values."""
    values = max(10, int(VALUES * size))
    one = Page(values, ("surname",), "identity")
    two = Page(values // 2, ("surname", "first_name"), "identity")
    content = Page(values // 2, ("note", "open_null"), "content")
    yield measure("one value per row, warm", one.sweep, one.bare, before_ours=one.load, budget=AIM)
    yield measure("two values per row, warm", two.sweep, two.bare, before_ours=two.load, budget=AIM)
    yield measure("one value per row, cold keys", one.sweep, one.bare, before_ours=one.load_cold)
    yield measure("content, a key query and a derivation each", content.sweep, content.bare, before_ours=content.load)


def main() -> int:
    """Print the table of this bench alone."""
    from tests.bench.run import main as bench

    sys.argv = [sys.argv[0], "--only", "sealing", *sys.argv[1:]]
    return bench()


if __name__ == "__main__":
    sys.exit(main())
