"""Seal stored values anew: under a subject's newest key, in the present format, or one label afresh.

Page by page, past the ORM, each page in one transaction: online, in little memory, taken up after a kill because
what is already right is left as it is. Who tells the journal is the caller: it is a floor above.
"""

from __future__ import annotations

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

BATCH: Final = 500
_IDS: Final = slice(4, 20)

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
    drawers = tuple(dict.fromkeys(field.drawer for field in table.fields))
    fetched = keyring.fetch_settled(subjects.values(), drawers)[0]
    chains = {(chain.subject, chain.drawer): chain for chain in fetched}
    if wanted.afresh or wanted.subject is not None:
        keyring.open_all(fetched)
    ciphers: dict[tuple[str, bytes], AESGCM] = {}
    changed: list[tuple[Any, ...]] = []
    for row in rows:
        blobs = list(row[3:])
        subject, record = subjects[row[2]], _uuid(row[1])
        touched = False
        for at, field in enumerate(table.fields):
            blob = blobs[at]
            if not blob:
                continue
            chain = chains.get((subject, field.drawer))
            if type(blob) is not bytes:
                blob = bytes(blob)
            if chain is not None and not wanted.afresh and blob[_IDS] == chain.newest and blob[:4] == field.prefix:
                continue
            if chain is None:
                done.unreadable += 1
                continue
            try:
                blobs[at] = _sealed(field, chain, ciphers, record, subject, blob)
            except (IntegrityFault, Shredded):
                done.unreadable += 1
                continue
            touched = True
            done.values += 1
        if touched:
            changed.append((*blobs, row[0]))
    return changed


def _sealed(
    field: SealedField, chain: Chain, ciphers: dict[tuple[str, bytes], AESGCM], record: UUID, subject: UUID, blob: bytes
) -> bytes:
    """Return the stored bytes of the same value under the newest key, in the present format."""
    fmt.check_header(blob)
    before = _cipher(field, chain, ciphers, blob[_IDS])
    plain = field.unseal(before, record, subject, blob)
    newest = chain.newest
    return field.seal(_cipher(field, chain, ciphers, newest), newest, record, subject, plain)


def _cipher(field: SealedField, chain: Chain, ciphers: dict[tuple[str, bytes], AESGCM], kid: bytes) -> AESGCM:
    found = ciphers.get((field.label, kid))
    if found is None:
        found = ciphers[(field.label, kid)] = fmt.field_cipher(chain.dek(kid), field.label_bytes)
    return found


def _write(table: Table, rows: list[tuple[Any, ...]]) -> None:
    """Put the new bytes in place. Whoever tells the journal of the page tells these rows, not the statement."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            names = [f"c{n}" for n in range(len(table.fields))]
            arrays = ", ".join([*["%s::bytea[]"] * len(names), f"%s::{'uuid' if table.is_live else 'bigint'}[]"])
            put = ", ".join(f"{column} = v.{name}" for column, name in zip(table.columns, names, strict=True))
            cursor.execute(
                f"WITH v({', '.join(names)}, k) AS (SELECT * FROM unnest({arrays}))"  # noqa: S608 names of our models, values apart  # nosec B608
                f" UPDATE {table.name} SET {put} FROM v WHERE {table.name}.{table.key} = v.k",
                [list(column) for column in zip(*rows, strict=True)],
            )
        else:
            put = ", ".join(f"{column} = %s" for column in table.columns)
            where = f"{table.name}.{table.key} = %s"
            cursor.executemany(f"UPDATE {table.name} SET {put} WHERE {where}", rows)  # noqa: S608 names of our models, values apart  # nosec B608


def _stored_uuid(value: UUID) -> Any:
    return value if connection.features.has_native_uuid_field else value.hex


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(hex=value)


def _python_key(table: Table, value: Any) -> Any:
    return _uuid(value) if table.is_live else value
