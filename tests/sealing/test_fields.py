"""Sealed fields: what is written, what comes back, what is left alone."""

from __future__ import annotations

from datetime import date, datetime
from uuid import uuid4

import pytest
from django.core.exceptions import FieldError
from django.db import connections, models, transaction
from django.test.utils import CaptureQueriesContext, isolate_apps

from casework.errors import InputRefused, Shredded, Unaudited
from casework.sealing import keys
from casework.sealing.fields import Pending, Sealed, SealedDate, SealedJSON, SealedText
from casework.sealing.history import acting
from casework.sealing.keyring import DRAWERS
from casework.sealing.models import SealedModel
from tests.sealing.world import Note, Person, new_person, opened, overwrite, stored, tables  # noqa: F401

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("tables")]

VALUES = [
    ("surname", "Nguyễn-Lefèvre d’Été 🌻"),
    ("surname", ""),
    ("surname", None),
    ("surname", "x" * 300),
    ("surname", "a\0b\n"),
    ("note", "x" * 200),
    ("birth", date(2008, 2, 29)),
    ("birth", None),
    ("facts", {"é": [1, True, None, "x"], "a": {"b": []}}),
    ("facts", []),
    ("facts", ""),
    ("facts", False),
    ("facts", 0),
    ("facts", None),
    ("flat", "B12"),
    ("open_null", "x"),
    ("open_null", None),
]


@pytest.mark.parametrize(("column", "value"), VALUES, ids=repr)
def test_what_is_written_comes_back(column, value):
    person = new_person(**{column: value})
    with opened(person.id):
        found = Person.objects.get(pk=person.pk)
        assert getattr(found, column) == value
        assert type(getattr(found, column)) is type(value)
        assert type(found.__dict__[column]) is Sealed or (column == "open_null" and value is None)


def test_nothing_clear_reaches_the_database():
    person = new_person(surname="Kanarienvogel", facts=["Kanarienvogel"])
    for column in ("surname", "facts"):
        assert b"Kanarienvogel" not in stored(person, column)


def test_an_assigned_value_reads_back_until_it_is_saved():
    person = new_person()
    person.surname = "Lefebvre"
    assert person.surname == "Lefebvre"
    assert type(person.__dict__["surname"]) is Pending
    person.save()
    assert type(person.__dict__["surname"]) is Sealed
    with pytest.raises(Unaudited):
        _ = person.surname


def test_saving_an_unchanged_field_writes_the_same_bytes_and_touches_no_key():
    person = new_person(note="a", facts={"b": 1})
    found = Person.objects.get(pk=person.pk)
    before = {c: stored(person, c) for c in ("surname", "note", "facts", "birth", "flat")}
    found.state = "seen"
    with CaptureQueriesContext(connections["keystore"]) as queries:
        found.save()
    assert len(queries) == 0
    assert {c: stored(person, c) for c in before} == before


def test_assigning_what_was_read_changes_nothing():
    person = new_person(surname="Belkacem", birth=date(2010, 1, 2), facts={"a": 1})
    before = {c: stored(person, c) for c in ("surname", "birth", "facts")}
    found = Person.objects.get(pk=person.pk)
    with opened(person.id):
        found.surname, found.birth, found.facts = found.surname, found.birth, dict(found.facts)
        found.save()
    assert {c: stored(person, c) for c in before} == before


def test_only_the_changed_field_gets_new_bytes():
    person = new_person(note="a")
    before = stored(person, "note")
    person.surname = "Autre"
    person.save()
    assert stored(person, "note") == before


def test_saving_some_fields_leaves_the_others():
    person = new_person()
    before = stored(person, "surname")
    person.surname, person.state = "Autre", "seen"
    person.save(update_fields=["state"])
    assert stored(person, "surname") == before
    assert person.surname == "Autre"
    person.save(update_fields=["surname"])
    with opened(person.id):
        assert Person.objects.get(pk=person.pk).surname == "Autre"


def test_bulk_create_seals():
    one, two = uuid4(), uuid4()
    keys.ensure(one, two, drawers=DRAWERS)
    Person.objects.bulk_create([Person(id=pk, subject_id=pk, surname="Kanarienvogel") for pk in (one, two)])
    with opened(one, two):
        assert {p.surname for p in Person.objects.all()} == {"Kanarienvogel"}


def test_a_write_asks_for_the_keys_of_a_subject_once():
    pk = uuid4()
    keys.ensure(pk, drawers=("identity", "content", "location"))
    keys.forget()
    person = Person(id=pk, subject_id=pk, surname="a", first_name="b", note="c", facts=[1], flat="d", open_null="e")
    with acting(None), CaptureQueriesContext(connections["keystore"]) as queries:
        person.save()
        Note.objects.create(subject_id=pk, person=person, text="x")
    assert len(queries) == 1


