"""T-05: equal texts differ, lengths say only the bucket, nothing looks like something."""

from __future__ import annotations

from datetime import date

import pytest

from casework.sealing import format as fmt
from tests.sealing.world import Person, new_person, opened, stored, tables  # noqa: F401

pytestmark = [
    pytest.mark.attack("T-05"),
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("tables"),
]
SMALLEST = 32 + 64 + 16


def test_the_same_text_twice_gives_different_bytes():
    person = new_person(surname="Martin", first_name="Martin")
    first = stored(person, "surname")
    person.surname = "Martine"
    person.save()
    person.surname = "Martin"
    person.save()
    assert stored(person, "surname") != first
    assert stored(person, "surname")[32:] != stored(person, "first_name")[32:]


@pytest.mark.parametrize("text", ["", "É", "x" * 60, None])
def test_short_texts_have_one_length(text):
    assert len(stored(new_person(surname=text), "surname")) == SMALLEST


@pytest.mark.parametrize(
    ("size", "bucket"),
    [(60, 64), (61, 256), (252, 256), (253, 1024), (1020, 1024), (1021, 4096), (4092, 4096), (4093, 16384),
     (16380, 16384), (16381, 32768), (40000, 49152)],
)  # fmt: skip
def test_longer_ones_fill_their_bucket(size, bucket):
    assert len(fmt.pad(b"x" * size)) == bucket


def test_nothing_looks_like_something():
    empty, full = new_person(), new_person(birth=date(2010, 5, 4), note="RAS", facts={"a": 1}, flat="12 B")
    for column in ("birth", "note", "facts", "flat"):
        one, other = stored(empty, column), stored(full, column)
        assert len(one) == len(other) == SMALLEST
        assert one[:4] == other[:4]
        assert Person.objects.filter(**{f"{column}__isnull": True}).count() == 0
    with opened(empty.id):
        found = Person.objects.get(pk=empty.pk)
        assert (found.birth, found.note, found.facts, found.flat) == (None, None, None, None)


def test_where_it_is_declared_null_shows():
    assert stored(new_person(), "open_null") is None


def test_a_thousand_nonces_differ():
    person = new_person()
    field = Person._meta.get_field("surname")
    from casework.sealing.keyring import Ring

    ring = Ring()
    assert len({ring.seal(field, person.id, person.id, b"x")[20:32] for _ in range(1000)}) == 1000
