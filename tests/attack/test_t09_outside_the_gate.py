"""T-09: outside a gate that covers it, no attribute gives a sealed value, wherever it is read."""

from __future__ import annotations

import threading

import pytest
from django.db.models.signals import post_init, post_save
from django.template import Context, Engine

from casework.errors import Unaudited
from casework.sealing import gate, sweep
from tests.sealing.world import Note, Person, new_person, opened, stored, tables  # noqa: F401

pytestmark = [
    pytest.mark.attack("T-09"),
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("tables"),
]
COLUMNS = ("surname", "first_name", "birth", "note", "facts", "flat")


@pytest.fixture
def person():
    return new_person(surname="Belkacem", note="mot")


@pytest.mark.parametrize("column", COLUMNS)
def test_no_gate(person, column):
    with pytest.raises(Unaudited):
        getattr(person, column)
    with pytest.raises(Unaudited):
        getattr(Person.objects.get(pk=person.pk), column)
    with pytest.raises(Unaudited):
        sweep.open_many([Person.objects.get(pk=person.pk)], column)


def test_a_gate_on_somebody_else(person):
    other = new_person()
    row = Person.objects.get(pk=person.pk)
    with opened(other.id):
        with pytest.raises(Unaudited):
            _ = row.surname
        with pytest.raises(Unaudited):
            sweep.open_many([Person.objects.get(pk=other.pk), row], "surname")
        assert all(p.__dict__["surname"].gate is None for p in (row,))


def test_a_gate_on_another_class(person):
    with opened(person.id, classes=frozenset({"test_content"})):
        row = Person.objects.get(pk=person.pk)
        assert row.note == "mot"
        with pytest.raises(Unaudited):
            _ = row.surname
        with pytest.raises(Unaudited):
            sweep.open_many([row], "note", "surname")


def test_two_gates_are_not_their_product(person):
    """One gate on A for identity and one on B for content do not open A's content."""
    other = new_person(note="autre")
    identity, content = frozenset({"test_identity"}), frozenset({"test_content"})
    with opened(person.id, classes=identity), opened(other.id, classes=content):
        rows = [Person.objects.get(pk=p.pk) for p in (person, other)]
        assert (rows[0].surname, rows[1].note) == ("Belkacem", "autre")
        for attempt in (lambda: rows[0].note, lambda: rows[1].surname):
            with pytest.raises(Unaudited):
                attempt()
        with pytest.raises(Unaudited):
            sweep.open_many(rows, "note")
        with pytest.raises(Unaudited):
            sweep.open_many(rows, "surname", "note")


def test_what_was_opened_closes_with_the_gate(person):
    row = Person.objects.get(pk=person.pk)
    with opened(person.id):
        sweep.open_many([row], *COLUMNS)
        assert row.surname == "Belkacem"
    with pytest.raises(Unaudited):
        _ = row.surname
    with opened(new_person().id), pytest.raises(Unaudited):
        _ = row.surname


def test_after_an_error_the_gate_is_closed(person):
    row = Person.objects.get(pk=person.pk)

    def fail():
        with opened(person.id):
            assert row.surname == "Belkacem"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not gate.covers(person.id, "test_identity")
    with pytest.raises(Unaudited):
        _ = row.surname


def test_in_a_template(person):
    template = Engine().from_string("[{{ person.surname }}]")
    with pytest.raises(Unaudited):
        template.render(Context({"person": person}))


@pytest.mark.parametrize("signal", [post_init, post_save])
def test_in_a_signal(person, signal):
    caught = []

    def spy(sender, instance, **kwargs):
        try:
            caught.append(instance.surname)
        except Unaudited as refusal:
            caught.append(refusal)

    signal.connect(spy, sender=Person)
    try:
        Person.objects.get(pk=person.pk).save()
    finally:
        signal.disconnect(spy, sender=Person)
    assert caught
    assert all(isinstance(each, Unaudited) for each in caught)


def test_in_history(person):
    row = Person.history.model._base_manager.get(id=person.id)
    for attempt in (lambda: row.surname, lambda: row.instance.surname, lambda: row.history_object.surname):
        with pytest.raises(Unaudited):
            attempt()
    with opened(person.id):
        assert row.surname == row.instance.surname == row.history_object.surname == "Belkacem"


def test_through_a_relation(person):
    note = Note.objects.create(subject_id=person.id, person=person, text="mot")
    with pytest.raises(Unaudited):
        _ = Note.objects.get(pk=note.pk).person.surname


def test_in_another_thread(person):
    """A gate belongs to the request that opened it."""
    caught = []

    def spy():
        caught.append(gate.covers(person.id, "test_identity"))
        try:
            caught.append(row.surname)
        except Unaudited as refusal:
            caught.append(refusal)

    row = Person.objects.get(pk=person.pk)
    with opened(person.id):
        assert row.surname == "Belkacem"
        thread = threading.Thread(target=spy)
        thread.start()
        thread.join()
    assert caught[0] is False
    assert isinstance(caught[1], Unaudited)


def test_full_clean_opens_nothing(person):
    with pytest.raises(Unaudited):
        Person.objects.get(pk=person.pk).full_clean()


def test_saving_needs_no_gate(person):
    row = Person.objects.get(pk=person.pk)
    before = stored(row, "surname")
    row.state = "seen"
    row.save()
    assert stored(row, "surname") == before
