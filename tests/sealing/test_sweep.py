"""Opening a page: one keystore query, every value once, and the same answers as one by one."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.errors import IntegrityFault, KeystoreUnavailable, Shredded, Unaudited
from casework.sealing import format as fmt
from casework.sealing import keyring, keys, sweep
from casework.sealing.fields import Sealed
from tests.sealing.world import Note, Person, new_person, opened, overwrite, tables  # noqa: F401

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("tables")]
IDENTITY = ("surname", "first_name", "birth")


def page():
    return list(Person.objects.order_by("pk"))


def keystore_queries(work):
    with CaptureQueriesContext(connections["keystore"]) as queries:
        work()
    return len(queries)


@pytest.mark.parametrize("number", [1, 7])
@pytest.mark.parametrize("cold", [True, False])
def test_one_keystore_query_whatever_the_page(number, cold):
    people = [new_person(surname=f"N{i}", note="x") for i in range(number)]
    with opened(*(p.id for p in people)):
        sweep.open_many(page())
    if cold:
        keys.forget()
    rows = page()
    with opened(*(p.id for p in people)):
        assert keystore_queries(lambda: sweep.open_many(rows)) == 1
        assert keystore_queries(lambda: [(p.surname, p.note, p.birth, p.facts) for p in rows]) == 0
        assert keystore_queries(lambda: sweep.open_many(page(), "surname")) == 0


def test_one_keystore_query_when_some_keys_are_known():
    first = new_person()
    with opened(first.id):
        sweep.open_many(page())
    others = [new_person() for _ in range(3)]
    keyring.cache._identity.pop(others[0].id)
    with opened(first.id, *(p.id for p in others)):
        assert keystore_queries(lambda: sweep.open_many(page(), *IDENTITY)) == 1


def test_one_keystore_query_for_single_reads_too():
    people = [new_person() for _ in range(3)]
    keys.forget()
    with opened(*(p.id for p in people)):
        rows = page()
        assert keystore_queries(lambda: [(p.surname, p.note, p.flat) for p in rows]) == 1


def test_the_query_has_one_shape_whatever_the_number():
    shapes = set()

    def note(execute, sql, params, many, context):
        shapes.add(sql)
        return execute(sql, params, many, context)

    for number in (1, 4):
        people = [new_person() for _ in range(number)]
        keys.forget()
        with opened(*(p.id for p in people)), connections["keystore"].execute_wrapper(note):
            sweep.open_many(list(Person.objects.filter(pk__in=[p.pk for p in people])), "surname")
    assert len(shapes) == 1


def test_values_are_those_of_the_descriptor():
    people = [
        new_person(surname=None, birth=date(2010, 1, 1), note="", facts={"a": 1}, open_null="x"),
        new_person(surname="é" * 500, note="x" * 61, facts=[], flat=None),
        new_person(surname="x" * 60, first_name="x" * 300),
    ]
    columns = ("surname", "first_name", "birth", "note", "facts", "flat", "open_null")
    with opened(*(p.id for p in people)):
        alone = [[getattr(row, c) for c in columns] for row in page()]
        rows = page()
        sweep.open_many(rows)
        assert all(row.__dict__[c].gate for row in rows for c in IDENTITY)
        assert [[getattr(row, c) for c in columns] for row in rows] == alone


@settings(max_examples=40)
@given(texts=st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=90), max_size=6))
def test_any_text(texts):
    """Around the edges of the first buckets, in every alphabet."""
    field = Person._meta.get_field("surname")
    subjects = [uuid4() for _ in texts]
    keys.ensure(*subjects)
    ring = keyring.Ring(frozenset(subjects))
    rows = []
    for subject, text in zip(subjects, texts, strict=True):
        blob = ring.seal(field, subject, subject, None if text is None else text.encode())
        rows.append(Person(id=subject, subject_id=subject, surname=Sealed(blob)))
    for _ in range(2):  # the second time with openers at hand
        with opened(*subjects):
            sweep.open_many(rows, "surname")
            assert [row.surname for row in rows] == texts


def test_several_models_nested_gates_and_pending_values():
    one, two = new_person(surname="Un"), new_person(surname="Deux")
    note = Note.objects.create(subject_id=two.id, person=two, text="mot")
    note.text = "pas encore"
    rows = [*page(), Note.objects.get(), note]
    with opened(one.id), opened(two.id):
        sweep.open_many(rows)
        assert {r.surname for r in rows[:2]} == {"Un", "Deux"}
        assert (rows[2].text, rows[2].day, note.text) == ("mot", None, "pas encore")


def test_deferred_columns_are_loaded():
    person = new_person(surname="Un")
    with opened(person.id):
        rows = list(Person.objects.defer("surname"))
        sweep.open_many(rows, "surname", "first_name")
        assert rows[0].surname == "Un"


def test_an_empty_page_asks_nothing():
    with opened():
        assert keystore_queries(lambda: sweep.open_many([])) == 0
    sweep.open_many([])


def test_a_clear_column_is_refused():
    person = new_person()
    with opened(person.id), pytest.raises(TypeError):
        sweep.open_many([person], "state")


def test_one_bad_value_shows_nothing_of_the_page():
    people = [new_person(surname=f"N{i}") for i in range(4)]
    overwrite(people[2], "surname", b"CW\x01\x01" + bytes(140))
    rows = page()
    for _ in range(2):
        with opened(*(p.id for p in people)):
            with pytest.raises(IntegrityFault):
                sweep.open_many(rows, "surname")
            assert all(row.__dict__["surname"].gate is None for row in rows)


def test_a_subject_outside_the_gate_shows_nothing_of_the_page():
    people = [new_person() for _ in range(3)]
    with opened(*(p.id for p in people)):
        sweep.open_many(page(), "surname")  # openers of all three are now at hand
    rows = page()
    with opened(people[0].id, people[1].id):
        with pytest.raises(Unaudited):
            sweep.open_many(rows, "surname")
        assert all(row.__dict__["surname"].gate is None for row in rows)


def test_destroyed_keys_are_noticed_by_a_process_that_had_them():
    """T-11, the part of sealing: a warm cache refuses at its next gate."""
    one, two = new_person(), new_person()
    for column in ("surname", "note"):
        with opened(one.id, two.id):
            sweep.open_many(page(), column)
    elsewhere = dict(vars(keyring.cache))
    keys.erase(one.id)
    vars(keyring.cache).update(elsewhere)  # this process did not see the erasure
    for column in ("surname", "note"):
        with opened(one.id, two.id):
            with pytest.raises(Shredded):
                sweep.open_many(page(), column)
            with pytest.raises(Shredded):
                getattr(Person.objects.get(pk=one.pk), column)
            assert getattr(Person.objects.get(pk=two.pk), column) in ("Belkacem", None)
        vars(keyring.cache).update(elsewhere)


def test_the_cache_is_bounded(monkeypatch):
    monkeypatch.setattr(keyring, "IDENTITY_KEYS", 3)
    monkeypatch.setattr(keyring, "OTHER_KEYS", 2)
    monkeypatch.setattr(keyring, "OPENERS", 4)
    people = [new_person(surname=f"N{i}", note="x") for i in range(6)]
    for _ in range(2):
        with opened(*(p.id for p in people)):
            rows = page()
            sweep.open_many(rows)
            assert {r.surname for r in rows} == {f"N{i}" for i in range(6)}
    assert len(keyring.cache._identity) <= 3
    assert len(keyring.cache._other) <= 2
    assert keyring.cache._opener_count <= 4


def test_content_keys_leave_the_process_after_five_minutes(monkeypatch):
    person = new_person(note="x")
    with opened(person.id):
        assert Person.objects.get(pk=person.pk).note == "x"
    assert keyring.cache.get(person.id, "content")
    now = keyring.time.monotonic()
    monkeypatch.setattr(keyring.time, "monotonic", lambda: now + 301)
    assert keyring.cache.get(person.id, "content") is None
    assert keyring.cache.get(person.id, "identity")


def test_a_gate_forgets_its_keys_when_it_closes():
    from casework.sealing import gate

    person = new_person()
    with opened(person.id):
        standing = gate.open_gates()[-1]
        sweep.open_many(page())
        assert standing.ring._chains
    assert not standing.ring._chains
    assert not standing.ring._local
    assert not standing.ring._ciphers


def test_no_keystore_no_value(monkeypatch):
    from django.db import OperationalError

    person = new_person()
    row = Person.objects.get(pk=person.pk)

    def down(*args):
        raise OperationalError("down")

    monkeypatch.setattr(keyring, "fetch", down)
    monkeypatch.setattr(keyring, "read_generation", down)
    for attempt in (lambda: row.surname, lambda: sweep.open_many([row])):
        with opened(person.id), pytest.raises(KeystoreUnavailable) as caught:
            attempt()
        assert caught.value.__suppress_context__
    assert fmt.FAULT not in keyring.NO_KEYSTORE


def bare_page(*columns):
    names = ("id", "subject_id", *columns)
    return [sweep.bare(Person, **dict(zip(names, row, strict=True))) for row in Person.objects.values_list(*names)]


def test_a_bare_instance_is_as_guarded_as_any():
    one, other = new_person(surname="Un"), new_person(surname="Deux")
    rows = {row.id: row for row in bare_page("surname")}
    with pytest.raises(Unaudited):
        rows[one.id].surname  # noqa: B018
    with opened(one.id):
        sweep.open_many([rows[one.id]], "surname")
        assert rows[one.id].surname == "Un"
        with pytest.raises(Unaudited):
            sweep.open_many(rows.values(), "surname")
        with pytest.raises(Unaudited):
            rows[other.id].surname  # noqa: B018
    with pytest.raises(Unaudited):
        rows[one.id].surname  # noqa: B018
    assert "Un" not in repr(vars(rows[one.id]))


def test_a_bare_instance_takes_stored_bytes_and_nothing_stored():
    person = new_person(surname="Un", first_name=None)
    blob = Person.objects.values_list("surname", flat=True).get().blob
    row = sweep.bare(Person, id=person.id, subject_id=person.id, surname=blob, birth=None)
    moved = sweep.bare(Person, id=uuid4(), subject_id=person.id, surname=blob)
    with opened(person.id):
        sweep.open_many([row], "surname", "birth")
        assert (row.surname, row.birth) == ("Un", None)
        with pytest.raises(IntegrityFault):
            sweep.open_many([moved], "surname")


def test_two_bare_instances_never_share_what_was_opened():
    new_person(surname="Un")
    first = bare_page("surname")[0]
    with opened(first.id):
        sweep.open_many([first], "surname")
        second = sweep.bare(Person, id=first.id, subject_id=first.id, surname=vars(first)["surname"])
        assert vars(second)["surname"] is not vars(first)["surname"]
        assert vars(second)["surname"].gate is None
