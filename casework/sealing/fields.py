"""Sealed fields: what the database holds is opaque, what the program reads is gated.

A field does not know its row when it loads. So the database value becomes a `Sealed`, and
the descriptor opens it with the ids of its instance, only inside an open gate. A value just
assigned reads back as is until it is saved; then it is sealed again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn, cast
from uuid import UUID

from django.core import checks
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.expressions import Col
from django.db.models.query_utils import DeferredAttribute

from casework.errors import InputRefused
from casework.sealing import format as fmt
from casework.sealing.gate import authority, open_gates
from casework.sealing.keyring import DRAWERS, drawers_by_class, writer

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from django.db.models.lookups import Lookup, Transform

    from casework.sealing.gate import OpenGate

REPR: Final = "<sealed>"


class Opaque:
    """A value that shows, compares, sorts and travels as nothing."""

    __slots__ = ()

    def __repr__(self) -> str:
        return REPR

    def __format__(self, spec: str) -> str:
        return REPR

    def __copy__(self) -> Opaque:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Opaque:
        return self

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("sealed values are not serialised")


class Sealed(Opaque):
    """Stored bytes, as loaded. `gate` is False until an instance holds it, then None while closed,
    then the gate that opened it; `text` is set from then on."""

    __slots__ = ("blob", "gate", "text")

    blob: bytes
    gate: OpenGate | bool | None
    text: Any

    def __init__(self, blob: bytes) -> None:
        self.blob = blob
        self.gate = False

    def __eq__(self, other: object) -> bool:
        return type(other) is Sealed and other.blob == self.blob

    def __hash__(self) -> int:
        return hash(self.blob)


class Pending(Opaque):
    """A clear value between its assignment and the save; `was` is what the row holds meanwhile."""

    __slots__ = ("value", "was")

    def __init__(self, value: Any, was: Sealed | None) -> None:
        self.value = value
        self.was = was


class Stored(bytes):
    """Bytes made by `pre_save`: the only thing that a sealed column accepts."""

    __slots__ = ()


class Null:
    """NULL, as `pre_save` says it; `update(field=None)` says None and is refused."""

    __slots__ = ()


_NULL: Final = Null()
_stored: ContextVar[bool] = ContextVar("casework_stored_values", default=False)


@contextmanager
def stored_values() -> Iterator[None]:
    """Within the block, attributes give `Sealed` values: for copying rows, never for reading."""
    token = _stored.set(True)
    try:
        yield
    finally:
        _stored.reset(token)


class SealedAttribute(DeferredAttribute):
    """Opens a sealed value with the ids of its instance, under the gate."""

    field: SealedField

    def __init__(self, field: SealedField) -> None:
        super().__init__(field)
        self.name = field.attname

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is None:
            return self
        data = instance.__dict__
        if self.name not in data:
            instance.refresh_from_db(fields=[self.name])
        value = data[self.name]
        if type(value) is Sealed:
            if _stored.get():
                return value
            if not value.gate or value.gate not in open_gates():
                self._open(instance, value)
            return self.field.decode(value.text)
        if type(value) is Pending:
            return value.was if _stored.get() else value.value
        return value

    def _open(self, instance: Any, value: Sealed) -> None:
        record, subject = ids_of(instance)
        gate = authority(subject, self.field.data_class)
        value.text = gate.ring.open(self.field, record, subject, value.blob) if value.blob else None
        value.gate = gate

    def __set__(self, instance: Any, value: Any) -> None:
        data = instance.__dict__
        if type(value) is Sealed:
            # One instance, one Sealed: what was opened for a row is never shown for another.
            if value.gate is not False:
                value = Sealed(value.blob)
            value.gate = None
            data[self.name] = value
            return
        value = self.field.accept(value)
        current = data.get(self.name)
        if type(current) is Sealed:
            if current.gate and self.field.encode(value) == current.text:
                return
            data[self.name] = Pending(value, current)
        elif type(current) is Pending:
            data[self.name] = Pending(value, current.was)
        else:
            data[self.name] = None if value is None else Pending(value, None)


def ids_of(instance: Any) -> tuple[UUID, UUID]:
    """Return the record and subject ids that bind the instance's values (never its `pk`)."""
    record, subject = instance.id, instance.subject_id
    if type(record) is not UUID:
        record = _uuid(record, "id")
    if type(subject) is not UUID:
        subject = _uuid(subject, "subject_id")
    return record, subject


