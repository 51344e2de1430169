"""Seal stored values anew: under a subject's newest key, in the present format, or one label afresh.

Page by page, past the ORM, each page in one transaction: online, in little memory, taken up after a kill because
what is already right is left as it is. Who tells the journal is the caller: it is a floor above.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model, UUIDField

from casework.errors import IntegrityFault, Shredded
from casework.sealing import format as fmt
from casework.sealing import keyring, keys
from casework.sealing.fields import SealedField
from casework.sealing.keyring import Chain
from casework.sealing.models import KeyState, SubjectKey
from casework.sealing.routers import KEYSTORE

BATCH: Final = 1000
_IDS: Final = slice(4, 20)
_ASIDE: Final = "casework_reseal"
_COPY_HEAD: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_NULL: Final = b"\xff\xff\xff\xff"

# Opens the transaction of one page; what it yields is told the model and the keys of the rows that changed.
Tell = Callable[[type[Model], Sequence[Any]], None]
Page = Callable[[], AbstractContextManager[Tell]]


@dataclass(frozen=True)
class Table:
    """A table with sealed columns."""

    model: type[Model]
    fields: tuple[SealedField, ...]
    batch: int

    @property
    def name(self) -> str:
        """The name of the table, quoted."""
        return connection.ops.quote_name(self.model._meta.db_table)

    @property
    def is_live(self) -> bool:
        """Whether its key is the id of a record; a history counts its rows."""
        return self.model._meta.pk.attname == "id" and isinstance(self.model._meta.pk, UUIDField)

    @property
    def key(self) -> str:
        """The column of the primary key, quoted."""
        return connection.ops.quote_name(self.model._meta.pk.attname)

    @property
    def columns(self) -> list[str]:
        """The sealed columns, quoted."""
        return [connection.ops.quote_name(field.attname) for field in self.fields]


@dataclass(frozen=True)
class Wanted:
    """Which values: of one subject, of one label. `afresh`: also those that are already right."""

    subject: UUID | None = None
    label: str = ""
    afresh: bool = False


@dataclass
class Done:
    """What a run did."""

    values: int = 0
    rows: int = 0
    unreadable: int = 0


@contextmanager
def alone() -> Iterator[Tell]:
    """Be the transaction of a page that tells nobody: benches, and tests of this floor."""
    with transaction.atomic():
        yield lambda model, ids: None


def tables(models: Iterable[type[Model]] | None = None, *, label: str = "", batch: int = BATCH) -> list[Table]:
    """Return the tables with sealed columns, live and history, those of one label if it is given."""
    found = []
    for model in apps.get_models(include_auto_created=True) if models is None else models:
        fields = tuple(
            field
            for field in model._meta.local_concrete_fields
            if isinstance(field, SealedField) and label in ("", field.label)
        )
        if fields:
            found.append(Table(model, fields, 4 if any(field.kind == "bytes" for field in fields) else batch))
    return found


# The key of a subject


def begin(subject: UUID) -> int:
    """Give a subject a new key in each of its drawers, for what is written from now on; return how many.

    A drawer already on its way has one: nothing is made twice. Raises Shredded if it has no key at all.
    """
    with transaction.atomic(using=KEYSTORE, durable=True):
        rows = list(SubjectKey.objects.select_for_update().filter(subject_id=subject).exclude(state=KeyState.SHREDDED))
        if not rows:
            raise Shredded(keyring.NO_KEY)
        going = {row.drawer for row in rows if row.state == KeyState.ROTATING}
        fresh = [row for row in rows if row.drawer not in going]
        SubjectKey.objects.filter(pk__in=[row.pk for row in fresh]).update(state=KeyState.ROTATING)
        keys.make([(subject, row.drawer) for row in fresh])
        keys.new_generation()
    return len(fresh)


def finish(subject: UUID, models: Iterable[type[Model]] | None = None) -> bool:
    """Drop the subject's former keys once no value carries them; say whether none is left.

    Values still under a former key (a row that somebody held open meanwhile) keep it: seal again, then finish.
    """
    old = list(SubjectKey.objects.filter(subject_id=subject, state=KeyState.ROTATING).values_list("kid", flat=True))
    if not old:
        return True
    if carries(subject, [bytes(kid) for kid in old], models):
        return False
    with transaction.atomic(using=KEYSTORE, durable=True):
        SubjectKey.objects.filter(subject_id=subject, state=KeyState.ROTATING, kid__in=old).delete()
        keys.new_generation()
    return True


def carries(subject: UUID, kids: Sequence[bytes], models: Iterable[type[Model]] | None = None) -> bool:
    """Say whether a stored value of the subject, live or history, is sealed under one of these keys."""
    marks = ", ".join(["%s"] * len(kids))
    for table in tables(models):
        any_of = " OR ".join(f"substr({column}, 5, 16) IN ({marks})" for column in table.columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT 1 FROM {table.name} WHERE subject_id = %s AND ({any_of}) LIMIT 1",  # noqa: S608 names of our models, values apart  # nosec B608
                [_stored_uuid(subject), *(list(kids) * len(table.columns))],
            )
            if cursor.fetchone():
                return True
    return False


# Sealing anew


def run(wanted: Wanted, page: Page = alone, models: Iterable[type[Model]] | None = None, batch: int = BATCH) -> Done:
    """Seal anew all that `wanted` says; return what was done. Values that do not open are counted and left."""
    done = Done()
    for table in tables(models, label=wanted.label, batch=batch):
        after: Any = None
        while True:
            with page() as tell:
                rows = _page(table, wanted.subject, after)
                changed = _anew(table, rows, wanted, done)
                _write(table, changed)
                if changed:
                    tell(table.model, [_python_key(table, row[-1]) for row in changed])
            done.rows += len(changed)
            if not rows:
                break
            after = rows[-1][0]
    return done


def _page(table: Table, subject: UUID | None, after: Any) -> list[Any]:
    """Return the next rows (key, id, subject, sealed columns...), locked."""
    where, values = [], []
    if after is not None:
        where.append(f"{table.key} > %s")
        values.append(after)
    if subject is not None:
        where.append("subject_id = %s")
        values.append(_stored_uuid(subject))
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    columns = ", ".join((table.key, "id", "subject_id", *table.columns))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM {table.name}{condition} ORDER BY {table.key} LIMIT {table.batch:d}{lock}",  # noqa: S608 names of our models, values apart  # nosec B608
            values,
        )
        found: list[Any] = cursor.fetchall()
    return found


def _anew(table: Table, rows: Sequence[Any], wanted: Wanted, done: Done) -> list[tuple[Any, ...]]:
    """Return (sealed columns..., key) of the rows with a value sealed anew."""
    if not rows:
        return []
    subjects = {row[2]: _uuid(row[2]) for row in rows}
    ring = _Page(table, subjects, opened=wanted.afresh or wanted.subject is not None)
    nonces = os.urandom(12 * len(rows) * len(table.fields))
    changed: list[tuple[Any, ...]] = []
    at, afresh, unreadable, values = 0, wanted.afresh, done.unreadable, done.values
    columns = [(n, f, f.aad_prefix, f.prefix == fmt.PREFIX, ring.ciphers[n]) for n, f in enumerate(table.fields)]
    for row in rows:
        blobs = [blob if blob is None or type(blob) is bytes else bytes(blob) for blob in row[3:]]
        subject, record = subjects[row[2]], _uuid(row[1])
        bound = record.bytes + fmt.ID_LENGTH + subject.bytes
        touched = False
        for (place, field, prefix, short, ciphers), chain in zip(columns, ring.chains[row[2]], strict=True):
            blob = blobs[place]
            if not blob:
                continue
            if chain is None:
                unreadable += 1
                continue
            kid, newest = blob[_IDS], chain.rows[0][1]
            if not afresh and kid == newest and blob[:4] == field.prefix:
                continue
            try:
                before = ciphers.get(kid) or ring.cipher(place, chain, kid)
                after = before if kid == newest else ciphers.get(newest) or ring.cipher(place, chain, newest)
                if short and blob[:4] == fmt.PREFIX:
                    at += 12
                    blobs[place] = fmt.renew(before, after, newest, prefix + bound, blob, nonces[at - 12 : at])
                else:
                    fmt.check_header(blob)
                    plain = field.unseal(before, record, subject, blob)
                    blobs[place] = field.seal(after, newest, record, subject, plain)
            except (IntegrityFault, Shredded):
                unreadable += 1
                continue
            touched = True
            values += 1
        if touched:
            changed.append((*blobs, row[0]))
    done.unreadable, done.values = unreadable, values
    return changed


class _Page:
    """The keys of a page, one query for all, and the ciphers made from them, each once."""

    def __init__(self, table: Table, subjects: dict[Any, UUID], *, opened: bool) -> None:
        """Take the subjects by their id as stored; with `opened`, unwrap all their keys in one go."""
        drawers = tuple(dict.fromkeys(field.drawer for field in table.fields))
        fetched = keyring.fetch_settled(subjects.values(), drawers)[0]
        if opened:
            keyring.open_all(fetched)
        held = {(chain.subject, chain.drawer): chain for chain in fetched}
        self._labels = [field.label_bytes for field in table.fields]
        self.ciphers: list[dict[bytes, AESGCM]] = [{} for _ in table.fields]
        self.chains: dict[Any, list[Chain | None]] = {}
        for stored, subject in subjects.items():
            by_drawer = {drawer: held.get((subject, drawer)) for drawer in drawers}
            self.chains[stored] = [by_drawer[field.drawer] for field in table.fields]

    def cipher(self, place: int, chain: Chain, kid: bytes) -> AESGCM:
        """Make and keep the cipher of the column at `place` under this key. Raises SealingError."""
        made = self.ciphers[place][kid] = fmt.field_cipher(chain.dek(kid), self._labels[place])
        return made


def _write(table: Table, rows: list[tuple[Any, ...]]) -> None:
    """Put the new bytes in place. Whoever tells the journal of the page tells these rows, not the statement."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            names = [f"c{n}" for n in range(len(table.fields))]
            types = ", ".join([*(f"{name} bytea" for name in names), f"k {'uuid' if table.is_live else 'bigint'}"])
            put = ", ".join(f"{column} = v.{name}" for column, name in zip(table.columns, names, strict=True))
            cursor.execute(f"CREATE TEMPORARY TABLE {_ASIDE} ({types}) ON COMMIT DROP")
            with cursor.copy(f"COPY {_ASIDE} FROM STDIN (FORMAT BINARY)") as copy:
                copy.write(_copied(table, rows))
            cursor.execute(
                f"WITH v AS (SELECT * FROM {_ASIDE})"  # noqa: S608 names of our models, values apart  # nosec B608
                f" UPDATE {table.name} SET {put} FROM v WHERE {table.name}.{table.key} = v.k"
            )
            cursor.execute(f"DROP TABLE {_ASIDE}")
        else:
            put = ", ".join(f"{column} = %s" for column in table.columns)
            where = f"{table.name}.{table.key} = %s"
            cursor.executemany(f"UPDATE {table.name} SET {put} WHERE {where}", rows)  # noqa: S608 names of our models, values apart  # nosec B608


def _copied(table: Table, rows: list[tuple[Any, ...]]) -> bytes:
    """Return a page in the binary form of COPY: half the work, on both sides, of giving the values to a statement."""
    parts = [_COPY_HEAD]
    count = (len(table.fields) + 1).to_bytes(2, "big")
    for row in rows:
        parts.append(count)
        for blob in row[:-1]:
            parts += (_COPY_NULL,) if blob is None else (len(blob).to_bytes(4, "big"), blob)
        key = row[-1].bytes if table.is_live else row[-1].to_bytes(8, "big")
        parts += (len(key).to_bytes(4, "big"), key)
    parts.append(b"\xff\xff")
    return b"".join(parts)


def _stored_uuid(value: UUID) -> Any:
    return value if connection.features.has_native_uuid_field else value.hex


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(hex=value)


def _python_key(table: Table, value: Any) -> Any:
    return _uuid(value) if table.is_live else value
