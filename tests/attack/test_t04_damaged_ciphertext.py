"""T-04: flip, cut, extend or splice any byte of a sealed value: one error type, no other exception."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.errors import IntegrityFault
from casework.sealing import format as fmt
from casework.sealing import keyring
from tests.sealing.world import Person, new_person, opened, overwrite, stored, tables  # noqa: F401

pytestmark = pytest.mark.attack("T-04")

DEK = bytes(range(32))
KID = fmt.key_id(DEK)
RECORD, SUBJECT = UUID(int=7), UUID(int=9)
FIELD = Person._meta.get_field("surname")
CIPHER = fmt.field_cipher(DEK, FIELD.label_bytes)


@pytest.fixture(scope="module")
def ring():
    """A ring that knows one key, without a keystore."""
    made = keyring.Ring(frozenset({SUBJECT}))
    chain = keyring.Chain(SUBJECT, FIELD.drawer, [(1, KID, 1, b"")])
    chain._deks[KID] = DEK
    made._chains[(FIELD.drawer, SUBJECT)] = chain
    made._settled = made._loaded = True
    with pytest.MonkeyPatch.context() as patch:
        # A key id that the ring does not know is asked for once more: a rotation may have made it meanwhile.
        patch.setattr(keyring, "fetch", lambda subjects, drawers: ([chain], None))
        yield made


def sealed(text):
    return fmt.seal(CIPHER, KID, FIELD.aad_prefix, RECORD.bytes, SUBJECT.bytes, text)


def test_untouched_it_opens(ring):
    assert ring.open(FIELD, RECORD, SUBJECT, sealed(b"Belkacem")) == "Belkacem"


@settings(max_examples=150)
@given(data=st.data(), text=st.binary(max_size=80))
def test_any_damage_is_one_and_the_same_error(ring, data, text):
    blob, other = sealed(text.hex().encode()), sealed(b"another value")
    kind = data.draw(st.sampled_from(["flip", "cut", "extend", "splice", "drop"]))
    at = data.draw(st.integers(0, len(blob) - 1))
    if kind == "flip":
        damaged = blob[:at] + bytes([blob[at] ^ data.draw(st.integers(1, 255))]) + blob[at + 1 :]
    elif kind == "cut":
        damaged = blob[:at]
    elif kind == "extend":
        damaged = blob + data.draw(st.binary(min_size=1, max_size=40))
    elif kind == "drop":
        damaged = blob[:at] + blob[at + 1 :]
    else:
        at = max(at, 21)  # before the nonce the two are the same: the splice would be the other value, whole
        damaged = blob[:at] + other[at:]
    if damaged in (blob, other):  # two nonces may begin with the same byte
        return
    with pytest.raises(IntegrityFault) as caught:
        ring.open(FIELD, RECORD, SUBJECT, damaged)
    assert str(caught.value) == fmt.FAULT
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("at", [0, 2, 3, 4, 19, 20, 31, 32, 60, -1])
@pytest.mark.django_db(databases="__all__")
@pytest.mark.usefixtures("tables")
def test_in_the_database_too(at):
    person = new_person()
    blob = bytearray(stored(person, "surname"))
    blob[at] ^= 1
    overwrite(person, "surname", bytes(blob))
    with opened(person.id), pytest.raises(IntegrityFault):
        _ = Person.objects.get(pk=person.pk).surname


@pytest.mark.parametrize("blob", [b"C", b"CW\x01\x01", b"x" * 32, b"\0" * 5000])
@pytest.mark.django_db(databases="__all__")
@pytest.mark.usefixtures("tables")
def test_rubbish_in_the_column(blob):
    from casework.sealing import sweep

    person = new_person()
    overwrite(person, "surname", blob)
    with opened(person.id):
        with pytest.raises(IntegrityFault):
            _ = Person.objects.get(pk=person.pk).surname
        with pytest.raises(IntegrityFault):
            sweep.open_many(list(Person.objects.all()), "surname")


def test_a_plaintext_that_lies_about_its_length(ring):
    header = fmt.PREFIX + KID + bytes(12)
    plain = (61).to_bytes(4, "big") + bytes(60)
    aad = fmt.aad(FIELD.aad_prefix, RECORD.bytes, SUBJECT.bytes, header)
    with pytest.raises(IntegrityFault):
        ring.open(FIELD, RECORD, SUBJECT, header + CIPHER.encrypt(bytes(12), plain, aad))


def test_a_plaintext_that_is_not_a_text(ring):
    with pytest.raises(IntegrityFault) as caught:
        ring.open(FIELD, RECORD, SUBJECT, sealed(b"Belk\xff"))
    assert "Belk" not in repr(caught.value) + repr(
        caught.value.__context__ if not caught.value.__suppress_context__ else ""
    )
