"""Models that exist in tests only, in a registry of their own: no migration, no register, no check sees them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps.registry import Apps
from django.db import connection, models

from casework.sealing import gate, keys
from casework.sealing.fields import SealedDate, SealedJSON, SealedText
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel

registry = Apps(["tests.sealing"])


class Person(SealedModel):
    """A person: its own subject."""

    surname = SealedText(label="test.person.surname", data_class="test_identity", drawer="identity")
    first_name = SealedText(label="test.person.first_name", data_class="test_identity", drawer="identity")
    birth = SealedDate(label="test.person.birth", data_class="test_identity", drawer="identity")
    note = SealedText(label="test.person.note", data_class="test_content", max_length=200, blank=True)
    facts = SealedJSON(label="test.person.facts", data_class="test_content")
    flat = SealedText(label="test.person.flat", data_class="test_location", drawer="location")
    open_null = SealedText(label="test.person.open_null", data_class="test_content", hide_null=False)
    state = models.CharField(max_length=10, default="new")
    history = SealedHistory()

    class Meta:
        apps = registry
        app_label = "sealing_tests"


class Note(SealedModel):
    """A text about a person, in another table."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notes")
    text = SealedText(label="test.note.text", data_class="test_content")
    day = SealedDate(label="test.note.day", data_class="test_content", hide_null=False)

    class Meta:
        apps = registry
        app_label = "sealing_tests"


MODELS: list[Any] = [Person, Person.history.model, Note]
CLASSES = frozenset({"test_identity", "test_content", "test_location"})


@pytest.fixture(scope="session")
def tables(django_db_setup: None, django_db_blocker: Any) -> None:
    """Create the tables of these models, once per worker."""
    with django_db_blocker.unblock():
        existing = connection.introspection.table_names()
        with connection.schema_editor() as editor:
            for model in MODELS:
                if model._meta.db_table not in existing:
                    editor.create_model(model)


@contextmanager
def opened(*subjects: UUID, classes: frozenset[str] = CLASSES) -> Iterator[None]:
    """Open a gate on these subjects, without the event that audit would write."""
    with gate.opened(gate.Gate(subjects=frozenset(subjects), classes=classes, purpose="test")):
        yield


def new_person(**values: Any) -> Person:
    """Return a saved person with keys in every drawer."""
    pk = uuid4()
    keys.ensure(pk, drawers=("identity", "content", "location"))
    return Person.objects.create(id=pk, subject_id=pk, **{"surname": "Belkacem", **values})


def stored(row: Any, column: str) -> bytes | None:
    """Return the bytes of one cell, past the ORM."""
    with connection.cursor() as cursor:
        table, key = row._meta.db_table, row._meta.pk.column
        cursor.execute(
            f'SELECT "{column}" FROM "{table}" WHERE "{key}" = %s',
            [row._meta.pk.get_db_prep_value(row.pk, connection)],
        )
        found = cursor.fetchone()[0]
    return None if found is None else bytes(found)


def overwrite(row: Any, column: str, blob: bytes | None) -> None:
    """Write the bytes of one cell, as somebody with the database password would."""
    with connection.cursor() as cursor:
        table, key = row._meta.db_table, row._meta.pk.column
        cursor.execute(
            f'UPDATE "{table}" SET "{column}" = %s WHERE "{key}" = %s',
            [blob, row._meta.pk.get_db_prep_value(row.pk, connection)],
        )