def test_a_json_value_is_fresh_each_time():
    person = new_person(facts={"a": [1]})
    with opened(person.id):
        found = Person.objects.get(pk=person.pk)
        found.facts["a"].append(2)
        assert found.facts == {"a": [1]}


def test_json_is_canonical():
    field = Person._meta.get_field("facts")
    assert field.encode({"b": 1, "a": "é"}) == '{"a":"é","b":1}'


@pytest.mark.parametrize(
    ("column", "value"),
    [("surname", 3), ("surname", ["x"]), ("birth", "2010-01-01"), ("birth", datetime(2010, 1, 1)),  # noqa: DTZ001
     ("facts", 1.5), ("facts", {"a": {1}}), ("facts", {1: "a"}), ("facts", date(2010, 1, 1)), ("facts", b"x")],
    ids=repr,
)  # fmt: skip
def test_another_type_is_refused_without_showing_the_value(column, value):
    with pytest.raises(TypeError) as caught:
        Person(**{column: value})
    assert str(value) not in str(caught.value)


def test_a_text_that_is_too_long_is_refused():
    person = new_person()
    person.note = "x" * 201
    with pytest.raises(InputRefused, match="200 caractères") as caught:
        person.save()
    assert caught.value.field == "note"


def test_a_text_that_is_not_unicode_is_refused():
    with pytest.raises(InputRefused):
        new_person(surname="\ud800")


def test_without_a_key_nothing_is_written():
    pk = uuid4()
    with pytest.raises(Shredded), transaction.atomic():
        Person.objects.create(id=pk, subject_id=pk, surname="x")
    assert not Person.objects.filter(pk=pk).exists()


def test_without_a_subject_nothing_is_written():
    with pytest.raises(FieldError, match="subject_id"), transaction.atomic():
        Person.objects.create(surname="x")


def test_ids_given_as_text_bind_alike():
    pk = uuid4()
    keys.ensure(pk, drawers=DRAWERS)
    Person.objects.create(id=str(pk), subject_id=str(pk), surname="x")
    with opened(pk):
        assert Person.objects.get(pk=pk).surname == "x"


def test_bytes_of_a_new_column_read_as_nothing_and_stay():
    """What a schema change leaves in old rows."""
    person = new_person()
    overwrite(person, "surname", b"")
    found = Person.objects.get(pk=person.pk)
    with opened(person.id):
        assert found.surname is None
    found.save()
    assert stored(person, "surname") == b""


def test_null_where_it_shows_needs_no_gate():
    found = Person.objects.get(pk=new_person().pk)
    assert found.open_null is None
    found.save()
    assert stored(found, "open_null") is None
    found.open_null = "x"
    found.save()
    assert stored(found, "open_null") is not None
    found.open_null = None
    found.save()
    assert stored(found, "open_null") is None


def test_a_migration_writes_label_drawer_and_class():
    field = SealedText("nom", label="a.b.c", data_class="youth_identity", drawer="identity", max_length=80)
    _, path, args, kwargs = field.deconstruct()
    assert path == "casework.sealing.fields.SealedText"
    assert (args, kwargs) == (
        [],
        {
            "verbose_name": "nom",
            "label": "a.b.c",
            "data_class": "youth_identity",
            "drawer": "identity",
            "max_length": 80,
        },
    )
    again = SealedText(**kwargs)
    assert again.deconstruct()[1:] == field.deconstruct()[1:]
    plain = SealedDate(label="a.b.d", data_class="x", hide_null=False)
    assert plain.deconstruct()[3] == {"label": "a.b.d", "data_class": "x", "hide_null": False}
    assert plain.null
    assert SealedJSON(label="a.b.e", data_class="x", blank=True).deconstruct()[3]["blank"] is True


def test_an_unknown_drawer_is_refused():
    with pytest.raises(ValueError):
        SealedText(label="a.b.c", data_class="x", drawer="attic")


@isolate_apps("tests.sealing")
def test_a_model_without_what_binds_a_value_fails_the_checks():
    class Loose(models.Model):  # noqa: DJ008
        text = SealedText(label="a.b.c", data_class="x")

        class Meta:
            app_label = "sealing_tests"

    class Good(SealedModel):
        text = SealedText(label="a.b.c", data_class="x")

        class Meta:
            app_label = "sealing_tests"

    assert {problem.id for problem in Loose._meta.get_field("text").check()} == {"sealing.E001", "sealing.E002"}
    assert Good._meta.get_field("text").check() == []


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_a_rolled_back_write_leaves_a_row_that_still_opens():
    person = new_person(surname="Avant")

    def fail():
        with transaction.atomic():
            person.surname = "Après"
            person.save()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    try:
        with opened(person.id):
            assert Person.objects.get(pk=person.pk).surname == "Avant"
    finally:
        Person.history.model._base_manager.all().delete()
        Person.objects.all().delete()
        Person.history.model._base_manager.all().delete()
