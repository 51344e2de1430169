"""Open the sealed values of a whole page in one go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from django.db.models import Model

from casework.errors import IntegrityFault, Unaudited
from casework.sealing import format as fmt
from casework.sealing.fields import Sealed, SealedField, ids_of
from casework.sealing.gate import NOT_COVERED, OpenGate, open_gates
from casework.sealing.keyring import Opener

SHORT = fmt.BUCKETS[0]


def open_many(instances: Iterable[Model], *field_names: str) -> None:
    """Open these sealed fields (all of them if none is named) of every instance.

    One keystore query for all. Attributes then give the opened values for as long as the gate is open.
    Raises Unaudited, IntegrityFault, Shredded, KeystoreUnavailable; then nothing of the column is open.
    """
    by_model: dict[type[Model], list[Any]] = {}
    for instance in instances:
        by_model.setdefault(type(instance), []).append(instance)
    for model, rows in by_model.items():
        for field in _fields(model, field_names):
            for gate, covered in _by_gate(rows, field.data_class):
                _open_column(gate, covered, field)


def _fields(model: type[Model], names: Sequence[str]) -> list[SealedField]:
    if not names:
        return [field for field in model._meta.concrete_fields if isinstance(field, SealedField)]
    chosen: list[SealedField] = []
    for name in names:
        field = model._meta.get_field(name)
        if not isinstance(field, SealedField):
            raise TypeError(f"{model._meta.label}.{name} is not sealed")
        chosen.append(field)
    return chosen


def _by_gate(rows: list[Any], data_class: str) -> list[tuple[OpenGate, list[Any]]]:
    """Share the rows between the open gates of this class; the innermost that covers a row takes it."""
    gates = [gate for gate in reversed(open_gates()) if data_class in gate.classes]
    if len(gates) == 1:
        return [(gates[0], rows)]  # the loop below checks each subject
    shared: dict[int, tuple[OpenGate, list[Any]]] = {}
    for row in rows:
        _, subject = ids_of(row)
        gate = next((gate for gate in gates if subject in gate.subjects), None)
        if gate is None:
            raise Unaudited(NOT_COVERED)
        shared.setdefault(id(gate), (gate, []))[1].append(row)
    return list(shared.values())


def _open_column(gate: OpenGate, rows: list[Any], field: SealedField) -> None:
    """Open one field of many rows under one gate."""
    ring = gate.ring
    try:
        late = _sweep(gate, rows, field, ring.openers(field))
        # What was opened with the keys of the process counts only if the keystore says that they stand.
        if not (ring.load() if late and not ring.settled else ring.settle()):
            late = rows
        if late:
            late = _sweep(gate, late, field, ring.derive(field, _keys_of(late, field.attname)))
        for row in late:
            _open_one(gate, row, field)
    except BaseException:
        for row in rows:
            _close(row, field.attname)
        raise


def _sweep(gate: OpenGate, rows: list[Any], field: SealedField, openers: dict[bytes, Opener]) -> list[Any]:
    """Open what these openers open; return the other rows.

    Written flat on purpose: it runs once per value on screen, at about the cost of the decryption itself. A key
    id belongs to one subject, so the opener knows the subject, which must be the row's and inside the gate. The
    header needs no look of its own: it is part of the associated data.
    """
    name, prefix, covered = field.attname, field.aad_prefix, gate.numbers
    late: list[Any] = []
    try:
        for row in rows:
            try:
                data = row.__dict__
                value = data[name]
                blob = value.blob
                decrypt, owner, tail = openers[blob[4:20]]
                if owner != data["subject_id"].int or owner not in covered:
                    late.append(row)
                    continue
                nonce = blob[20:32]
                plain = decrypt(nonce, blob[32:], prefix + data["id"].int.to_bytes(16, "big") + tail + nonce)
            except (AttributeError, KeyError):
                late.append(row)
                continue
            end = plain[3] + 4
            value.text = plain[4:end].decode() if end <= SHORT == len(plain) else fmt.unpad(plain)
            value.gate = gate
    except (InvalidTag, ValueError, IndexError):
        raise IntegrityFault(fmt.FAULT) from None
    return late


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


def _close(row: Any, name: str) -> None:
    value = row.__dict__.get(name)
    if type(value) is Sealed:
        value.gate = None
