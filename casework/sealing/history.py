"""History of protected records: copies of stored bytes, never of clear values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.apps import apps as installed_apps
from django.db import connections, models, router
from django.utils import timezone
from simple_history import models as simple_history

from casework.sealing.fields import Sealed, SealedField, stored_values
from casework.sealing.keyring import write_ring
from casework.sealing.models import SealedRow

# simple-history carries no types.
HistoricalRecords: Any = simple_history.HistoricalRecords
BATCH: Final = 500
CODE: Final = re.compile(r"[a-z0-9_.-]{0,40}\Z")


@dataclass(frozen=True)
class Acting:
    """Who changes rows now, and why (a code, never prose)."""

    mandate_id: UUID | None = None
    reason: str = ""


_NOBODY: Final = Acting()
_kept: dict[type[models.Model], SealedHistory] = {}
_acting: ContextVar[Acting] = ContextVar("casework_acting", default=_NOBODY)


@contextmanager
def acting(mandate_id: UUID | None, reason: str = "") -> Iterator[None]:
    """Sign the history rows written in the block. `reason` is a short code; raises ValueError."""
    if not CODE.match(reason):
        raise ValueError("the reason of a change is a short code")
    token = _acting.set(Acting(mandate_id, reason))
    try:
        with write_ring():
            yield
    finally:
        _acting.reset(token)


class SealedHistory(HistoricalRecords):  # type: ignore[misc]
    """simple-history with stored bytes, a mandate instead of a user, and no way to skip it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("history_id_field", models.BigAutoField())
        kwargs.setdefault("history_change_reason_field", models.CharField(max_length=40, default=""))
        kwargs.setdefault("bases", (SealedRow,))
        self._made: dict[type[models.Model], type[models.Model]] = {}
        super().__init__(**kwargs)

    def add_extra_methods(self, cls: type[models.Model]) -> None:
        """Add nothing: no saving without history."""

    def create_history_model(self, model: type[models.Model], inherited: bool) -> type[models.Model]:
        """Return the history model, in the module, app and registry of the model."""
        fields = self.copy_fields(model)
        options = self.get_meta_options(model)
        attrs = {
            "__module__": model.__module__,
            "_history_excluded_fields": self.excluded_fields,
            "_history_m2m_fields": [],
            "tracked_fields": self.fields_included(model),
            **fields,
            **self.get_extra_fields(model, fields),
            "Meta": type("Meta", (), options),
            "Confidentiality": type("Confidentiality", (), {"clear": self._clear(model)}),
        }
        simple_history.registered_models[model._meta.db_table] = model
        made: type[models.Model] = type(self.get_history_model_name(model), self.bases, attrs)
        self._made[model] = made
        _kept[model] = self
        return made

    def _clear(self, model: type[models.Model]) -> dict[str, str]:
        own = getattr(getattr(model, "Confidentiality", None), "clear", {})
        return {
            **own,
            "history_id": "technical",
            "history_date": "technical",
            "history_type": "created, changed or deleted",
            "history_mandate": "reference",
            "history_change_reason": "code",
        }

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        """Name the model in French and keep it beside its original."""
        options: dict[str, Any] = super().get_meta_options(model)
        options["verbose_name"] = options["verbose_name_plural"] = f"historique : {model._meta.verbose_name}"
        options["app_label"] = model._meta.app_label
        if model._meta.apps is not installed_apps:
            options["apps"] = model._meta.apps
        return options

    @property
    def _date_indexing(self) -> bool:
        return False

    def _get_history_user_fields(self) -> dict[str, Any]:
        return {"history_mandate": models.UUIDField("fonction", null=True, editable=False)}

    def get_extra_fields(self, model: type[models.Model], fields: Any) -> dict[str, Any]:
        """Return simple-history's own fields, with accessors that open nothing."""
        extra: dict[str, Any] = super().get_extra_fields(model, fields)
        get_instance = extra["instance"].fget

        def instance(row: Any) -> Any:
            """Return the record as it was, sealed."""
            with stored_values():
                return get_instance(row)

        for name in ("revert_url", "get_default_history_user", "next_record", "prev_record"):
            extra.pop(name, None)
        extra["instance"] = extra["history_object"] = property(instance)
        extra["is_sealed_history"] = True
        extra["__str__"] = lambda row: f"history {row.history_id}"
        return extra

    def post_save(self, instance: Any, created: bool, using: Any = None, **kwargs: Any) -> None:
        """Write a history row, always."""
        if not kwargs.get("raw", False):
            self.create_historical_record(instance, "+" if created else "~", using=using)

    def post_delete(self, instance: Any, using: Any = None, **kwargs: Any) -> None:
        """Write a last history row; the keys may already be destroyed."""
        self.create_historical_record(instance, "-", using=using)

    def create_historical_record(self, instance: Any, history_type: str, using: Any = None) -> None:
        """Copy the stored bytes of every field under the current mandate and reason.

        One prepared INSERT, past the ORM: a save with its history must cost little more than without.
        """
        model = self._made[instance._meta.concrete_model]
        connection = connections[using or router.db_for_write(model, instance=instance)]
        fields = _copied(model)
        with connection.cursor() as cursor:
            cursor.execute(
                _insert(model, fields, connection.ops.quote_name),
                self._version(instance, history_type, fields, connection),
            )

    def create_first_versions(self, rows: Sequence[Any]) -> None:
        """Copy rows of one model that were just inserted together."""
        model = self._made[rows[0]._meta.concrete_model]
        connection = connections[router.db_for_write(model)]
        fields = _copied(model)
        with connection.cursor() as cursor:
            cursor.executemany(
                _insert(model, fields, connection.ops.quote_name),
                [self._version(row, "+", fields, connection) for row in rows],
            )

    def _version(self, instance: Any, history_type: str, fields: list[Any], connection: Any) -> list[Any]:
        """Return what the driver takes for a version of `instance`, under the current mandate and reason."""
        who = _acting.get()
        with stored_values():
            values = {f.attname: getattr(instance, f.attname) for f in self.fields_included(instance)}
        values |= {
            "history_date": getattr(instance, "_history_date", None) or timezone.now(),
            "history_type": history_type,
            "history_mandate": who.mandate_id,
            "history_change_reason": who.reason,
        }
        absent = [f for f in fields if isinstance(f, SealedField) and f.hide_null and values[f.attname] is None]
        if absent:
            values |= _read_stored(instance, absent, connection.alias)
        return [_stored(f, values[f.attname], connection) for f in fields]


