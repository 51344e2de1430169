"""Open the sealed values of a whole page in one go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from cryptography.exceptions import InvalidTag
from django.db.models import Model
from django.db.models.base import ModelState

from casework.errors import IntegrityFault, Unaudited
from casework.sealing import format as fmt
from casework.sealing.fields import Sealed, SealedField, ids_of
from casework.sealing.gate import NOT_COVERED, OpenGate, authority, open_gates
from casework.sealing.keyring import Opener

SHORT = fmt.BUCKETS[0]

M = TypeVar("M", bound=Model)


def bare(model: type[M], **columns: Any) -> M:
    """Return an instance to read, made of columns just loaded, past the cost of the ORM: for lists and sweeps.

    A sealed column is given as loaded or as its stored bytes, and stays as guarded as on any instance. What is not
    given is loaded when asked for, as `only()` does.
    """
    row = model.__new__(model)
    row._state = ModelState()
    row._state.adding = False
    data = row.__dict__
    data.update(columns)
    for field in _sealed_fields(model):
        name = field.attname
        if name in columns:
            value = columns[name]
            if type(value) is not Sealed or value.gate is not False:
                stored = value.blob if type(value) is Sealed else value
                value = data[name] = field.from_db_value(stored, None, None)
            if value is not None:
                value.gate = None
    return row


@lru_cache(maxsize=64)
def _sealed_fields(model: type[Model]) -> tuple[SealedField, ...]:
    return tuple(field for field in model._meta.concrete_fields if isinstance(field, SealedField))


def open_many(instances: Iterable[Model], *field_names: str) -> None:
    """Open these sealed fields (all of them if none is named) of every instance.

    One keystore query for all. Attributes then give the opened values for as long as the gate is open.
    Raises Unaudited, IntegrityFault, Shredded, KeystoreUnavailable; then nothing of the page is open.
    """
    everything: list[Any] = list(instances)
    models = dict.fromkeys(map(type, everything))
    for model in models:
        rows = everything if len(models) == 1 else [row for row in everything if type(row) is model]
        for gate, covered, fields in _by_gate(rows, _fields(model, field_names)):
            _open_page(gate, covered, fields)


def _fields(model: type[Model], names: Sequence[str]) -> list[SealedField]:
    if not names:
        return [f for f in model._meta.concrete_fields if isinstance(f, SealedField) and f.kind != "bytes"]
    chosen: list[SealedField] = []
    for name in names:
        field = model._meta.get_field(name)
        if not isinstance(field, SealedField) or field.kind == "bytes":
            raise TypeError(f"{model._meta.label}.{name} is not a sealed value")
        chosen.append(field)
    return chosen


def _by_gate(rows: list[Any], fields: list[SealedField]) -> list[tuple[OpenGate, list[Any], list[SealedField]]]:
    """Say which rows and fields each open gate opens; the innermost that covers a value takes it."""
    gates = open_gates()
    classes = {field.data_class for field in fields}
    if len(gates) == 1 and classes <= gates[0].classes:
        return [(gates[0], rows, fields)]  # each subject is checked on the way
    shared: dict[tuple[OpenGate, str], list[Any]] = {}
    for row in rows:
        _, subject = ids_of(row)
        for name in classes:
            shared.setdefault((authority(subject, name), name), []).append(row)
    return [(gate, part, [f for f in fields if f.data_class == name]) for (gate, name), part in shared.items()]


def _open_page(gate: OpenGate, rows: list[Any], fields: list[SealedField]) -> None:
    """Open the same fields of many rows under one gate."""
    ring = gate.ring
    try:
        late = _sweep(gate, rows, [(f.attname, f.aad_prefix, ring.openers(f)) for f in fields])
        # What was opened with the keys of the process counts only if the keystore says that they stand.
        stood = ring.load() if late else ring.settle()
        if not stood:
            late = rows
        if late:
            ring.load()
            made = [(f.attname, f.aad_prefix, ring.derive(f, _keys_of(late, f.attname))) for f in fields]
            for row in _sweep(gate, late, made):
                for field in fields:
                    _open_one(gate, row, field)
    except BaseException:
        _close(rows, fields)
        raise


def _sweep(gate: OpenGate, rows: list[Any], columns: list[tuple[str, bytes, dict[bytes, Opener]]]) -> list[Any]:
    """Open what these openers open; return the rows where something is left to do.

    Written flat on purpose: it runs once per value on screen, at about the cost of the decryption itself. A key
    id belongs to one subject, so the opener knows the subject: it must be the row's, inside the gate. The header
    needs no look of its own: it is part of the associated data.
    """
    covered, short = gate.numbers, SHORT
    late: list[Any] = []
    try:
        for row in rows:
            try:
                data = row.__dict__
                subject = data["subject_id"].int
                if subject in covered:
                    number = data["id"].int
                    own = number == subject
                    record = b"" if own else number.to_bytes(16, "big")
                    for name, prefix, openers in columns:
                        value = data[name]
                        blob = value.blob
                        decrypt, owner, tail, whole = openers[blob[4:20]]
                        nonce = blob[20:32]
                        if owner != subject:
                            raise IntegrityFault(fmt.FAULT)
                        plain = decrypt(nonce, blob[32:], (whole if own else prefix + record + tail) + nonce)
                        end = plain[3] + 4
                        value.text = plain[4:end].decode() if end <= short == len(plain) else fmt.unpad(plain)
                        value.gate = gate
                    continue
            except (AttributeError, KeyError):
                pass  # another key, nothing stored, assigned and not saved, deferred: the slow way knows
            late.append(row)
    except (InvalidTag, ValueError, IndexError):
        if all(_is_present_format(row, name) for row in rows for name, _, _ in columns):
            raise IntegrityFault(fmt.FAULT) from None
        return rows  # a value of an older format among them: the slow way knows it, and what is damaged
    return late


def _is_present_format(row: Any, name: str) -> bool:
    value = row.__dict__.get(name)
    return type(value) is not Sealed or value.blob[:4] == fmt.PREFIX or value.blob[:4] not in fmt.READERS


def _keys_of(rows: list[Any], name: str) -> list[tuple[Any, bytes]]:
    """Return (subject, key id) of the rows that hold a sealed value."""
    found: list[tuple[Any, bytes]] = []
    for row in rows:
        value = row.__dict__.get(name)
        if type(value) is Sealed and value.blob:
            found.append((ids_of(row)[1], value.blob[4:20]))
    return found


def _open_one(gate: OpenGate, row: Any, field: SealedField) -> None:
    """Open one value the slow way, with the error that it deserves."""
    value = row.__dict__.get(field.attname)
    if type(value) is Sealed:
        record, subject = ids_of(row)
        if subject not in gate.subjects:
            raise Unaudited(NOT_COVERED)
        value.text = gate.ring.open(field, record, subject, value.blob) if value.blob else None
        value.gate = gate
    elif field.attname not in row.__dict__:
        getattr(row, field.attname)  # deferred: the descriptor loads and opens it


def _close(rows: list[Any], fields: list[SealedField]) -> None:
    for row in rows:
        for field in fields:
            value = row.__dict__.get(field.attname)
            if type(value) is Sealed:
                value.gate = None
