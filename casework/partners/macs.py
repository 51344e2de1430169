"""A seal on rows that give access: whoever writes the database without the keys gives nobody a right (T-36).

The field computes the seal at each save. It proves that the row was written by the application, no more:
actions check it before they change a row, so that a forged one is never sealed again.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models

if TYPE_CHECKING:
    from casework.partners.models import Mandate

PURPOSE = "partners.row_mac"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
        parts = [self.label.encode(), *(_bytes(row, name) for name in self.over)]
        message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return hmac.digest(_key(), message, "sha256")

    def is_genuine(self, row: models.Model) -> bool:
        """Say whether the column holds the seal of the row, in constant time."""
        return hmac.compare_digest(bytes(getattr(row, self.attname) or b""), self.seal(row))


def mandate_is_genuine(mandate: Mandate) -> bool:
    """Say whether this mandate was written by the application and not by SQL (T-36)."""
    field = mandate._meta.get_field("mac")
    return isinstance(field, RowMacField) and field.is_genuine(mandate)


def _key() -> bytes:
    from casework.sealing.keys import system_key

    return system_key(PURPOSE)


def _bytes(row: models.Model, name: str) -> bytes:
    """Return a column as bytes that do not depend on the database: type letter, then the value."""
    column = next(field for field in row._meta.concrete_fields if field.attname == name)
    value = column.to_python(getattr(row, name))
    if value is None:
        return b"n"
    if isinstance(value, bool):
        return b"b1" if value else b"b0"
    if isinstance(value, datetime):
        return b"t" + str((value - _EPOCH) // timedelta(microseconds=1)).encode()
    if isinstance(value, UUID):
        return b"u" + value.bytes
    if isinstance(value, int):
        return b"i" + str(value).encode()
    return b"s" + str(value).encode()