def _uuid(value: Any, name: str) -> UUID:
    if value is None:
        raise FieldError(f"{name} must be set before a sealed field is written or read")
    return value if isinstance(value, UUID) else UUID(str(value))


class SealedCol(Col):
    """A sealed column in a SELECT list: it may be loaded, nothing may be computed from it."""

    def resolve_expression(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse ordering and expressions."""
        cast(SealedField, self.target).refuse("an expression or an ordering")


class SealedField(models.BinaryField[Any, Any]):
    """Base of sealed fields.

    `label` is a literal that never changes (register: labels.txt), `drawer` says under which key,
    `data_class` which row of the access matrix. With `hide_null` (default) nothing looks like
    something: None is sealed too.
    """

    kind: ClassVar[str] = ""
    prefix: ClassVar[bytes] = fmt.PREFIX
    descriptor_class = SealedAttribute
    _pyi_private_get_type: Any
    _pyi_private_lookup_type: Any

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        label: str,
        data_class: str,
        drawer: str = "content",
        hide_null: bool = True,
        **kwargs: Any,
    ) -> None:
        if drawer not in DRAWERS:
            raise ValueError(f"unknown drawer {drawer!r}")
        for option in ("unique", "db_index", "primary_key", "default", "db_default"):
            if option in kwargs:
                raise ValueError(f"a sealed field takes no {option}")
        self.label = label
        self.data_class = str(data_class)
        self.drawer = drawer
        self.hide_null = hide_null
        self.label_bytes = label.encode()
        self.aad_prefix = fmt.aad_prefix(self.label_bytes)
        kwargs.setdefault("null", not hide_null)
        super().__init__(verbose_name, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Write label, drawer and class in migrations."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.update(label=self.label, data_class=self.data_class)
        if self.drawer != "content":
            kwargs["drawer"] = self.drawer
        if not self.hide_null:
            kwargs["hide_null"] = False
        kwargs.pop("null", None)
        if self.null != (not self.hide_null):
            kwargs["null"] = self.null
        return name, path, list(args), kwargs

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        """Register the drawer of this data class."""
        super().contribute_to_class(cls, name, private_only)
        drawers_by_class.setdefault(self.data_class, set()).add(self.drawer)

    # Values

    def get_default(self) -> None:
        """Return None: nothing was written yet."""

    def seal(self, cipher: AESGCM, kid: bytes, record: UUID, subject: UUID, plain: bytes | None) -> bytes:
        """Return the stored bytes of `plain`, in the present format of the field."""
        return fmt.seal(cipher, kid, self.aad_prefix, record.bytes, subject.bytes, plain)

    def unseal(self, cipher: AESGCM, record: UUID, subject: UUID, blob: bytes) -> bytes | None:
        """Return the bytes sealed in `blob`, whose header was checked, in whatever known format it is."""
        return fmt.READERS[blob[:4]](cipher, self.aad_prefix, record.bytes, subject.bytes, blob)

    def opened(self, plain: bytes | None) -> Any:
        """Return what the instance keeps of opened bytes: `decode` makes the value from it."""
        return fmt.text_of(plain)

    def accept(self, value: Any) -> Any:
        """Return `value` if it is of the field's type. Raises TypeError, without the value."""
        raise NotImplementedError

    def encode(self, value: Any) -> Any:
        """Return the text (or bytes) that is sealed for an accepted value."""
        raise NotImplementedError

    def decode(self, text: Any) -> Any:
        """Return the value of an opened text."""
        raise NotImplementedError

    def wrong_type(self, expected: str) -> NoReturn:
        """Raise TypeError naming the field, never the value."""
        raise TypeError(f"{self.model._meta.label}.{self.name} takes {expected} or None")

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Return stored bytes: the same ones if nothing was assigned, else the new value sealed."""
        value = model_instance.__dict__.get(self.attname)
        if type(value) is not Sealed:
            clear = value.value if type(value) is Pending else value
            if clear is None and not self.hide_null:
                model_instance.__dict__[self.attname] = None
                return _NULL
            text = self.encode(clear)
            try:
                plain = text.encode() if isinstance(text, str) else text
            except UnicodeEncodeError:
                raise InputRefused("Ce texte contient un caractère illisible.", field=self.name) from None
            record, subject = ids_of(model_instance)
            value = Sealed(writer().seal(self, record, subject, plain))
            value.gate = None
            model_instance.__dict__[self.attname] = value
        if not value.blob and self.null:
            return _NULL
        return Stored(value.blob)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        """Return the stored bytes as an opaque value."""
        if type(value) is bytes:
            return Sealed(value)
        if value is None:
            return Sealed(b"") if self.hide_null else None
        return Sealed(bytes(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Return bytes for the driver. Refuses everything that `pre_save` did not make."""
        if value is _NULL or value is None:
            return None
        # Empty bytes: what a schema change puts in a new column; they read as None.
        if type(value) is Stored or value == b"":
            return connection.Database.Binary(bytes(value))
        self.refuse("a clear value (update, bulk_update)")

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        """Return the placeholder of a write; in an UPDATE, only what `pre_save` made passes."""
        for field, _, raw in getattr(compiler.query, "values", ()):
            if field is self and type(raw) is not Stored and raw is not _NULL:
                self.refuse("update")
        return cast(str, super().get_placeholder(value, compiler, connection))  # type: ignore[misc]

    def value_from_object(self, obj: models.Model) -> Any:
        """Return the opaque value: forms and serialisers get nothing else."""
        with stored_values():
            return super().value_from_object(obj)

    def value_to_string(self, obj: models.Model) -> NoReturn:
        """Refuse serialisation."""
        self.refuse("serialisation")

    def to_python(self, value: Any) -> Any:
        """Return the value as is: nothing is ever decoded on input."""
        return value

    # Queries

    def refuse(self, what: str) -> NoReturn:
        """Raise FieldError: this cannot be done on a sealed field."""
        raise FieldError(f"{self.model._meta.label}.{self.name} is sealed: {what} is refused")

    def get_lookup(self, lookup_name: str) -> type[Lookup[Any]] | None:
        """Allow `isnull` only."""
        if lookup_name != "isnull":
            self.refuse(f"lookup {lookup_name!r}")
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> type[Transform] | None:
        """Refuse transforms."""
        self.refuse(f"transform {lookup_name!r}")

    def get_col(self, alias: str | None, output_field: Any = None) -> Col:
        """Return the column for loading or for `isnull`; F() and functions are refused."""
        if output_field is not None:
            return Col(alias, self, output_field)  # type: ignore[arg-type]
        # F(), aggregates and functions name their columns through Query.resolve_ref, and through
        # it only; Django offers no other hook (tests/attack/test_t07 holds this).
        if sys._getframe(2).f_code.co_name == "resolve_ref":
            self.refuse("an expression")
        return SealedCol(alias, self)  # type: ignore[arg-type]

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        """Check that the model gives what binds a value to its row."""
        return [*super().check(**kwargs), *self._check_row()]

    def _check_row(self) -> list[checks.CheckMessage]:
        from casework.sealing.models import SealedRow

        found: list[checks.CheckMessage] = []
        for name in ("id", "subject_id"):
            columns = {f.attname: f for f in self.model._meta.concrete_fields}
            if not isinstance(columns.get(name), models.UUIDField):
                found.append(checks.Error(f"A model with sealed fields needs a UUID `{name}`.", obj=self,
                                          id="sealing.E001"))  # fmt: skip
        if not issubclass(self.model, SealedRow):
            found.append(checks.Error("A model with sealed fields derives from SealedRow.", obj=self,
                                      id="sealing.E002"))  # fmt: skip
        return found


class SealedText(SealedField):
    """A sealed text: str, "" included, or None."""

    kind = "text"
    _pyi_private_set_type: str | None

    def accept(self, value: Any) -> str | None:
        """Return a str or None."""
        if value is None or type(value) is str:
            return value
        if isinstance(value, str):
            return str(value)
        self.wrong_type("a str")

    def encode(self, value: Any) -> str | None:
        """Return the text; refuses one that is too long (InputRefused)."""
        if value is not None and self.max_length is not None and len(value) > self.max_length:
            raise InputRefused(f"Ce texte est limité à {self.max_length} caractères.", field=self.name)
        return cast("str | None", value)

    def decode(self, text: str | None) -> str | None:
        """Return the text."""
        return text


class SealedDate(SealedField):
    """A sealed day: date or None, stored as ISO text."""

    kind = "date"
    _pyi_private_set_type: date | None

    def accept(self, value: Any) -> date | None:
        """Return a date or None; an instant is refused."""
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self.wrong_type("a date")

    def encode(self, value: Any) -> str | None:
        """Return the ISO text of the day."""
        return None if value is None else value.isoformat()

    def decode(self, text: str | None) -> date | None:
        """Return the day."""
        return None if text is None else date.fromisoformat(text)


class SealedJSON(SealedField):
    """Sealed lists, dicts, booleans, whole numbers and texts, or None; stored as canonical JSON."""

    kind = "json"
    _pyi_private_set_type: Any

    def accept(self, value: Any) -> Any:
        """Return the value; floats, sets, dates and keys that are not str are refused."""
        self._walk(value)
        return value

    def _walk(self, value: Any) -> None:
        if value is None or isinstance(value, (bool, int, str)):
            return
        if isinstance(value, dict):
            for key, item in value.items():
                if not isinstance(key, str):
                    self.wrong_type("dicts with str keys")
                self._walk(item)
        elif isinstance(value, (list, tuple)):
            for item in value:
                self._walk(item)
        else:
            self.wrong_type("lists, dicts, booleans, whole numbers, texts")

    def encode(self, value: Any) -> str | None:
        """Return canonical JSON: sorted keys, no spaces."""
        self._walk(value)
        if value is None:
            return None
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)

    def decode(self, text: str | None) -> Any:
        """Return a fresh value each time: changing it changes nothing until it is assigned."""
        return None if text is None else json.loads(text)


class SealedBytes(SealedField):
    """A sealed file: bytes or None. Opened one at a time, never by a sweep: a page shows no content of files."""

    kind = "bytes"
    prefix = fmt.FILE_PREFIX
    _pyi_private_set_type: bytes | None

    def seal(self, cipher: AESGCM, kid: bytes, record: UUID, subject: UUID, plain: bytes | None) -> bytes:
        """Return the stored bytes of a file, in chunks."""
        return fmt.seal_file(cipher, kid, self.aad_prefix, record.bytes, subject.bytes, plain)

    def opened(self, plain: bytes | None) -> bytes | None:
        """Return the bytes as they are."""
        return plain

    def accept(self, value: Any) -> bytes | None:
        """Return bytes or None."""
        if value is None or isinstance(value, bytes):
            return value
        self.wrong_type("bytes")

    def encode(self, value: Any) -> bytes | None:
        """Return the bytes; refuses those that are too long (InputRefused)."""
        if value is not None and self.max_length is not None and len(value) > self.max_length:
            raise InputRefused("Ce fichier est trop lourd.", field=self.name)
        return cast("bytes | None", value)

    def decode(self, text: Any) -> bytes | None:
        """Return the bytes."""
        return cast("bytes | None", text)
