"""A new key-encryption epoch: every data key is wrapped anew, then the old epoch can be destroyed.

Online and resumable. The new epoch is there before the first key moves, and the old one until none is left
under it: at any instant each key opens under the epoch that its row names. Killed anywhere, the next run goes on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connections, transaction

from casework.errors import IntegrityFault, KeystoreUnavailable, Shredded
from casework.sealing import keyring, keys, locks
from casework.sealing.keyring import IDENTITY
from casework.sealing.models import KekEpoch, KeyState, KeystoreState, SubjectKey, SystemKey
from casework.sealing.providers import provider, unwrap_all
from casework.sealing.routers import KEYSTORE

BATCH: Final = 5000
JOB: Final = "keys_rotate"
LEFT_BEHIND: Final = "some keys do not open any more: their epoch stays until they are looked at"

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Rotation:
    """What one run did."""

    epoch: int
    moved: int = 0
    damaged: int = 0
    destroyed: tuple[int, ...] = field(default=())


def rotate(
    *, beyond: int | None = None, destroy: bool = False, batch: int = BATCH, progress: Progress | None = None
) -> Rotation:
    """Wrap every key under an epoch above `beyond`; with `destroy`, destroy the epochs that are left empty.

    Without `beyond`: under a new epoch, or under the newest one if an earlier run was cut short. Idempotent for
    one `beyond`. Raises AlreadyRunning, KeystoreUnavailable; IntegrityFault if an epoch cannot be destroyed.
    """
    with locks.alone(JOB, using=KEYSTORE):
        epoch = _begin(beyond)
        moved, damaged = _move_all(epoch, batch, progress or (lambda _: None))
        destroyed = _destroy_old(epoch, batch) if destroy else ()
    return Rotation(epoch, moved, damaged, destroyed)


def _begin(beyond: int | None) -> int:
    """Return the epoch to move to, made if need be; the one before is then on its way out."""
    with transaction.atomic(using=KEYSTORE, durable=True):
        KeystoreState.objects.select_for_update().filter(pk=1).first()
        live = KekEpoch.objects.select_for_update().filter(state=KeyState.LIVE).first()
        if live is None:
            raise KeystoreUnavailable(keys.NOT_READY)
        if live.number > beyond if beyond is not None else _held_by_others(live.number):
            return live.number
        number = _next_number(max(KekEpoch.objects.values_list("number", flat=True)))
        search_key = provider().wrap(number, os.urandom(32), keyring.epoch_aad(number))
        KekEpoch.objects.filter(pk=live.pk).update(state=KeyState.ROTATING)
        KekEpoch.objects.create(number=number, search_key=search_key)
        keys.new_generation()
        return number


def _held_by_others(epoch: int) -> bool:
    """Say whether a living key lies under another epoch."""
    return any(model.objects.exclude(state=KeyState.SHREDDED).exclude(kek_epoch=epoch).exists()
               for model in (SubjectKey, SystemKey))  # fmt: skip


def _next_number(highest: int) -> int:
    """Return an epoch of the provider above every known one: that of a run killed before it was told, or a new one."""
    number = provider().current_epoch()
    while number <= highest:
        number = provider().new_epoch()
    return number


# Moving


def _move_all(epoch: int, batch: int, progress: Progress) -> tuple[int, int]:
    """Move the keys of subjects and of the system; return how many moved and how many do not open."""
    moved = damaged = 0
    for table, columns in _TABLES:
        done, bad = _move_table(table, columns, epoch, batch, progress)
        moved, damaged = moved + done, damaged + bad
    if moved:
        with transaction.atomic(using=KEYSTORE, durable=True):
            keys.new_generation()
    return moved, damaged


# The table, and the SQL that gives the owner and the drawer of a key.
_TABLES: Final = (("sealing_subjectkey", "subject_id, drawer"), ("sealing_systemkey", "purpose, ''"))


def _move_table(table: str, columns: str, epoch: int, batch: int, progress: Progress) -> tuple[int, int]:
    moved = damaged = after = 0
    while True:
        with transaction.atomic(using=KEYSTORE, durable=True):
            rows = _page(table, columns, epoch, after, batch)
            made = _rewrap(table, rows, epoch)
            _write(table, made, epoch)
        if not rows:
            return moved, damaged
        after = rows[-1][0]
        moved, damaged = moved + len(made), damaged + len(rows) - len(made)
        progress(len(made))


def _page(table: str, columns: str, epoch: int, after: int, batch: int) -> list[Any]:
    """Return the next living keys under other epochs, locked: erasure and rotation never cross on a row.

    A row is (number, key id, epoch, wrapped key, owner, drawer).
    """
    connection = connections[KEYSTORE]
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, kid, kek_epoch, wrapped, {columns} FROM {table}"  # noqa: S608 names of our models, values apart  # nosec B608
            f" WHERE id > %s AND state <> 'shredded' AND kek_epoch <> %s ORDER BY id LIMIT %s{lock}",
            [after, epoch, batch],
        )
        found: list[Any] = cursor.fetchall()
    return found


def _rewrap(table: str, rows: Sequence[Any], epoch: int) -> list[tuple[bytes, int]]:
    """Return (new wrapped key, number) of the rows that open."""
    made: list[tuple[bytes, int]] = []
    groups: dict[tuple[int, bool], list[Any]] = {}
    for row in rows:
        groups.setdefault((row[2], row[5] == IDENTITY), []).append(row)
    end = _epoch_end(epoch)
    for (old, searched), group in groups.items():
        opened = _open(table, group, old, searched=searched)
        wrapped = _wrap(epoch, [(dek, owner + end) for _, owner, dek in opened], searched=searched)
        made += [(blob, number) for blob, (number, _, _) in zip(wrapped, opened, strict=True)]
    return made


def _open(table: str, rows: Sequence[Any], epoch: int, *, searched: bool) -> list[tuple[int, bytes, bytes]]:
    """Return (number, associated data without the epoch, key) of the rows whose key opens.

    The id of a key is part of its associated data: a key that opens is the one that its row names.
    """
    owners, end = _owners(table, rows), _epoch_end(epoch)
    items = [(bytes(row[3]), owner + end) for row, owner in zip(rows, owners, strict=True)]
    opened = _unwrap(epoch, items, searched=searched)
    return [(row[0], owner, dek) for row, owner, dek in zip(rows, owners, opened, strict=True) if dek is not None]


def _owners(table: str, rows: Sequence[Any]) -> list[bytes]:
    """Return what each key is bound to, without the epoch: as `keyring.subject_aad` and `keys.system_aad` begin."""
    if table == "sealing_systemkey":
        return [keys.system_aad(purpose, bytes(kid), 0)[:-8] for _, kid, _, _, purpose, _ in rows]
    begin, words = keyring.WRAP_HEAD, keyring.WRAP_DRAWER
    if rows and isinstance(rows[0][4], UUID):
        return [begin + owner.bytes + words[drawer] + kid for _, kid, _, _, owner, drawer in rows]
    return [begin + bytes.fromhex(owner) + words[drawer] + kid for _, kid, _, _, owner, drawer in rows]


def _epoch_end(epoch: int) -> bytes:
    return (4).to_bytes(4, "big") + epoch.to_bytes(4, "big")


def _unwrap(epoch: int, items: list[tuple[bytes, bytes]], *, searched: bool) -> list[bytes | None]:
    """Return the keys; None where one does not open. The epoch itself destroyed: none of them does."""
    try:
        if searched:
            return unwrap_all(keyring.search_cipher(epoch), items)
        return provider().unwrap_many(epoch, items)
    except Shredded:
        return [None] * len(items)


def _wrap(epoch: int, items: list[tuple[bytes, bytes]], *, searched: bool) -> list[bytes]:
    if not items:
        return []
    if not searched:
        return provider().wrap_many(epoch, items)
    return _wrap_here(keyring.search_cipher(epoch), items)


def _wrap_here(cipher: AESGCM, items: list[tuple[bytes, bytes]]) -> list[bytes]:
    encrypt, nonces = cipher.encrypt, os.urandom(12 * len(items))
    return [
        (nonce := nonces[at : at + 12]) + encrypt(nonce, dek, aad)
        for at, (dek, aad) in zip(range(0, len(nonces), 12), items, strict=True)
    ]


def _write(table: str, made: list[tuple[bytes, int]], epoch: int) -> None:
    """Put the new bytes in place, past the ORM; a key destroyed meanwhile stays destroyed."""
    if not made:
        return
    connection = connections[KEYSTORE]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"UPDATE {table} k SET wrapped = v.wrapped, kek_epoch = %s"  # noqa: S608 names of our models, values apart  # nosec B608
                " FROM unnest(%s::bytea[], %s::bigint[]) AS v(wrapped, id) WHERE k.id = v.id AND k.state <> 'shredded'",
                [epoch, [blob for blob, _ in made], [number for _, number in made]],
            )
        else:
            cursor.executemany(
                f"UPDATE {table} SET wrapped = %s, kek_epoch = {epoch:d}"  # noqa: S608 names of our models, values apart  # nosec B608
                " WHERE id = %s AND state <> 'shredded'",
                made,
            )


# Destroying


def _destroy_old(epoch: int, batch: int) -> tuple[int, ...]:
    """Destroy every epoch before `epoch`, once each key was seen to open under it; return their numbers.

    The provider goes first: killed before the row is marked, the next run destroys once more, which does nothing.
    """
    old = list(KekEpoch.objects.filter(number__lt=epoch).exclude(state=KeyState.SHREDDED).order_by("number"))
    if not old:
        return ()
    if _held_by_others(epoch) or not all(_opens(epoch, batch)):
        raise IntegrityFault(LEFT_BEHIND)
    for row in old:
        provider().destroy_epoch(row.number)
        with transaction.atomic(using=KEYSTORE, durable=True):
            KekEpoch.objects.filter(pk=row.pk).update(state=KeyState.SHREDDED, search_key=b"")
            keys.new_generation()
    return tuple(row.number for row in old)


def _opens(epoch: int, batch: int) -> Iterator[bool]:
    """Yield, page by page, whether every living key opens under `epoch` as it is stored now."""
    for table, columns in _TABLES:
        after = 0
        while rows := _page(table, columns, 0, after, batch):
            found = 0
            for searched in (True, False):
                group = [row for row in rows if (row[5] == IDENTITY) is searched and row[2] == epoch]
                found += len(_open(table, group, epoch, searched=searched))
            yield found == len(rows)
            after = rows[-1][0]
