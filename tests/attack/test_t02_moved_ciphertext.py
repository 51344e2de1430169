"""T-02: sealed bytes moved by SQL to another row, column, subject or table never open."""

from __future__ import annotations

import pytest
from django.db import connection

from casework.errors import IntegrityFault
from casework.sealing import sweep
from tests.sealing.world import Note, Person, new_person, opened, overwrite, stored, tables  # noqa: F401

pytestmark = [
    pytest.mark.attack("T-02"),
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("tables"),
]


@pytest.fixture(params=["cold", "warm"])
def two(request):
    """Two people, in a process that never opened them, then in one that has everything at hand."""
    people = new_person(surname="Belkacem", note="a", flat="1 rue A"), new_person(surname="Lefebvre", note="b")
    if request.param == "warm":
        with opened(*(p.id for p in people)):
            sweep.open_many(list(Person.objects.all()))
    return people


def refused(row, column, *subjects):
    """Both ways of reading refuse the cell, and nothing is left open."""
    model = type(row)
    with opened(*subjects):
        found = model._base_manager.get(pk=row.pk)
        with pytest.raises(IntegrityFault) as one:
            getattr(found, column)
        page = list(model._base_manager.all())
        with pytest.raises(IntegrityFault) as many:
            sweep.open_many(page, column)
        assert str(one.value) == str(many.value)
        for each in (one.value, many.value):
            assert each.__suppress_context__ or each.__context__ is None
        assert all(r.__dict__[column] is None or r.__dict__[column].gate is None for r in page)


def test_the_same_cell_opens(two):
    """The control of the others: without a move, it opens."""
    with opened(*(p.id for p in two)):
        people = list(Person.objects.order_by("pk"))
        sweep.open_many(people, "surname")
        assert {p.surname for p in people} == {"Belkacem", "Lefebvre"}
        assert Person.objects.get(pk=two[0].pk).surname == "Belkacem"


def test_another_row_of_another_subject(two):
    one, other = two
    overwrite(one, "surname", stored(other, "surname"))
    refused(one, "surname", one.id, other.id)


def test_another_row_of_the_same_subject(two):
    one, other = two
    first = Note.objects.create(subject_id=one.id, person=one, text="premier")
    second = Note.objects.create(subject_id=one.id, person=one, text="second")
    overwrite(first, "text", stored(second, "text"))
    refused(first, "text", one.id, other.id)


@pytest.mark.parametrize(("source", "target"), [("surname", "first_name"), ("note", "facts"), ("note", "open_null")])
def test_another_column_of_the_same_row(two, source, target):
    one, other = two
    overwrite(one, target, stored(one, source))
    refused(one, target, one.id, other.id)


def test_another_drawer_of_the_same_row(two):
    one, other = two
    overwrite(one, "surname", stored(one, "flat"))
    refused(one, "surname", one.id, other.id)


def test_another_table(two):
    one, other = two
    note = Note.objects.create(id=one.id, subject_id=one.id, person=one, text="mot")
    overwrite(note, "text", stored(one, "note"))
    refused(note, "text", one.id, other.id)


def test_the_subject_of_the_row_is_changed(two):
    one, other = two
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{Person._meta.db_table}" SET subject_id = %s WHERE id = %s',
            [Person._meta.get_field("subject_id").get_db_prep_value(x, connection) for x in (other.id, one.id)],
        )
    refused(one, "surname", one.id, other.id)


def test_the_live_row_into_the_history_of_another(two):
    one, other = two
    history = Person.history.model._base_manager.get(id=other.id)
    overwrite(history, "surname", stored(one, "surname"))
    with opened(one.id, other.id), pytest.raises(IntegrityFault):
        _ = Person.history.model._base_manager.get(pk=history.pk).surname


def test_the_history_of_another_into_the_live_row(two):
    one, other = two
    history = Person.history.model._base_manager.get(id=other.id)
    overwrite(one, "surname", stored(history, "surname"))
    refused(one, "surname", one.id, other.id)


def test_a_value_carried_in_memory_from_one_instance_to_another(two):
    one, other = two
    with opened(one.id, other.id):
        left, right = Person.objects.get(pk=one.pk), Person.objects.get(pk=other.pk)
        assert left.surname == "Belkacem"
        right.surname = left.__dict__["surname"]  # opened already: its text must not come with it
        assert left.surname == "Belkacem"
        with pytest.raises(IntegrityFault):
            _ = right.surname
