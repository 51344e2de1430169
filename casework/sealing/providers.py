"""Who holds the key-encryption keys (KEK). The provider only ever sees 32-byte keys.

env    derives everything from a seed in the settings: development and tests
file   one file per epoch in a private directory: the demo and small installations
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from casework.errors import IntegrityFault, KeystoreUnavailable, Shredded
from casework.sealing.format import FAULT, expand

UNAVAILABLE: Final = "the key provider cannot be reached"
DESTROYED: Final = "this key was destroyed"


class KekProvider(Protocol):
    """What every provider does; tests/sealing/conformance.py is what each is held to."""

    def current_epoch(self) -> int:
        """Return the number of the newest living epoch, 0 if there is none."""

    def new_epoch(self) -> int:
        """Make a new epoch and return its number."""

    def destroy_epoch(self, number: int) -> None:
        """Destroy an epoch for ever; `unwrap` then raises Shredded. Idempotent."""

    def wrap(self, epoch: int, dek: bytes, aad: bytes) -> bytes:
        """Return `dek` encrypted under the epoch. Raises KeystoreUnavailable, Shredded."""

    def unwrap(self, epoch: int, blob: bytes, aad: bytes) -> bytes:
        """Return the key. Raises IntegrityFault, Shredded, KeystoreUnavailable."""

    def wrap_many(self, epoch: int, items: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Do `wrap` for (dek, aad) pairs, in one call where the provider is far away."""

    def unwrap_many(self, epoch: int, items: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        """Do `unwrap` for (blob, aad) pairs; None where `unwrap` would raise IntegrityFault."""

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of a checkpoint."""

    def public_key(self) -> bytes:
        """Return the 32 bytes that verify `sign`."""

    def self_test(self) -> None:
        """Round trip, permissions. Raises KeystoreUnavailable with the reason."""


def unwrap_all(cipher: AESGCM, items: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
    """Return the keys wrapped in (blob, aad) pairs; None where a blob does not open."""
    decrypt, keys = cipher.decrypt, list[bytes | None]()
    for blob, aad in items:
        try:
            keys.append(decrypt(blob[:12], blob[12:], aad))
        except (InvalidTag, ValueError):
            keys.append(None)
    return keys


class LocalProvider:
    """What providers with the KEK in this process share: AES-256-GCM under `_kek(epoch)`."""

    def _kek(self, epoch: int) -> bytes:
        raise NotImplementedError

    def _signing_seed(self) -> bytes:
        raise NotImplementedError

    def current_epoch(self) -> int:
        """Return the number of the newest living epoch, 0 if there is none."""
        raise NotImplementedError

    def wrap(self, epoch: int, dek: bytes, aad: bytes) -> bytes:
        """Return nonce, ciphertext and tag of `dek` under the epoch."""
        nonce = os.urandom(12)
        return nonce + AESGCM(self._kek(epoch)).encrypt(nonce, dek, aad)

    def unwrap(self, epoch: int, blob: bytes, aad: bytes) -> bytes:
        """Return the key wrapped in `blob`."""
        kek = self._kek(epoch)
        if len(blob) < 12 + 16:
            raise IntegrityFault(FAULT)
        try:
            return AESGCM(kek).decrypt(blob[:12], blob[12:], aad)
        except InvalidTag:
            raise IntegrityFault(FAULT) from None

    def wrap_many(self, epoch: int, items: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Do `wrap` for (dek, aad) pairs under one look at the KEK."""
        encrypt = AESGCM(self._kek(epoch)).encrypt
        nonces = os.urandom(12 * len(items))
        return [
            (nonce := nonces[at : at + 12]) + encrypt(nonce, dek, aad)
            for at, (dek, aad) in zip(range(0, len(nonces), 12), items, strict=True)
        ]

    def unwrap_many(self, epoch: int, items: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        """Do `unwrap` for (blob, aad) pairs under one look at the KEK."""
        return unwrap_all(AESGCM(self._kek(epoch)), items)

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of `message`."""
        return Ed25519PrivateKey.from_private_bytes(self._signing_seed()).sign(message)

    def public_key(self) -> bytes:
        """Return the 32 bytes that verify `sign`."""
        return Ed25519PrivateKey.from_private_bytes(self._signing_seed()).public_key().public_bytes_raw()

    def self_test(self) -> None:
        """Wrap and unwrap a throw-away key under the newest epoch."""
        epoch = self.current_epoch()
        if not epoch:
            raise KeystoreUnavailable("no epoch yet: run keys_init")
        probe = os.urandom(32)
        if self.unwrap(epoch, self.wrap(epoch, probe, b"self-test"), b"self-test") != probe:
            raise KeystoreUnavailable(UNAVAILABLE)


class EnvProvider(LocalProvider):
    """Derives each epoch from a seed. For development and tests: a destroyed epoch is only
    remembered by this process."""

    def __init__(self, seed: str) -> None:
        if not seed:
            raise KeystoreUnavailable("KEK_ENV_SEED is empty")
        self._root = hashlib.sha256(seed.encode()).digest()
        self._newest = 1
        self._destroyed: set[int] = set()

    def _kek(self, epoch: int) -> bytes:
        if epoch in self._destroyed:
            raise Shredded(DESTROYED)
        if epoch < 1:
            raise KeystoreUnavailable(UNAVAILABLE)
        return expand(self._root, b"casework/env-kek/v1|" + str(epoch).encode(), 32)

    def _signing_seed(self) -> bytes:
        return expand(self._root, b"casework/env-sign/v1", 32)

    def current_epoch(self) -> int:
        """Return the newest epoch that this process did not destroy."""
        return max((n for n in range(1, self._newest + 1) if n not in self._destroyed), default=0)

    def new_epoch(self) -> int:
        """Return the next number."""
        self._newest += 1
        return self._newest

    def destroy_epoch(self, number: int) -> None:
        """Refuse this epoch from now on."""
        self._destroyed.add(number)


class FileProvider(LocalProvider):
    """One file of 32 bytes per epoch, 0400, in a directory 0700 that belongs to us.

    A destroyed epoch leaves `epoch-N.destroyed`, so that a lost file and a destroyed one differ.
    """

    def __init__(self, directory: Path, *, forbidden: tuple[Path, ...] = ()) -> None:
        self._dir = directory.absolute()
        home = directory.resolve()
        for tree in forbidden:
            if home == tree.resolve() or tree.resolve() in home.parents:
                raise KeystoreUnavailable("KEK_DIR lies inside the code, media or static tree")

    def _path(self, number: int, suffix: str = "key") -> Path:
        return self._dir / f"epoch-{number:04d}.{suffix}"

    def _numbers(self) -> list[int]:
        return sorted(int(p.stem.removeprefix("epoch-")) for p in self._dir.glob("epoch-*.key"))

    def _check(self, path: Path, mode: int) -> None:
        found = path.lstat()
        kind = stat.S_ISDIR if mode & 0o100 else stat.S_ISREG
        if not kind(found.st_mode):
            raise KeystoreUnavailable("a key file is not a plain file")
        if stat.S_IMODE(found.st_mode) & ~mode:
            raise KeystoreUnavailable(f"permissions of the keys are too wide: {mode:04o} at most")
        if found.st_uid != os.geteuid():
            raise KeystoreUnavailable("the keys belong to another account")

    def _read(self, path: Path) -> bytes:
        try:
            self._check(self._dir, 0o700)
            self._check(path, 0o400)
            found = path.read_bytes()
        except OSError:
            raise KeystoreUnavailable(UNAVAILABLE) from None
        if len(found) != 32:
            raise KeystoreUnavailable("a key file does not hold 32 bytes")
        return found

    def _write(self, path: Path, content: bytes) -> None:
        """Create `path` with `content`, on disk before this returns; never overwrites."""
        try:
            self._dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._check(self._dir, 0o700)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o400)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self._sync()
        except FileExistsError:
            raise
        except OSError:
            raise KeystoreUnavailable(UNAVAILABLE) from None

    def _sync(self) -> None:
        handle = os.open(self._dir, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _kek(self, epoch: int) -> bytes:
        path = self._path(epoch)
        if not path.exists() and self._path(epoch, "destroyed").exists():
            raise Shredded(DESTROYED)
        return self._read(path)

    def _signing_seed(self) -> bytes:
        path = self._dir / "signing.key"
        if not path.exists():
            with suppress(FileExistsError):  # another process made it at the same instant
                self._write(path, os.urandom(32))
        return self._read(path)

    def current_epoch(self) -> int:
        """Return the highest epoch with a key file, 0 if there is none."""
        return max(self._numbers(), default=0)

    def new_epoch(self) -> int:
        """Write a new random key under the next number, never one that was destroyed."""
        used = [int(p.stem.removeprefix("epoch-")) for p in self._dir.glob("epoch-*.*")]
        number = max(used, default=0) + 1
        while True:
            try:
                self._write(self._path(number), os.urandom(32))
            except FileExistsError:
                number += 1
            else:
                return number

    def destroy_epoch(self, number: int) -> None:
        """Leave a mark, overwrite the file, remove it."""
        path = self._path(number)
        with suppress(FileExistsError):  # resumed after a kill
            self._write(self._path(number, "destroyed"), b"")
        try:
            if path.exists():
                path.chmod(0o600)
                with path.open("r+b") as file:
                    file.write(os.urandom(32))
                    file.flush()
                    os.fsync(file.fileno())
                path.unlink()
                self._sync()
        except OSError:
            raise KeystoreUnavailable(UNAVAILABLE) from None

    def self_test(self) -> None:
        """Check every key file, then make a round trip."""
        for number in self._numbers():
            self._read(self._path(number))
        super().self_test()


def _env() -> KekProvider:
    return EnvProvider(settings.KEK_ENV_SEED)


def _file() -> KekProvider:
    base = Path(settings.BASE_DIR)
    forbidden = (base, Path(settings.STATIC_ROOT)) if settings.IS_PRODUCTION else ()
    return FileProvider(Path(settings.KEK_DIR), forbidden=forbidden)


# An HSM or a vault adds itself here (design.md §11, Later).
PROVIDERS: dict[str, Callable[[], KekProvider]] = {"env": _env, "file": _file}
_made: dict[tuple[object, ...], KekProvider] = {}


def provider() -> KekProvider:
    """Return the provider named by the settings. Raises KeystoreUnavailable."""
    name = settings.KEK_PROVIDER
    named = (name, settings.KEK_ENV_SEED, str(settings.KEK_DIR), settings.IS_PRODUCTION)
    if named not in _made:
        if name not in PROVIDERS:
            raise KeystoreUnavailable(f"unknown KEK_PROVIDER {name!r}")
        if name == "env" and settings.IS_PRODUCTION:
            raise KeystoreUnavailable("the env provider is for development and tests")
        _made[named] = PROVIDERS[name]()
    return _made[named]


def is_ours(message: bytes, signature: bytes) -> bool:
    """Say whether `signature` is what our provider signs for `message`."""
    try:
        Ed25519PublicKey.from_public_bytes(provider().public_key()).verify(signature, message)
    except InvalidSignature:
        return False
    return True
