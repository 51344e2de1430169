"""Open the sealed values of a whole page in one go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from django.db.models import Model

from casework.errors import IntegrityFault
from casework.sealing import format as fmt
from casework.sealing.fields import Sealed, SealedField, ids_of
from casework.sealing.gate import authority, open_gates

PREFIX: Final = fmt.PREFIX
ID_LENGTH: Final = fmt.ID_LENGTH


def open_many(instances: Sequence[Model], *field_names: str) -> None:
    """Open these sealed fields (all of them if none is named) of every instance, once each.

    One keystore query for all. Attributes then give the opened values as long as the gate is open.
    Raises Unaudited, IntegrityFault, Shredded, KeystoreUnavailable.
    """
    by_model: dict[type[Model], list[Any]] = {}
    for instance in instances:
        by_model.setdefault(type(instance), []).append(instance)
    for model, rows in by_model.items():
        for field in _fields(model, field_names):
            _open_column(rows, field)


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


def _open_column(rows: list[Any], field: SealedField) -> None:
    """Open one field of many rows. Written flat on purpose: the loop runs once per value on screen."""
    name, data_class, prefix = field.attname, field.data_class, field.aad_prefix
    gates = open_gates()
    gate = None
    subjects: frozenset[Any] = frozenset()
    known: dict[bytes, Any] = {}
    number = int.from_bytes
    for row in rows:
        data = row.__dict__
        value = data.get(name)
        if type(value) is not Sealed:
            if name not in data:
                getattr(row, name)  # deferred: loaded, then opened by the descriptor
            continue
        if value.gate and value.gate in gates:
            continue
        record, subject = data.get("id"), data.get("subject_id")
        if subject not in subjects:
            record, subject = ids_of(row)
            gate = authority(subject, data_class)
            subjects = gate.subjects
            known = gate.ring.ciphers(field)
        blob = value.blob
        header = blob[:32]
        cipher = known.get(header[4:20])
        if cipher is None or header[:4] != PREFIX:
            record, subject = ids_of(row)
            value.text = gate.ring.open(field, record, subject, blob) if blob else None  # type: ignore[union-attr]
            known = gate.ring.ciphers(field)  # type: ignore[union-attr]
        else:
            aad = prefix + record.bytes + ID_LENGTH + subject.bytes + header  # type: ignore[union-attr]
            try:
                plain = cipher.decrypt(header[20:], blob[32:], aad)
                end = number(plain[:4], "big") + 4
                value.text = plain[4:end].decode() if end <= len(plain) else fmt.unpad(plain)
            except (InvalidTag, ValueError):
                raise IntegrityFault(fmt.FAULT) from None
        value.gate = gate
