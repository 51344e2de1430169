"""T-08, at the level of fields: sealed bytes pasted as text are a text like another."""

from __future__ import annotations

import base64

import pytest

from tests.sealing.world import Person, new_person, opened, stored, tables  # noqa: F401

pytestmark = [
    pytest.mark.attack("T-08"),
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("tables"),
]
FORMS = {
    "hex": lambda blob: blob.hex(),
    "base64": lambda blob: base64.b64encode(blob).decode(),
    "raw": lambda blob: blob.decode("latin-1"),
    "repr": repr,
    "escaped": lambda blob: "\\x" + blob.hex(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_stored_and_shown_as_that_text(form):
    victim, thief = new_person(surname="Secret"), new_person()
    pasted = form(stored(victim, "surname"))
    thief.first_name = pasted
    thief.facts = {"texte": pasted}
    assert thief.first_name == pasted
    thief.save()
    with opened(victim.id, thief.id):
        found = Person.objects.get(pk=thief.pk)
        assert found.first_name == pasted
        assert found.facts == {"texte": pasted}
        assert Person.objects.get(pk=victim.pk).surname == "Secret"


def test_bytes_are_not_a_text():
    blob = stored(new_person(), "surname")
    for value in (blob, memoryview(blob), bytearray(blob)):
        with pytest.raises(TypeError) as caught:
            Person(surname=value)
        assert "Person.surname takes a str" in str(caught.value)


def test_cleaning_does_not_decode():
    field = Person._meta.get_field("surname")
    text = base64.b64encode(b"bonjour").decode()
    assert field.to_python(text) == text
