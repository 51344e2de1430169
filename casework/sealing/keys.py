"""Making, finding and destroying keys. Everything here writes in the keystore only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import IntegrityError, connections, transaction

from casework.errors import IntegrityFault, KeystoreUnavailable, Shredded
from casework.sealing import format as fmt
from casework.sealing import keyring
from casework.sealing.keyring import DRAWERS, NO_KEYSTORE
from casework.sealing.models import KekEpoch, KeyState, KeystoreState, SubjectKey, SystemKey
from casework.sealing.providers import provider
from casework.sealing.routers import KEYSTORE

IN_CLAUSE: Final = 10_000  # SQLite takes at most 32 766 parameters
NOT_READY: Final = "the keystore has no epoch: run keys_init"
ERASED: Final = "this subject was erased; its id is never used again"


def initialise() -> bool:
    """Make the first epoch if there is none; say whether one was made. Idempotent."""
    if KekEpoch.objects.exists():
        return False
    try:
        with transaction.atomic(using=KEYSTORE, durable=True):
            _first_epoch()
    except IntegrityError:
        return False  # another process was faster
    return True


def _first_epoch() -> KekEpoch:
    """Write the first epoch and a new generation; inside the caller's keystore transaction."""
    number = provider().current_epoch() or provider().new_epoch()
    search_key = provider().wrap(number, os.urandom(32), keyring.epoch_aad(number))
    generation = secrets.randbits(62)
    KeystoreState.objects.update_or_create(pk=1, defaults={"generation": generation})
    epoch = KekEpoch.objects.create(number=number, search_key=search_key)
    keyring.cache.flush(generation)
    return epoch


# A key must not be made under an epoch that a rotation is leaving: it waits for the rotation to begin, and back.
_SHARE: Final = "SELECT * FROM sealing_kekepoch WHERE state = 'live' FOR SHARE"


def _current_epoch() -> KekEpoch | None:
    """Return the live epoch, held until the caller's transaction ends (SQLite: its lock holds everything)."""
    if connections[KEYSTORE].vendor != "postgresql":
        return KekEpoch.objects.filter(state=KeyState.LIVE).first()
    # The row that we waited for may have left the state meanwhile: then the second look sees its successor.
    return next(iter(KekEpoch.objects.raw(_SHARE)), None) or next(iter(KekEpoch.objects.raw(_SHARE)), None)


def _live_epoch() -> KekEpoch:
    """Return the epoch that new keys take; test and demo make the first one by themselves."""
    epoch = _current_epoch()
    if epoch is None:
        if settings.IS_PRODUCTION:
            raise KeystoreUnavailable(NOT_READY)
        epoch = _first_epoch()
    return epoch


def ensure(*subject_ids: UUID, drawers: Iterable[str] = ("identity", "content")) -> None:
    """Give each subject a key in each drawer, in a durable keystore transaction.

    Called before the main transaction of a write begins. Idempotent. Raises Shredded for an erased
    subject, KeystoreUnavailable.
    """
    wanted = tuple(dict.fromkeys(drawers))
    if unknown := set(wanted) - set(DRAWERS):
        raise ValueError(f"unknown drawers {sorted(unknown)}")
    subjects = list(dict.fromkeys(subject_ids))
    try:
        missing = _missing(subjects, wanted)
        if missing:
            try:
                _make(missing)
            except IntegrityError:
                # Another process made some of them at the same instant.
                _make(_missing(subjects, wanted))
    except DatabaseFault:
        raise KeystoreUnavailable(NO_KEYSTORE) from None


def _missing(subjects: list[UUID], drawers: tuple[str, ...]) -> list[tuple[UUID, str]]:
    found: set[tuple[UUID, str]] = set()
    for start in range(0, len(subjects), IN_CLAUSE):
        rows = SubjectKey.objects.filter(subject_id__in=subjects[start : start + IN_CLAUSE])
        for subject, drawer, state in rows.values_list("subject_id", "drawer", "state"):
            if state == KeyState.SHREDDED:
                raise Shredded(ERASED)
            found.add((subject, drawer))
    return [(s, d) for s in subjects for d in drawers if (s, d) not in found]