def insert_many(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model, each with its first version: a constant number of queries per hundred.

    What `save(force_insert=True)` does for one. The keys of their subjects were made before, and the identity of
    each row too.
    """
    if not rows:
        return
    model = type(rows[0])
    sealed = [field for field in model._meta.concrete_fields if isinstance(field, SealedField)]
    with write_ring() as ring:
        if sealed:
            ring.take({row.subject_id for row in rows}, {field.drawer for field in sealed})  # type: ignore[attr-defined]  # sealed models have it
        model._base_manager.bulk_create(rows, batch_size=BATCH)
    if model in _kept:
        _kept[model].create_first_versions(rows)


def _copied(model: type[models.Model]) -> list[Any]:
    """Return the columns of a history table that a version fills."""
    return [field for field in model._meta.concrete_fields if not field.primary_key]


_inserts: dict[tuple[type[models.Model], Any], str] = {}


def _insert(model: type[models.Model], fields: list[Any], quote: Any) -> str:
    """Return the INSERT of a history table."""
    key = (model, quote.__func__)
    if key not in _inserts:
        columns = ", ".join(quote(f.column) for f in fields)
        marks = ", ".join(["%s"] * len(fields))
        _inserts[key] = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})"  # noqa: S608 names of our models, values apart  # nosec B608
    return _inserts[key]


def _stored(field: Any, value: Any, connection: Any) -> Any:
    """Return what the driver takes for one column."""
    if type(value) is Sealed:
        return connection.Database.Binary(value.blob)
    return field.get_db_prep_save(value, connection)


def _read_stored(instance: Any, fields: list[SealedField], using: str) -> dict[str, Any]:
    """Return the bytes of columns that the instance never loaded (a save of some fields only)."""
    names = [field.attname for field in fields]
    rows = type(instance)._base_manager.using(using).filter(pk=instance.pk).values(*names)
    return rows.first() or dict.fromkeys(names, Sealed(b""))
