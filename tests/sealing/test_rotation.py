"""A new master-key epoch: all keys move, at any instant all of them open, a kill is taken up again."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import connections

from casework.errors import IntegrityFault, KeystoreUnavailable, Shredded
from casework.sealing import format as fmt
from casework.sealing import keyring, keys, locks, providers, rotation
from casework.sealing.models import KekEpoch, SubjectKey, SystemKey
from casework.sealing.providers import FileProvider, provider
from casework.sealing.status import status
from tests.sealing.world import new_person, opened, tables  # noqa: F401

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("tables")]


@pytest.fixture(autouse=True)
def file_keys(settings, tmp_path):
    """Keys in files: what is destroyed is destroyed for every process."""
    settings.KEK_PROVIDER, settings.KEK_DIR = "file", tmp_path / "kek"
    keys.forget()
    keys.initialise()
    yield
    keys.forget()
    providers._made.clear()


@pytest.fixture
def people():
    return [new_person(surname=f"Nom {n}", note="Absences", flat="3 rue des Lilas") for n in range(3)]


def all_open(people) -> None:
    """Check, as a process that knows nothing, that every value and every system key opens."""
    keys.forget()
    for n, person in enumerate(people):
        person.refresh_from_db()
        with opened(person.id):
            assert (person.surname, person.note, person.flat) == (f"Nom {n}", "Absences", "3 rue des Lilas")


def test_every_key_moves_and_nothing_else_changes(people):
    secret = keys.system_key("test.purpose")
    before = {bytes(kid): bytes(wrapped) for kid, wrapped in SubjectKey.objects.values_list("kid", "wrapped")}
    done = rotation.rotate(batch=2)
    assert done == rotation.Rotation(epoch=2, moved=len(before) + 1)
    after = {bytes(kid): bytes(wrapped) for kid, wrapped in SubjectKey.objects.values_list("kid", "wrapped")}
    assert before.keys() == after.keys()
    assert all(before[kid] != after[kid] for kid in before)
    assert set(SubjectKey.objects.values_list("kek_epoch", flat=True)) == {2}
    all_open(people)
    assert keys.system_key("test.purpose") == secret
    assert SystemKey.objects.get().kek_epoch_id == 2
    assert new_person().id
    assert set(SubjectKey.objects.values_list("kek_epoch", flat=True)) == {2}


def test_the_old_epoch_is_destroyed_at_the_end_and_only_then(people):
    rotation.rotate()
    assert provider().current_epoch() == 2
    assert KekEpoch.objects.get(pk=1).state == "rotating"
    assert status().problems == ["1 ancienne époque pas encore détruite"]
    done = rotation.rotate(beyond=1, destroy=True)
    assert (done.moved, done.destroyed) == (0, (1,))
    old = KekEpoch.objects.get(pk=1)
    assert (old.state, bytes(old.search_key)) == ("shredded", b"")
    with pytest.raises(Shredded):
        provider().wrap(1, bytes(32), b"")
    all_open(people)
    assert status().problems == []
    assert rotation.rotate(beyond=1, destroy=True).destroyed == ()


def test_without_a_number_each_run_makes_an_epoch_unless_one_is_under_way(people):
    assert [rotation.rotate().epoch, rotation.rotate().epoch] == [2, 3]
    assert rotation.rotate(destroy=True).destroyed == (1, 2, 3)
    all_open(people)


class Crash(BaseException):
    """The process stops here."""


class CrashAt:
    """Crash before or after the n-th statement in the keystore."""

    def __init__(self, at, *, after):
        self.left, self.after = at, after

    def __call__(self, execute, sql, params, many, context):
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Crash
        result = execute(sql, params, many, context)
        if self.left == 0:
            raise Crash
        return result


@pytest.mark.attack("T-10")
@pytest.mark.attack("R-03")
@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_statement_it_is_taken_up_again(people, after):
    keys.system_key("test.purpose")
    at, epoch = 0, 1
    while True:
        at += 1
        try:
            with connections["keystore"].execute_wrapper(CrashAt(at, after=after)):
                rotation.rotate(beyond=epoch, destroy=True, batch=2)
        except Crash:
            all_open(people)
            done = rotation.rotate(beyond=epoch, destroy=True, batch=2)
            all_open(people)
            assert status().problems == []
            epoch = done.epoch
        else:
            break
    assert at > 15


@pytest.mark.parametrize("call", ["new_epoch", "wrap", "destroy_epoch", "unwrap_many", "wrap_many"])
def test_killed_at_the_provider_it_is_taken_up_again(people, monkeypatch, call):
    real = getattr(FileProvider, call)
    for before in (True, False):

        def stop(self, *args, before=before):
            if not before:
                real(self, *args)
            raise Crash

        monkeypatch.setattr(FileProvider, call, stop)
        with pytest.raises(Crash):
            rotation.rotate(destroy=True)
        monkeypatch.undo()
        all_open(people)
    rotation.rotate(destroy=True)
    all_open(people)
    assert not [line for line in status().problems if "clé" in line]
    assert len(list(provider()._dir.glob("epoch-*.key"))) == 1


def test_a_damaged_key_stops_nothing_but_keeps_its_epoch(people):
    bad = SubjectKey.objects.filter(drawer="content").first()
    wrapped = bytes(bad.wrapped)
    SubjectKey.objects.filter(pk=bad.pk).update(wrapped=wrapped[:-1] + bytes([wrapped[-1] ^ 1]))
    with pytest.raises(IntegrityFault):
        rotation.rotate(destroy=True)
    assert KekEpoch.objects.get(pk=1).state == "rotating"
    assert SubjectKey.objects.filter(kek_epoch=1).get().pk == bad.pk
    assert provider().wrap(1, bytes(32), b"")
    assert "1 clés encore chiffrées par une ancienne époque" in status().problems


def test_a_key_that_does_not_open_under_the_new_epoch_keeps_the_old_one(people):
    rotation.rotate()
    SubjectKey.objects.filter(drawer="identity").update(wrapped=bytes(60))
    with pytest.raises(IntegrityFault):
        rotation.rotate(beyond=1, destroy=True)
    assert provider().wrap(1, bytes(32), b"")


def test_an_erased_key_never_comes_back(people):
    keys.erase(people[0].id)
    rotation.rotate(destroy=True)
    assert {
        bytes(wrapped) for wrapped in SubjectKey.objects.filter(state="shredded").values_list("wrapped", flat=True)
    } == {b""}
    people[0].refresh_from_db()
    with pytest.raises(Shredded), opened(people[0].id):
        assert people[0].surname


def test_one_at_a_time(people):
    with locks.alone(rotation.JOB, using="keystore"):
        found = []

        def other():
            try:
                with locks.alone(rotation.JOB, using="keystore"):
                    found.append("in")
            except locks.AlreadyRunning:
                found.append("refused")
            finally:
                connections.close_all()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert found == ["refused"]
    assert rotation.rotate().epoch == 2


def test_without_an_epoch_there_is_nothing_to_rotate():
    KekEpoch.objects.all().delete()
    with pytest.raises(KeystoreUnavailable):
        rotation.rotate()


# Readers who hold keys from before


@contextmanager
def ring(person):
    """A ring that took its keys, in a process that has not unwrapped them."""
    keys.forget()
    made = keyring.Ring(frozenset({person.id}))
    made.load()
    yield made


@pytest.mark.attack("T-10")
@pytest.mark.parametrize("column", ["surname", "note"])
def test_a_reader_who_asked_before_reads_after(people, column):
    person, field = people[0], type(people[0])._meta.get_field(column)
    blob = type(person).objects.values_list(column, flat=True).get(pk=person.pk).blob
    with ring(person) as before:
        rotation.rotate(destroy=True)
        assert before.open(field, person.id, person.id, blob) in ("Nom 0", "Absences")


def test_a_key_of_nobody_is_not_asked_for_twice(people, django_assert_num_queries):
    person, field = people[0], type(people[0])._meta.get_field("note")
    with ring(person) as before, pytest.raises(Shredded), django_assert_num_queries(1, using="keystore"):
        before.cipher(field, uuid4(), fmt.key_id(bytes(32)))
