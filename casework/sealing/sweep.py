"""Open the sealed values of a whole page in one go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from django.db.models import Model

from casework.errors import IntegrityFault
from casework.sealing import format as fmt
from casework.sealing.fields import Sealed, SealedField, ids_of
from casework.sealing.gate import OpenGate, authority, open_gates


def open_many(instances: Sequence[Model], *field_names: str) -> None:
    """Open these sealed fields (all of them if none is named) of every instance, once each.

    One keystore query for all. Attributes then give the opened values as long as the gate is open.
    Raises Unaudited, IntegrityFault, Shredded, KeystoreUnavailable; nothing is shown by halves.
    """
    by_model: dict[type[Model], list[Any]] = {}
    for instance in instances:
        by_model.setdefault(type(instance), []).append(instance)
    for model, rows in by_model.items():
        for field in _fields(model, field_names):
            _open_column(rows, field)


def _fields(model: type[Model], names: Sequence[str]) -> list[SealedField]:
    if names:
        chosen = [model._meta.get_field(name) for name in names]
        for field in chosen:
            if not isinstance(field, SealedField):
                raise TypeError(f"{model._meta.label}.{field.name} is not sealed")
        return chosen  # type: ignore[return-value]
    return [field for field in model._meta.concrete_fields if isinstance(field, SealedField)]


def _open_column(rows: list[Any], field: SealedField) -> None:
    """Open one field of many rows. The loop is written flat: it runs once per value on screen."""
    name, data_class, prefix = field.attname, field.data_class, field.aad_prefix
    gates = open_gates()
    gate: OpenGate | None = None
    subjects: frozenset[Any] = frozenset()
    known: dict[bytes, Any] = {}
    for row in rows:
        data = row.__dict__
        value = data.get(name)
        if type(value) is not Sealed:
            if name not in data:
                getattr(row, name)  # deferred: loaded and opened one by one
            continue
        if value.gate and value.gate in gates:
            continue
        record, subject = ids_of(row)
        if subject not in subjects:
            gate = authority(subject, data_class)
            subjects = gate.subjects
            known = gate.ring.ciphers(field)
        blob = value.blob
        header = blob[:32]
        cipher = known.get(header[4:20])
        if cipher is None or header[:4] != fmt.PREFIX:
            value.text = gate.ring.open(field, record, subject, blob) if blob else None  # type: ignore[union-attr]
            known = gate.ring.ciphers(field)  # type: ignore[union-attr]
        else:
            try:
                plain = cipher.decrypt(
                    header[20:], blob[32:], prefix + record.bytes + fmt.ID_LENGTH + subject.bytes + header
                )
            except (InvalidTag, ValueError):
                raise IntegrityFault(fmt.FAULT) from None
            value.text = fmt.unpad(plain)
        value.gate = gate
