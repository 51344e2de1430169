"""Pseudonyms of persons and records: searchable with the system key, meaningless without (LOG-05)."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from uuid import UUID

from casework.audit.encoding import REF_SIZE, parts

PURPOSE = "audit.pseudonyms"


def _key() -> bytes:
    from casework.sealing.keys import system_key

    return system_key(PURPOSE)


def _ref(key: bytes, *items: bytes) -> bytes:
    return hmac.digest(key, parts(items), "sha256")[:REF_SIZE]


def subject_bytes(subject_ids: frozenset[UUID]) -> list[bytes]:
    """Return the sorted references of some persons, 16 bytes each, under one key."""
    if not subject_ids:
        return []
    key, head, digest = _key(), parts([b"subject", bytes(16)])[:-16], hmac.digest
    # Written flat: a search tells thousands of persons.
    return sorted(digest(key, head + subject_id.bytes, "sha256")[:REF_SIZE] for subject_id in subject_ids)


def subject_ref(subject_id: UUID) -> str:
    """Return the pseudonym of one person, in hexadecimal."""
    return subject_bytes(frozenset({subject_id}))[0].hex()


def subjects_by_ref(subject_ids: Iterable[UUID]) -> dict[bytes, UUID]:
    """Return {reference: person} of some persons, under one key: how a page reads the pseudonyms it shows."""
    key = _key()
    return {_ref(key, b"subject", subject_id.bytes): subject_id for subject_id in subject_ids}


def object_refs(object_type: str, object_ids: Iterable[object]) -> dict[str, object]:
    """Return {reference: record} of some records of one type, or of one route for misses."""
    key, name = _key(), object_type.encode()
    return {_ref(key, b"object", name, str(pk).encode("utf-8", "surrogatepass")).hex(): pk for pk in object_ids}


def object_ref(object_type: str, object_id: object) -> str:
    """Return the pseudonym of one record of `object_type`, in hexadecimal.

    For a miss, `object_type` is the name of the route: a row that exists and one that does not look the same.
    """
    return _ref(_key(), b"object", object_type.encode(), str(object_id).encode("utf-8", "surrogatepass")).hex()