def _make(missing: list[tuple[UUID, str]]) -> None:
    with transaction.atomic(using=KEYSTORE, durable=True):
        keyring.revalidate()
        rows = make(missing)
    keyring.cache.put(
        keyring.Chain(row.subject_id, row.drawer, [(row.pk, bytes(row.kid), row.kek_epoch_id, bytes(row.wrapped))])
        for row in rows
    )


def make(missing: list[tuple[UUID, str]]) -> list[SubjectKey]:
    """Write a new key for each (subject, drawer), inside the caller's keystore transaction."""
    epoch = _live_epoch().number
    rows: list[SubjectKey] = []
    for subject, drawer in missing:
        dek = os.urandom(32)
        kid = fmt.key_id(dek)
        wrapped = keyring.wrap(subject, drawer, dek, kid, epoch)
        rows.append(SubjectKey(subject_id=subject, drawer=drawer, kid=kid, kek_epoch_id=epoch, wrapped=wrapped))
    return SubjectKey.objects.bulk_create(rows, batch_size=500)


def erase(subject_id: UUID) -> int:
    """Destroy every key of the subject; return how many. Its sealed values never open again here.

    Dumps keep their wrapped copies until the epoch is destroyed (`rotation.rotate(destroy=True)`).
    """
    with transaction.atomic(using=KEYSTORE, durable=True):
        count = (
            SubjectKey.objects.filter(subject_id=subject_id)
            .exclude(state=KeyState.SHREDDED)
            .update(state=KeyState.SHREDDED, wrapped=b"")
        )
        new_generation()
    return count


def new_generation() -> None:
    """Tell every process to forget its keys; inside the caller's keystore transaction."""
    generation = secrets.randbits(62)
    KeystoreState.objects.update_or_create(pk=1, defaults={"generation": generation})
    keyring.cache.flush(generation)


def forget() -> None:
    """Empty the caches of this process (tests, and after a restore)."""
    keyring.cache.flush(None)


def system_key(purpose: str) -> bytes:
    """Return the 32-byte key of the installation for `purpose`, made on first use.

    Raises KeystoreUnavailable, IntegrityFault.
    """
    found = keyring.cache.system.get(purpose)
    if found is None:
        try:
            found = _read_settled(purpose) or _make_system_key(purpose)
        except IntegrityError:
            found = _read_settled(purpose)
        except DatabaseFault:
            raise KeystoreUnavailable(NO_KEYSTORE) from None
        if found is None:
            raise KeystoreUnavailable(NO_KEYSTORE)
        keyring.cache.system[purpose] = found
    return found


def system_aad(purpose: str, kid: bytes, epoch: int) -> bytes:
    """Return what a wrapped system key is bound to."""
    return fmt.wrap_aad((b"casework/system/v1", purpose.encode()), kid, epoch)


def _read_settled(purpose: str) -> bytes | None:
    """Read a system key, twice if the epoch of what was read was destroyed in between."""
    try:
        return _read_system_key(purpose)
    except Shredded:
        return _read_system_key(purpose)


def _read_system_key(purpose: str) -> bytes | None:
    row = SystemKey.objects.filter(purpose=purpose, state=KeyState.LIVE).first()
    if row is None:
        return None
    kid = bytes(row.kid)
    epoch: int = row.kek_epoch_id
    try:
        key = provider().unwrap(epoch, bytes(row.wrapped), system_aad(purpose, kid, epoch))
    except IntegrityFault:
        keyring.search_cipher(epoch)  # says so if it is the KEK that is wrong
        raise
    if fmt.key_id(key) != kid:
        raise IntegrityFault(fmt.FAULT)
    return key


def _make_system_key(purpose: str) -> bytes:
    with transaction.atomic(using=KEYSTORE, durable=True):
        epoch = _live_epoch().number
        key = os.urandom(32)
        kid = fmt.key_id(key)
        wrapped = provider().wrap(epoch, key, system_aad(purpose, kid, epoch))
        SystemKey.objects.create(purpose=purpose, kid=kid, kek_epoch_id=epoch, wrapped=wrapped)
    return key
