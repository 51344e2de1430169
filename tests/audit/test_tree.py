"""The frontier gives the root that RFC 6962 defines by recursion."""

from __future__ import annotations

import hashlib

import pytest

from casework.audit.tree import EMPTY_ROOT, Frontier, leaf_hash, root_of


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


def test_every_root_up_to_300_is_the_one_of_the_rfc() -> None:
    leaves = [leaf_hash(str(number).encode()) for number in range(300)]
    frontier = Frontier()
    assert frontier.root() == EMPTY_ROOT == by_definition([])
    for size, leaf in enumerate(leaves, start=1):
        assert frontier.append(leaf) == by_definition(leaves[:size])
        assert Frontier.unpack(size, frontier.pack()).root() == frontier.root()
        assert [width for _, width in frontier.spans()] == sorted(
            (1 << bit for bit in range(10) if size >> bit & 1), reverse=True
        )


def test_known_roots_of_the_certificate_transparency_vectors() -> None:
    entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    leaves = [leaf_hash(bytes.fromhex(entry)) for entry in entries]
    assert root_of(leaves[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root_of(leaves[:2]).hex() == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    assert root_of(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@pytest.mark.parametrize(("size", "packed"), [(1, b""), (3, b"\0" * 32), (2, b"\0" * 31), (0, b"\0" * 32)])
def test_a_frontier_that_does_not_fit_its_size_is_refused(size: int, packed: bytes) -> None:
    with pytest.raises(ValueError):
        Frontier.unpack(size, packed)
