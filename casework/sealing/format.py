"""Format of sealed values, version 1. Pure functions: no database, no clock, no settings.

    offset size content
    0      2    magic "CW"
    2      1    format version, 0x01
    3      1    suite, 0x01 = AES-256-GCM with a random 96-bit nonce and a 128-bit tag
    4      16   key id = HKDF-Expand(SHA-256, DEK, "casework/kid/v1", 16)
    20     12   nonce
    32     n    ciphertext and tag
    AAD  = LP("casework/seal/v1", label, record id, subject id) || bytes[0:32]
    key  = HKDF-Expand(SHA-256, DEK, "casework/field/v1|" + label, 32)

LP(x1..xk) = u32be(k) || u32be(len(x1)) || x1 || ...   Ids are the 16 bytes of a UUID.

The plaintext is u32be(length) || UTF-8 || zeros, up to the next bucket: 64, 256, 1 024, 4 096,
16 384 bytes, then multiples of 16 384. The bucket counts the four bytes of the length. The length
0xFFFFFFFF, followed by zeros only, is the empty marker: the field is sealed and holds nothing.

A file has suite 0x81. Its plaintext, padded likewise, is cut into chunks of 65 536 bytes, the last one shorter or
equal, each encrypted apart: the header keeps 7 random bytes, then zeros, at offset 20; the nonce of a chunk is those
7 bytes || u32be(index) || 1 for the last chunk, 0 for the others. Header and associated data are those above.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Iterable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casework.errors import IntegrityFault

MAGIC: Final = b"CW"
VERSION: Final = 1
SUITE: Final = 1
PREFIX: Final = MAGIC + bytes((VERSION, SUITE))
HEADER: Final = 32
BUCKETS: Final = (64, 256, 1024, 4096, 16384)
EMPTY: Final = 0xFFFFFFFF
SHORTEST: Final = HEADER + BUCKETS[0] + 16
# Between two 16-byte parts of an LP list.
ID_LENGTH: Final = (16).to_bytes(4, "big")
FAULT: Final = "sealed value cannot be opened"


def lp(*parts: bytes) -> bytes:
    """Return the parts, each preceded by its length, the list preceded by its count."""
    out = [len(parts).to_bytes(4, "big")]
    for part in parts:
        out.append(len(part).to_bytes(4, "big"))
        out.append(part)
    return b"".join(out)


def expand(key: bytes, info: bytes, length: int) -> bytes:
    """Return HKDF-Expand (RFC 5869, SHA-256) of a uniform `key`; at most 32 bytes."""
    if not 0 < length <= 32:
        raise ValueError("one block only")
    return hmac.digest(key, info + b"\x01", "sha256")[:length]


def key_id(dek: bytes) -> bytes:
    """Return the public name of a data key: a commitment to it."""
    return expand(dek, b"casework/kid/v1", 16)


def field_cipher(dek: bytes, label: bytes) -> AESGCM:
    """Return the cipher of one label under one data key."""
    return AESGCM(expand(dek, b"casework/field/v1|" + label, 32))


def aad_prefix(label: bytes) -> bytes:
    """Return the associated data of `label` up to and including the length of the record id."""
    return lp(b"casework/seal/v1", label, bytes(16), bytes(16))[: -16 - 4 - 16]


def aad(prefix: bytes, record: bytes, subject: bytes, header: bytes) -> bytes:
    """Return the whole associated data; `prefix` comes from `aad_prefix`."""
    return prefix + record + ID_LENGTH + subject + header


def pad(text: bytes | None) -> bytes:
    """Return the padded plaintext of `text`, or the empty marker for None."""
    if text is None:
        return EMPTY.to_bytes(4, "big") + bytes(BUCKETS[0] - 4)
    size = len(text) + 4
    if size >= EMPTY:
        raise ValueError("too long to be sealed")
    return len(text).to_bytes(4, "big") + text + bytes(bucket(size) - size)


def bucket(size: int) -> int:
    """Return the smallest bucket of at least `size` bytes."""
    for room in BUCKETS:
        if size <= room:
            return room
    last = BUCKETS[-1]
    return -(-size // last) * last


def strip(plain: bytes) -> bytes | None:
    """Return the bytes of a padded plaintext, None for the empty marker. Raises IntegrityFault."""
    length = int.from_bytes(plain[:4], "big")
    if length == EMPTY:
        return None
    if length > len(plain) - 4:
        raise IntegrityFault(FAULT)
    return plain[4 : 4 + length]


def text_of(stripped: bytes | None) -> str | None:
    """Return the text of opened bytes. Raises IntegrityFault."""
    try:
        return None if stripped is None else stripped.decode()
    except UnicodeDecodeError:
        raise IntegrityFault(FAULT) from None


def unpad(plain: bytes) -> str | None:
    """Return the text of a padded plaintext, None for the empty marker. Raises IntegrityFault."""
    return text_of(strip(plain))


def check_header(blob: bytes) -> None:
    """Raise IntegrityFault unless `blob` starts like a value of a known format and has room for one."""
    if blob[:4] not in READERS or len(blob) < SHORTEST:
        raise IntegrityFault(FAULT)


def seal(
    cipher: AESGCM, kid: bytes, prefix: bytes, record: bytes, subject: bytes, text: bytes | None,
    *, nonce: bytes | None = None,
) -> bytes:  # fmt: skip
    """Return the stored bytes of `text`. `nonce` is given by known-answer tests only."""
    header = PREFIX + kid + (nonce or os.urandom(12))
    return header + cipher.encrypt(header[20:], pad(text), aad(prefix, record, subject, header))


def open_value(cipher: AESGCM, prefix: bytes, record: bytes, subject: bytes, blob: bytes) -> bytes | None:
    """Return the bytes of a value of suite 1 whose key id was already matched. Raises IntegrityFault."""
    try:
        plain = cipher.decrypt(blob[20:32], blob[32:], aad(prefix, record, subject, blob[:32]))
    except InvalidTag:
        raise IntegrityFault(FAULT) from None
    return strip(plain)


def unseal(cipher: AESGCM, prefix: bytes, record: bytes, subject: bytes, blob: bytes) -> str | None:
    """Return the text of stored bytes of suite 1 whose key id was already matched. Raises IntegrityFault."""
    return text_of(open_value(cipher, prefix, record, subject, blob))


def renew(before: AESGCM, after: AESGCM, kid: bytes, bound: bytes, blob: bytes, nonce: bytes) -> bytes:
    """Return a value of suite 1 sealed again under `kid` and `nonce`, its padded plaintext never looked into.

    `bound` is the associated data up to the header. Raises IntegrityFault.
    """
    try:
        plain = before.decrypt(blob[20:32], blob[32:], bound + blob[:32])
    except InvalidTag:
        raise IntegrityFault(FAULT) from None
    header = PREFIX + kid + nonce
    return header + after.encrypt(nonce, plain, bound + header)


# Files

CHUNK: Final = 64 * 1024
FILE_SUITE: Final = 0x81
FILE_PREFIX: Final = MAGIC + bytes((VERSION, FILE_SUITE))
_TAG: Final = 16
MOST_CHUNKS: Final = 2**32 - 1


def _chunk_nonce(header: bytes, index: int, *, last: bool) -> bytes:
    return header[20:27] + index.to_bytes(4, "big") + bytes((last,))


def seal_file(
    cipher: AESGCM, kid: bytes, prefix: bytes, record: bytes, subject: bytes, content: bytes | None,
    *, nonce: bytes | None = None,
) -> bytes:  # fmt: skip
    """Return the stored bytes of a file, in chunks. `nonce` (7 bytes) is given by known-answer tests only."""
    header = FILE_PREFIX + kid + (nonce or os.urandom(7)) + bytes(5)
    bound, plain = aad(prefix, record, subject, header), pad(content)
    starts = range(0, len(plain), CHUNK)
    parts = [header]
    for index, start in enumerate(starts):
        nonce_of = _chunk_nonce(header, index, last=index == len(starts) - 1)
        parts.append(cipher.encrypt(nonce_of, plain[start : start + CHUNK], bound))
    return b"".join(parts)


def open_file(cipher: AESGCM, prefix: bytes, record: bytes, subject: bytes, blob: bytes) -> bytes | None:
    """Return the bytes of a file whose key id was already matched. Raises IntegrityFault.

    A chunk left out, added, moved, or taken from another file has another nonce or other associated data.
    """
    header = blob[:HEADER]
    bound = aad(prefix, record, subject, header)
    starts = range(HEADER, len(blob), CHUNK + _TAG)
    parts: list[bytes] = []
    try:
        for index, start in enumerate(starts):
            nonce_of = _chunk_nonce(header, index, last=index == len(starts) - 1)
            parts.append(cipher.decrypt(nonce_of, blob[start : start + CHUNK + _TAG], bound))
    except InvalidTag:
        raise IntegrityFault(FAULT) from None
    return strip(b"".join(parts))


# How each known format is opened, by its first four bytes. A format is never taken away while a value has it.
READERS: Final[dict[bytes, Callable[[AESGCM, bytes, bytes, bytes, bytes], bytes | None]]] = {
    PREFIX: open_value,
    FILE_PREFIX: open_file,
}


def wrap_aad(owner: Iterable[bytes], kid: bytes, epoch: int) -> bytes:
    """Return the associated data of a wrapped key; `owner` is its kind then whose it is."""
    return lp(*owner, kid, epoch.to_bytes(4, "big"))
