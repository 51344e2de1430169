"""A seal on rows that give access: whoever writes the database without the keys gives nobody a right (T-36).

The field computes the seal at each save. It proves that the row was written by the application, no more:
actions check it before they change a row, so that a forged one is never sealed again.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models
from django.utils.functional import cached_property

if TYPE_CHECKING:
    from casework.partners.models import Mandate

PURPOSE = "partners.row_mac"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LENGTHS = tuple(size.to_bytes(4, "big") for size in range(64))
_ID_HEAD = _LENGTHS[17] + b"u"

Column = tuple[type, Callable[[Any], bytes], "models.Field[Any, Any]"]


class RowMacField(models.BinaryField):  # type: ignore[type-arg]
    """A column that holds HMAC(key, label, columns of `over`), written by the field itself at each save."""

    def __init__(self, *args: Any, label: str = "", over: Sequence[str] = (), **kwargs: Any) -> None:
        self.label, self.over = label, tuple(over)
        kwargs.setdefault("default", b"")
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Return the column as plain binary: migrations need no key."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.BinaryField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes:
        """Return the seal of the row as it is about to be written."""
        value = self.seal(model_instance)
        setattr(model_instance, self.attname, value)
        return value

    def seal(self, row: models.Model) -> bytes:
        """Return what the column should hold for `row`."""
        return self.seal_of([getattr(row, name) for name in self.over])

    def seal_of(self, values: Sequence[Any]) -> bytes:
        """Return what the column should hold for a row whose columns of `over`, in that order, are `values`."""
        message = [self._head]
        for (native, encode, field), value in zip(self._columns, values, strict=True):
            part = encode(value) if type(value) is native else _bytes(field.to_python(value))
            message.append(_LENGTHS[len(part)] if len(part) < 64 else len(part).to_bytes(4, "big"))
            message.append(part)
        return self._digest(_key(), b"".join(message))

    def sealer(self, value_of: Callable[[int, Any], Any]) -> Callable[[Sequence[Any]], bytes]:
        """Return `seal_of` for many rows as the driver gives them; `value_of` makes a value of one column of theirs.

        The rows of one agent say nearly the same: what was written out for one is not written out again.
        """
        key, head, columns, digest = _key(), self._head, self._columns, self._digest
        known: tuple[dict[Any, bytes], ...] = tuple({} for _ in columns)
        ids = tuple(native is UUID for native, _, _ in columns)

        def part(at: int, raw: Any) -> bytes:
            native, encode, field = columns[at]
            value = value_of(at, raw)
            written = encode(value) if type(value) is native else _bytes(field.to_python(value))
            found = known[at][raw] = len(written).to_bytes(4, "big") + written
            return found

        def seal(values: Sequence[Any]) -> bytes:
            message = [head]
            for at, raw in enumerate(values):
                if ids[at] and type(raw) is str and len(raw) == 32:
                    message.append(_ID_HEAD + bytes.fromhex(raw))
                elif ids[at] and type(raw) is UUID:
                    message.append(_ID_HEAD + raw.bytes)
                else:
                    message.append(known[at].get(raw) or part(at, raw))
            return digest(key, b"".join(message))

        return seal

    def _digest(self, key: bytes, message: bytes) -> bytes:
        return hmac.digest(key, message, "sha256")

    @cached_property
    def _head(self) -> bytes:
        return len(self.label.encode()).to_bytes(4, "big") + self.label.encode()

    @cached_property
    def _columns(self) -> tuple[Column, ...]:
        """The columns of `over`, each with the type of its loaded values and how it is written: found once."""
        by_name = {field.attname: field for field in self.model._meta.concrete_fields}
        return tuple((*_native(by_name[name]), by_name[name]) for name in self.over)

    def is_genuine(self, row: models.Model) -> bool:
        """Say whether the column holds the seal of the row, in constant time."""
        return hmac.compare_digest(bytes(getattr(row, self.attname) or b""), self.seal(row))


class AuthenticRow(models.Model):
    """A row with a seal that saving part of its columns keeps true.

    The instance must be a fresh one: under lock when others may write the row.
    """

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save; a covered column never travels without its seal."""
        if update_fields is not None:
            names = set(update_fields)
            seals = [field for field in self._meta.concrete_fields if isinstance(field, RowMacField)]
            attnames = {each.attname for each in self._meta.concrete_fields if names & {each.name, each.attname}}
            names |= {field.name for field in seals if attnames & set(field.over)}
            update_fields = names
        super().save(*args, update_fields=update_fields, **kwargs)


def row_is_genuine(row: models.Model) -> bool:
    """Say whether `row` carries the seal of what it says; a model without a seal never does (T-36)."""
    field = next((each for each in row._meta.concrete_fields if isinstance(each, RowMacField)), None)
    return field is not None and field.is_genuine(row)


def mandate_is_genuine(mandate: Mandate) -> bool:
    """Say whether this mandate was written by the application and not by SQL (T-36)."""
    return row_is_genuine(mandate)


def _key() -> bytes:
    from casework.sealing.keys import system_key

    return system_key(PURPOSE)


def _native(field: models.Field[Any, Any]) -> tuple[type, Callable[[Any], bytes]]:
    """Return the type that values of this column have once loaded and how it is written; else ask the column."""
    target: Any = field.target_field if isinstance(field, models.ForeignKey) else field
    found = ((native, encode) for kind, native, encode in _NATIVE if isinstance(target, kind))
    return next(found, (type(None), _bytes))


def _moment(value: datetime) -> bytes:
    return b"t" + str((value - _EPOCH) // _MICROSECOND).encode()


def _bytes(value: Any) -> bytes:
    """Return a value as bytes that do not depend on the database: type letter, then the value."""
    if value is None:
        return b"n"
    if isinstance(value, bool):
        return b"b1" if value else b"b0"
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, UUID):
        return b"u" + value.bytes
    if isinstance(value, int):
        return b"i" + str(value).encode()
    return b"s" + str(value).encode()


# Ready-made for the types that a search of thousands of grants meets; they say what `_bytes` says.
_NATIVE: tuple[tuple[type, type, Callable[[Any], bytes]], ...] = (
    (models.UUIDField, UUID, lambda value: b"u" + value.int.to_bytes(16, "big")),
    (models.CharField, str, lambda value: b"s" + value.encode()),
    (models.DateTimeField, datetime, _moment),
    (models.IntegerField, int, lambda value: b"i" + str(value).encode()),
)
