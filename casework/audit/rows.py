"""Every row that an act writes leaves its digest, the ones no action thought of included (T-03, T-32).

While a write goes on, this watches the statements sent to the database: which rows of the models of `digests.txt`
were inserted, changed or deleted. Those without an event of their own get one, act `row`, that says nothing but the
digest. So a bulk update, a cascade or a forgotten note is covered by construction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import Model

_STATEMENT = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')
_COLUMNS = re.compile(r'INSERT INTO "\w+" \(([^)]*)\) VALUES ')
_BY_KEY = re.compile(r'WHERE \(?"\w+"\."id" (?:= %s|IN \(%s(?:, %s)*\))\)?\Z')
_PLACE = "%s"


@cache
def _tables() -> dict[str, type[Model]]:
    """Return the tables watched, with their models. Their keys are UUIDs made before the insert."""
    from casework.audit import digests

    found = {}
    for label in digests.register():
        try:
            model = apps.get_model(label)
        except LookupError:
            continue
        found[model._meta.db_table] = model
    return found


class Touched:
    """The rows written since the block began."""

    def __init__(self) -> None:
        self.rows: dict[type[Model], dict[UUID, None]] = {}

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Note which rows a statement is about to write, then let it through (django.db execute_wrapper)."""
        found = _STATEMENT.match(sql)
        model = _tables().get(found.group(1)) if found else None
        if model is not None:
            keys = self.rows.setdefault(model, {})
            for given in params if many else (params,):
                keys.update(dict.fromkeys(_keys(model, sql, list(given or ()))))
        return execute(sql, params, many, context)


def _keys(model: type[Model], sql: str, params: list[Any]) -> Iterable[UUID]:
    """Return the keys of the rows that a statement writes."""
    if inserted := _COLUMNS.match(sql):
        columns = [name.strip().strip('"') for name in inserted.group(1).split(",")]
        place, width = columns.index("id"), len(columns)
        return [_uuid(params[at]) for at in range(place, len(params), width)]
    start = sql.find(" WHERE ")
    if start >= 0 and _BY_KEY.search(sql):
        return [_uuid(value) for value in params[sql[:start].count(_PLACE) :]]
    where = sql[start:] if start >= 0 else ""
    with connection.cursor() as cursor:
        # The very condition of the statement, asked before it runs.
        cursor.execute(
            f'SELECT "{model._meta.db_table}"."id" FROM "{model._meta.db_table}"{where}',  # noqa: S608 names of our models, the condition is Django's own  # nosec B608
            params[sql[:start].count(_PLACE) :] if start >= 0 else [],
        )
        return [_uuid(value) for (value,) in cursor.fetchall()]


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
