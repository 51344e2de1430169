"""A setting written once for all the tests of a file: each finds it as it was written, and what it changes is undone.

    standing = written_once(lambda: build(cast()))

    @pytest.fixture
    def hamlet(standing: Hamlet) -> Hamlet:
        return deepcopy(standing)

For what takes a second or more to write. The other tests of such a file find it in their base too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from django.db import connections
from django.test import TestCase

from casework.sealing import keys
from tests.databases import let_take_its_time

T = TypeVar("T")


@contextmanager
def undone() -> Iterator[None]:
    """Do what follows inside a transaction of each database, as Django's own test case does."""

    class Case(TestCase):
        databases = "__all__"

    # What pytest-django does for its marks: names of bases are read of the class, which Django's types do not let one set.
    Case._validate_databases = lambda *_: frozenset(connections)  # type: ignore[attr-defined]  # private to Django
    Case.databases = frozenset(connections)  # type: ignore[assignment]  # declared as a set of names
    atomics = Case._enter_atomics()
    try:
        yield
    finally:
        Case._rollback_atomics(atomics)
        keys.forget()


def written_once(write: Callable[[], T]) -> Any:
    """Return a fixture of the module that holds what `write` returns; a test takes a copy of it, and savepoints do the rest."""

    @pytest.fixture(scope="module")
    def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[T]:
        with django_db_blocker.unblock(), undone():
            keys.forget()  # a key of the test before has no row in this database
            let_take_its_time()
            yield write()

    return standing
