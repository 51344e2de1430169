"""The digest of a written row: what `audit_verify --rows` compares with the row as stored (T-03, T-32).

The encoding is ours and the same on every database. The columns covered are numbered: `digests.txt` holds,
per model, the column list of each version, so that a new column does not cry tampering. A model without a
line there has version 0: every column it has.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connections, router
from django.db.models import Model, UUIDField

from casework.audit.append import Entry
from casework.audit.encoding import microseconds, number, parts
from casework.sealing.models import SealedModel

_IN_CLAUSE = 10_000  # SQLite takes at most 32 766 parameters
REGISTER = Path(__file__).with_name("digests.txt")


HEADER = """\
# Which columns the digest of a row covers:  model  version  columns, sorted. `manage.py digests_register` adds
# a version when a model changes; a line never changes, since events of that version bear it.
"""
# Kept for days and erased by themselves: no act of a file, and written outside of them.
_SHORT_LIVED = frozenset({"casefile.draft", "casefile.outboxmail"})


def protected() -> list[type[Model]]:
    """Return the models whose every written row must leave a digest: sealed records, and grants."""
    found = {
        model._meta.label_lower: model
        for model in apps.get_models()
        if model._meta.managed
        and not model._meta.auto_created
        and isinstance(model._meta.pk, UUIDField)
        and (issubclass(model, SealedModel) or any(field.name == "mac" for field in model._meta.concrete_fields))
        and model._meta.app_label not in ("partners", "sealing", "audit")
        and model._meta.label_lower not in _SHORT_LIVED
        and not model._meta.label_lower.split(".")[1].startswith("historical")
    }
    return [found[label] for label in sorted(found)]


def missing() -> list[str]:
    """Return the lines that the register lacks: models new or changed since their last version."""
    lines = []
    for model in protected():
        label = model._meta.label_lower
        now = tuple(sorted(field.attname for field in model._meta.concrete_fields))
        known = register().get(label, {})
        if not known or known[max(known)] != now:
            lines.append(f"{label} {max(known, default=0) + 1} {','.join(now)}")
    return lines


@cache
def register() -> Mapping[str, Mapping[int, tuple[str, ...]]]:
    """Return the column lists of `digests.txt`: {model label: {version: columns}}."""
    lists: dict[str, dict[int, tuple[str, ...]]] = defaultdict(dict)
    if REGISTER.exists():
        for line in REGISTER.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                label, version, columns = line.split()
                lists[label][int(version)] = tuple(columns.split(","))
    return lists


def columns(model: type[Model], version: int | None = None) -> tuple[int, tuple[str, ...]]:
    """Return the version and sorted columns that digests of `model` cover: the last, or a given one.

    Raises LookupError for a version that the register does not know.
    """
    known = register().get(model._meta.label_lower, {})
    if version is None:
        version = max(known, default=0)
    if version == 0:
        return 0, tuple(sorted(field.attname for field in model._meta.concrete_fields))
    return version, known[version]


def digest(label: str, names: Sequence[str], values: Iterable[object]) -> bytes:
    """Return the digest of one row: its model, then each column with its stored value."""
    items = [label.encode()]
    for name, value in zip(names, values, strict=True):
        items += [name.encode(), _stored(value)]
    return hashlib.sha256(parts(items)).digest()


def stored_digests(
    model: type[Model], ids: Iterable[object], version: int | None = None
) -> tuple[int, dict[object, bytes]]:
    """Return the version used and the digest of each row as the database holds it: one query per 10 000."""
    version, names = columns(model, version)
    label, wanted = model._meta.label_lower, list(ids)
    found: dict[object, bytes] = {}
    for start in range(0, len(wanted), _IN_CLAUSE):
        rows = _stored_rows(model, names, wanted[start : start + _IN_CLAUSE])
        found |= {row[0]: digest(label, names, row[1:]) for row in rows}
    return version, found


def _stored_rows(model: type[Model], names: tuple[str, ...], ids: Sequence[object]) -> Iterable[Sequence[Any]]:
    """Return the key and these columns of some rows: what `values_list` gives, its SQL written once per model."""
    alias = router.db_for_read(model)
    compiler, sql, converters = _select(model, names, alias)
    key, connection = model._meta.pk, connections[alias]
    given = [key.get_db_prep_value(pk, connection, prepared=False) for pk in ids]
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} IN ({', '.join(['%s'] * len(given))})", given)
        rows: Iterable[Sequence[Any]] = cursor.fetchall()
    return iter(compiler.apply_converters(rows, converters)) if converters else rows


@cache
def _select(model: type[Model], names: tuple[str, ...], alias: str) -> tuple[Any, str, Any]:
    """Return the compiler of a query by keys, its SQL up to the keys, and what turns columns into values."""
    compiler = model._base_manager.using(alias).order_by().values_list("pk", *names).query.get_compiler(alias)
    sql, _ = compiler.as_sql()
    quote = connections[alias].ops.quote_name
    where = f"{quote(model._meta.db_table)}.{quote(str(model._meta.pk.column))}"
    return compiler, f"{sql} WHERE {where}", compiler.get_converters([column for column, _, _ in compiler.select])


def with_digests(notes: Sequence[tuple[Entry, Model | None]]) -> list[Entry]:
    """Return the events with the digests of their rows as stored now, by one query per model."""
    ids: dict[type[Model], set[object]] = defaultdict(set)
    for _, obj in notes:
        if obj is not None:
            ids[obj._meta.model].add(obj.pk)
    found = {model: stored_digests(model, pks) for model, pks in ids.items()}
    entries = []
    for item, obj in notes:
        if obj is not None:
            version, digests = found[obj._meta.model]
            item = replace(item, columns_version=version, state_digest=digests.get(obj.pk, b""))
        entries.append(item)
    return entries


def _stored(value: Any) -> bytes:
    """Return a value in our own encoding: one letter for its type, then its bytes."""
    match value:
        case None:
            return b"-"
        case bool():
            return b"b1" if value else b"b0"
        case int():
            return b"i" + str(value).encode()
        case str():
            return b"s" + value.encode()
        case bytes() | memoryview():
            return b"x" + bytes(value)
        case UUID():
            return b"u" + value.bytes
        case datetime():
            return b"t" + number(microseconds(value))
        case date():
            return b"d" + value.isoformat().encode()
        case Decimal():
            return b"n" + str(value.normalize()).encode()
        case list() | dict():
            text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            return b"j" + text.encode()
    blob = getattr(value, "blob", None)
    if isinstance(blob, bytes):  # a sealed value, with its stored bytes
        return b"x" + blob
    return b"o" + str(value).encode()
