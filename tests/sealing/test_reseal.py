"""Sealing anew: one subject, one label, an older format; live rows and history; taken up after a kill."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection, connections

from casework.errors import IntegrityFault, Shredded
from casework.sealing import format as fmt
from casework.sealing import keyring, keys, reseal
from casework.sealing.models import SubjectKey
from casework.sealing.reseal import Wanted
from tests.sealing.test_rotation import Crash, CrashAt
from tests.sealing.world import MODELS, Note, Person, new_person, opened, overwrite, stored, tables  # noqa: F401

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("tables")]
History = Person.history.model
COLUMNS = ("surname", "first_name", "birth", "note", "facts", "flat", "open_null")


@pytest.fixture
def person():
    made = new_person(note="Absences", flat="3 rue des Lilas", facts={"école": "Camus"})
    made.note = "Absences répétées"
    made.save()
    Note.objects.create(person=made, subject_id=made.id, text="Vu mardi")
    return made


@pytest.fixture
def other():
    return new_person(surname="Martin", note="Rien")


def kids_of(person):
    """Return the key ids under which the values of a person lie, live and history."""
    rows = [*Person.objects.filter(pk=person.pk), *History.objects.filter(id=person.pk)]
    return {blob[4:20] for row in rows for column in COLUMNS if (blob := stored(row, column))}


def is_whole(person):
    keys.forget()
    person.refresh_from_db()
    with opened(person.id):
        assert (person.surname, person.note, person.flat) == ("Belkacem", "Absences répétées", "3 rue des Lilas")
        assert person.notes.get().text == "Vu mardi"
        assert [row.note for row in History.objects.filter(id=person.pk).order_by("history_id")] == [
            "Absences", "Absences répétées",
        ]  # fmt: skip


def do(person, **more):
    reseal.begin(person.id)
    done = reseal.run(Wanted(subject=person.id), models=MODELS, **more)
    assert reseal.finish(person.id, MODELS)
    return done


def test_every_value_of_one_subject_goes_under_its_new_key(person, other):
    before, others = kids_of(person), kids_of(other)
    done = do(person, batch=1)
    after = kids_of(person)
    assert len(after) == 3
    assert not (before & after)
    assert kids_of(other) == others
    assert done.unreadable == 0
    assert done.rows == 4  # the person, two versions, one note
    assert set(SubjectKey.objects.filter(subject_id=person.id).values_list("state", flat=True)) == {"live"}
    assert {bytes(k) for k in SubjectKey.objects.filter(subject_id=person.id).values_list("kid", flat=True)} == after
    is_whole(person)
    with opened(other.id):
        assert other.surname == "Martin"


def test_live_row_and_last_version_stay_alike_in_what_they_say(person):
    do(person)
    row, last = Person.objects.get(pk=person.pk), History.objects.filter(id=person.pk).latest("history_id")
    assert stored(row, "note") != stored(last, "note")  # each has its own nonce
    is_whole(person)
    row.surname = "Benali"
    row.save()
    with opened(person.id):
        assert Person.objects.get(pk=person.pk).surname == "Benali"


@pytest.mark.attack("T-10")
@pytest.mark.parametrize("alias", ["default", "keystore"])
@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_statement_it_is_taken_up_again(person, other, alias, after):
    at = 0
    while True:
        at += 1
        try:
            with connections[alias].execute_wrapper(CrashAt(at, after=after)):
                do(person, batch=2)
        except Crash:
            is_whole(person)
            do(person, batch=2)
            is_whole(person)
        else:
            break
    assert at > 4


def test_a_run_over_everything_does_nothing_twice(person, other):
    assert reseal.run(Wanted(), models=MODELS).values == 0
    reseal.begin(person.id)
    assert reseal.run(Wanted(), models=MODELS).rows == 4
    assert reseal.run(Wanted(), models=MODELS).values == 0


def test_one_label_is_sealed_afresh_and_nothing_else(person, other):
    before = {column: stored(person, column) for column in COLUMNS}
    done = reseal.run(Wanted(label="test.person.note", afresh=True), models=MODELS)
    assert done.values == 5  # two people, three versions
    after = {column: stored(person, column) for column in COLUMNS}
    assert [column for column in COLUMNS if before[column] != after[column]] == ["note"]
    is_whole(person)


# Format


OLD = fmt.MAGIC + b"\x00\x01"


def old_open(cipher, prefix, record, subject, blob):
    """A format of before: the same, without padding."""
    plain = cipher.decrypt(blob[20:32], blob[32:], fmt.aad(prefix, record, subject, blob[:32]))
    return None if plain == b"" else plain


def old_seal(row, column, text):
    field = type(row)._meta.get_field(column)
    ring = keyring.Ring(frozenset({row.subject_id}))
    kid = ring.chain(row.subject_id, field.drawer).newest
    header = OLD + kid + bytes(12)
    bound = fmt.aad(field.aad_prefix, row.id.bytes, row.subject_id.bytes, header)
    return header + ring.cipher(field, row.subject_id, kid).encrypt(bytes(12), text + bytes(64), bound)


@pytest.mark.attack("R-13")
def test_an_older_format_is_read_and_sealed_in_the_present_one(person, other, monkeypatch):
    from casework.sealing import sweep

    monkeypatch.setitem(fmt.READERS, OLD, lambda *args: old_open(*args).rstrip(b"\x00"))
    overwrite(person, "surname", old_seal(person, "surname", b"Belkacem"))
    keys.forget()
    rows = list(Person.objects.filter(pk__in=[person.pk, other.pk]))
    with opened(person.id, other.id):
        sweep.open_many(rows, "surname", "note")
        assert {row.surname for row in rows} == {"Belkacem", "Martin"}
    assert reseal.run(Wanted(), models=MODELS).values == 1
    assert stored(person, "surname")[:4] == fmt.PREFIX
    is_whole(person)


def test_a_sweep_still_refuses_what_is_damaged_beside_an_older_format(person, other, monkeypatch):
    from casework.sealing import sweep

    monkeypatch.setitem(fmt.READERS, OLD, lambda *args: old_open(*args).rstrip(b"\x00"))
    overwrite(person, "surname", old_seal(person, "surname", b"Belkacem"))
    blob = stored(other, "surname")
    overwrite(other, "surname", blob[:-1] + bytes([blob[-1] ^ 1]))
    with opened(person.id, other.id), pytest.raises(IntegrityFault):
        sweep.open_many(Person.objects.filter(pk__in=[person.pk, other.pk]), "surname")


# What does not open


def test_a_damaged_value_is_left_with_its_key(person):
    blob = stored(person, "note")
    bad = blob[:-1] + bytes([blob[-1] ^ 1])
    overwrite(person, "note", bad)
    reseal.begin(person.id)
    done = reseal.run(Wanted(subject=person.id), models=MODELS)
    assert done.unreadable == 1
    assert stored(person, "note") == bad
    assert not reseal.finish(person.id, MODELS)
    assert SubjectKey.objects.filter(subject_id=person.id, state="rotating").count() == 3


def test_a_value_of_somebody_else_put_here_is_not_resealed_as_ours(person, other):
    overwrite(person, "note", stored(other, "note"))
    reseal.begin(person.id)
    assert reseal.run(Wanted(subject=person.id), models=MODELS).unreadable == 1
    assert stored(person, "note") == stored(other, "note")


def test_whoever_was_erased_gets_no_new_key(person):
    keys.erase(person.id)
    with pytest.raises(Shredded):
        reseal.begin(person.id)
    with pytest.raises(Shredded):
        reseal.begin(uuid4())
    assert reseal.run(Wanted(subject=person.id), models=MODELS).values == 0


# Readers and writers meanwhile


@pytest.mark.attack("T-10")
def test_who_read_the_row_before_opens_it_after(person):
    """The row as it was, the keys as they are: the former key is still there until `finish`."""
    before = Person.objects.get(pk=person.pk)
    reseal.begin(person.id)
    reseal.run(Wanted(subject=person.id), models=MODELS)
    keys.forget()
    with opened(person.id):
        assert before.note == "Absences répétées"


@pytest.mark.attack("T-10")
def test_who_holds_the_keys_of_before_opens_what_is_sealed_after(person):
    with opened(person.id):
        assert Person.objects.get(pk=person.pk).surname == "Belkacem"
        do(person)
        assert Person.objects.get(pk=person.pk).note == "Absences répétées"


@pytest.mark.attack("T-10")
def test_a_row_written_back_with_its_old_bytes_keeps_the_former_key_alive(person):
    before = Person.objects.get(pk=person.pk)
    reseal.begin(person.id)
    reseal.run(Wanted(subject=person.id), models=MODELS)
    before.state = "old"
    before.save()  # the sealed columns go back as they were read
    assert not reseal.finish(person.id, MODELS)
    reseal.run(Wanted(subject=person.id), models=MODELS)
    assert reseal.finish(person.id, MODELS)
    keys.forget()
    with opened(person.id):
        assert Person.objects.get(pk=person.pk).note == "Absences répétées"


def test_no_clear_text_goes_to_the_database(person):
    seen = []

    def watch(execute, sql, params, many, context):
        seen.append(repr(params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch), connections["keystore"].execute_wrapper(watch):
        do(person)
    assert seen
    assert not [line for line in seen if "Belkacem" in line or "Lilas" in line]
