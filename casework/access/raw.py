"""Rows as the driver gives them: of thousands that are compared, few are ever needed as Python values."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet


class RawRows:
    """The rows of a `values_list()` of plain columns, and what the ORM would make of one of their values."""

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        self._connection = connections[queryset.db]
        self._converters: dict[int, Any] = {}
        self.rows: list[tuple[Any, ...]] = []
        compiler = queryset.query.get_compiler(queryset.db)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            return
        self._converters = compiler.get_converters([column for column, _, _ in compiler.select])
        with self._connection.cursor() as cursor:
            cursor.execute(sql, params)
            self.rows = cursor.fetchall()

    def value(self, column: int, raw: Any) -> Any:
        """Return the value that the ORM gives for what the driver gave in this column."""
        converters, expression = self._converters.get(column, ((), None))
        for convert in converters:
            raw = convert(raw, expression, self._connection)
        return raw


def id_bytes(raw: Any) -> bytes:
    """Return the sixteen bytes of an id: some drivers give a UUID, others its 32 hexadecimal digits."""
    return raw.bytes if type(raw) is UUID else bytes.fromhex(raw)


def id_of(raw: Any) -> UUID:
    """Return the id itself."""
    return raw if type(raw) is UUID else UUID(int=int(raw, 16))
