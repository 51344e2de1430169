"""A file that only its recipient opens: X25519, then AES-256-GCM in chunks that end with a mark.

The server knows the public half alone: it makes boxes and opens none, not even its own. The key pair is made where
the private half stays:

    openssl genpkey -algorithm X25519 -out private.pem
    openssl pkey -in private.pem -pubout -out public.pem

Box = header (magic, version, kind, fingerprint of the recipient, ephemeral public key), then chunks of 1 MiB. Each
nonce is the rank of its chunk and whether it is the last: none can be cut, moved, repeated or dropped.
"""

from __future__ import annotations

import hashlib
from enum import IntEnum
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casework.errors import SealingError

MAGIC: Final = b"CWBX"
VERSION: Final = 1
CHUNK: Final = 1 << 20
_TAG: Final = 16
_MARK: Final = 8
_HEADER: Final = len(MAGIC) + 2 + _MARK + 32
_INFO: Final = b"casework/box/v1"
Recipient = X25519PublicKey


class Kind(IntEnum):
    """What a box holds; read from the outside, and bound to every chunk."""

    DATA = 1
    KEYSTORE = 2


class BoxRefused(SealingError):
    """A box does not open; `code` says why and nothing else."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def recipient(path: Path) -> X25519PublicKey:
    """Return the public key of a PEM file. Raises BoxRefused: `no_recipient`, or `private_key` if it is the other half."""
    try:
        pem = path.read_bytes()
    except OSError:
        raise BoxRefused("no_recipient") from None
    if b"PRIVATE KEY" in pem:
        raise BoxRefused("private_key")
    try:
        found = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise BoxRefused("no_recipient") from None
    if not isinstance(found, X25519PublicKey):
        raise BoxRefused("no_recipient")
    return found


def opener(path: Path) -> X25519PrivateKey:
    """Return the private key of a PEM file, without a password. Raises BoxRefused `no_private_key`."""
    try:
        found = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        raise BoxRefused("no_private_key") from None
    if not isinstance(found, X25519PrivateKey):
        raise BoxRefused("no_private_key")
    return found


def fingerprint(public: X25519PublicKey) -> bytes:
    """Return eight bytes that name a public key."""
    return hashlib.sha256(public.public_bytes_raw()).digest()[:_MARK]


class BoxWriter:
    """Encrypts what is written to it into `target`; `close` writes the last chunk."""

    def __init__(self, target: BinaryIO, to: X25519PublicKey, kind: Kind) -> None:
        once = X25519PrivateKey.generate()
        self._target, self._rank, self._left = target, 0, bytearray()
        self._header = (
            MAGIC + bytes([VERSION, kind]) + fingerprint(to) + once.public_key().public_bytes_raw()
        )  # fmt: skip
        self._cipher = AESGCM(_key(once.exchange(to), self._header, to))
        target.write(self._header)

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._left += data
        while len(self._left) > CHUNK:
            self._chunk(bytes(self._left[:CHUNK]), last=False)
            del self._left[:CHUNK]

    def close(self) -> None:
        """Write what is left, with the mark of the end. The target stays open."""
        self._chunk(bytes(self._left), last=True)
        self._left.clear()

    def _chunk(self, data: bytes, *, last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._rank, last), data, self._header))
        self._rank += 1


def kind_of(source: BinaryIO) -> Kind:
    """Return what a box says that it holds, from its first bytes. Raises BoxRefused `not_a_box`."""
    header = source.read(_HEADER)
    source.seek(0)
    if header[:5] != MAGIC + bytes([VERSION]) or len(header) < len(MAGIC) + 2:
        raise BoxRefused("not_a_box")
    try:
        return Kind(header[5])
    except ValueError:
        raise BoxRefused("not_a_box") from None


def open_box(source: BinaryIO, target: BinaryIO, key: X25519PrivateKey, kind: Kind) -> None:
    """Decrypt a box into `target`, chunk by chunk.

    Raises BoxRefused: `not_a_box`, `swapped` (another kind), `wrong_key`, `truncated`, `damaged`. What was written to
    `target` before a refusal is good for nothing.
    """
    if kind_of(source) is not kind:
        raise BoxRefused("swapped")
    header = source.read(_HEADER)
    if len(header) < _HEADER:
        raise BoxRefused("truncated")
    public = key.public_key()
    mark, once = header[6 : 6 + _MARK], header[6 + _MARK :]
    if mark != fingerprint(public):
        raise BoxRefused("wrong_key")
    try:
        cipher = AESGCM(_key(key.exchange(X25519PublicKey.from_public_bytes(once)), header, public))
    except ValueError:
        raise BoxRefused("damaged") from None
    rank, chunk = 0, source.read(CHUNK + _TAG)
    while True:
        following = source.read(CHUNK + _TAG)
        target.write(_opened(cipher, header, rank, chunk, last=not following))
        if not following:
            return
        rank, chunk = rank + 1, following


def _opened(cipher: AESGCM, header: bytes, rank: int, chunk: bytes, *, last: bool) -> bytes:
    try:
        return cipher.decrypt(_nonce(rank, last), chunk, header)
    except (InvalidTag, ValueError):
        pass
    # A whole chunk that is not marked as the last one, or a piece of one: the end is missing.
    raise BoxRefused(
        "truncated" if last and (len(chunk) < _TAG or _is_whole(cipher, header, rank, chunk)) else "damaged"
    )


def _is_whole(cipher: AESGCM, header: bytes, rank: int, chunk: bytes) -> bool:
    try:
        cipher.decrypt(_nonce(rank, False), chunk, header)
    except InvalidTag:
        return False
    return True


def _nonce(rank: int, last: bool) -> bytes:
    return rank.to_bytes(11, "big") + bytes([last])


def _key(shared: bytes, header: bytes, to: X25519PublicKey) -> bytes:
    info = _INFO + header + to.public_bytes_raw()
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(shared)
