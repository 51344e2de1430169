"""Questions that every page asks, written as SQL once: to write them out again cost more than the answers.

    _mandates = Prepared(lambda agent, now: Mandate.objects.live(now).filter(agent_id=agent), agent=UUID, now=datetime)
    _mandates.rows(agent=agent.pk, now=now)

Only the text is kept, never an answer: each page asks the database, with its own values.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final, Generic, TypeVar

from django.db import connection, connections
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable

M = TypeVar("M", bound=Model)

_FAR: Final = datetime(9998, 1, 1, tzinfo=UTC)
_KEPT: Final = "_casework_prepared"


@dataclass(frozen=True)
class _Written:
    """A query as one connection says it: its compiler, its text, and the name of the value at each place."""

    compiler: Any
    sql: str
    params: tuple[Any, ...]
    names: tuple[str, ...]  # "" where `params` holds a constant


class Prepared(Generic[M]):
    """The queryset that `build` makes of identifiers, instants and words, announced by name with their kind.

    `build` must use each value as it is: nothing worked out of it, no choice made on it.
    """

    def __init__(self, build: Callable[..., QuerySet[M]], **kinds: type[Any]) -> None:
        self._build, self._kinds = build, kinds

    def rows(self, **values: Any) -> list[M]:
        """Return the rows for these values. Raises TypeError for a value of another kind than announced."""
        if values.keys() != self._kinds.keys():
            raise TypeError("values")
        said = {name: _to_the_driver(value, self._kinds[name]) for name, value in values.items()}
        written = self._written()
        params = tuple(said[name] if name else kept for name, kept in zip(written.names, written.params, strict=True))
        compiler = copy(written.compiler)  # what is kept never holds the values of somebody
        compiler.as_sql = lambda *_, **__: (written.sql, params)
        asked: Any = SimpleNamespace(
            db=connection.alias, query=SimpleNamespace(get_compiler=lambda **_: compiler), _known_related_objects={}
        )
        return list(ModelIterable(asked))

    def first(self, **values: Any) -> M | None:
        """Return the first row for these values, None without any."""
        return next(iter(self.rows(**values)), None)

    def _written(self) -> _Written:
        """Return the query in the words of this connection, which is of one thread: kept with it, gone with it.

        On the connection itself: `django.db.connection` is a proxy whose own attributes are of all threads.
        """
        kept: dict[Prepared[Any], _Written] = vars(connections[connection.alias]).setdefault(_KEPT, {})
        if self not in kept:
            kept[self] = self._write()
        return kept[self]

    def _write(self) -> _Written:
        """Write the query for values that stand for all others. Raises TypeError if one of them is not in it."""
        standing = {name: _standing(kind, number) for number, (name, kind) in enumerate(self._kinds.items())}
        compiler: Any = self._build(**standing).query.get_compiler(using=connection.alias)
        sql, params = compiler.as_sql()
        marks = {name: _to_the_driver(value, self._kinds[name]) for name, value in standing.items()}
        names = tuple(next((name for name, mark in marks.items() if mark == param), "") for param in params)
        if missing := marks.keys() - set(names):
            raise TypeError(f"{sorted(missing)}")
        return _Written(compiler, sql, tuple(params), names)


def _standing(kind: type[Any], number: int) -> Any:
    """Return a value that no other can be taken for."""
    return (
        _FAR + timedelta(days=number) if kind is datetime else uuid.uuid4() if kind is uuid.UUID else uuid.uuid4().hex
    )


def _to_the_driver(value: Any, kind: type[Any]) -> Any:
    """Return a value as the columns of its kind give it to the driver."""
    if not isinstance(value, kind) or (isinstance(value, datetime) and value.utcoffset() is None):
        raise TypeError(kind.__name__)
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, uuid.UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    return value
