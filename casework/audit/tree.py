"""The Merkle tree of RFC 6962, kept as its frontier: one root per append in O(log n) hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

HASH_SIZE = 32


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of one entry (RFC 6962 §2.1: prefix 0x00)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node (RFC 6962 §2.1: prefix 0x01)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


EMPTY_ROOT = hashlib.sha256(b"").digest()


class Frontier:
    """The roots of the perfect subtrees that make a tree of `size` leaves, largest first.

    There is one per bit set in `size`, so `pack()` is at most 32 × 63 bytes.
    """

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if size < 0 or len(hashes) != size.bit_count():
            raise ValueError("frontier does not fit its size")
        self.size = size
        self.hashes = list(hashes)

    @classmethod
    def unpack(cls, size: int, packed: bytes) -> Frontier:
        """Return the frontier stored in a head row. Raises ValueError if it does not fit `size`."""
        if len(packed) % HASH_SIZE:
            raise ValueError("frontier does not fit its size")
        return cls(size, [packed[at : at + HASH_SIZE] for at in range(0, len(packed), HASH_SIZE)])

    def pack(self) -> bytes:
        """Return the bytes stored in the head row."""
        return b"".join(self.hashes)

    def append(self, leaf: bytes) -> bytes:
        """Add one leaf and return the new root."""
        carry, size = leaf, self.size
        while size & 1:
            carry = node_hash(self.hashes.pop(), carry)
            size >>= 1
        self.hashes.append(carry)
        self.size += 1
        return self.root()

    def extend(self, leaves: Iterable[bytes]) -> list[bytes]:
        """Add some leaves and return the root after each: `append`, without a call per hash."""
        sha256, hashes, size, roots = hashlib.sha256, self.hashes, self.size, []
        for leaf in leaves:
            carry, rest = leaf, size
            while rest & 1:
                carry = sha256(b"\x01" + hashes.pop() + carry).digest()
                rest >>= 1
            size += 1
            root = carry
            for left in reversed(hashes):
                root = sha256(b"\x01" + left + root).digest()
            hashes.append(carry)
            roots.append(root)
        self.size = size
        return roots

    def root(self) -> bytes:
        """Return the RFC 6962 root of all leaves so far."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root

    def spans(self) -> list[tuple[int, int]]:
        """Return the (first index, width) of each perfect subtree, in the order of `hashes`."""
        spans, start = [], 0
        for bit in reversed(range(self.size.bit_length())):
            if self.size >> bit & 1:
                spans.append((start, 1 << bit))
                start += 1 << bit
        return spans


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root of a list of leaf hashes."""
    frontier = Frontier()
    root = EMPTY_ROOT
    for leaf in leaves:
        root = frontier.append(leaf)
    return root
