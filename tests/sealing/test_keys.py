"""Keys: made before the write, once, in a durable transaction of the keystore; destroyed for good."""

from __future__ import annotations

import threading
import time
from uuid import uuid4

import pytest
from django.db import OperationalError, connections, transaction
from django.test.utils import CaptureQueriesContext

from casework.errors import IntegrityFault, KeystoreUnavailable, Shredded
from casework.sealing import format as fmt
from casework.sealing import keyring, keys, providers
from casework.sealing.models import KekEpoch, KeystoreState, SubjectKey, SystemKey
from tests.sealing import second
from tests.sealing.world import Person, new_person, opened, stored, tables  # noqa: F401

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("tables")]


def test_the_first_key_makes_the_first_epoch():
    assert not KekEpoch.objects.exists()
    keys.ensure(uuid4())
    assert KekEpoch.objects.get().state == "live"
    assert KeystoreState.objects.get().generation == keyring.cache.generation


def test_production_asks_for_keys_init(settings, monkeypatch):
    settings.IS_PRODUCTION = True
    made = providers.EnvProvider("x")
    monkeypatch.setattr(keys, "provider", lambda: made)
    monkeypatch.setattr(keyring, "provider", lambda: made)
    with pytest.raises(KeystoreUnavailable, match="keys_init"):
        keys.ensure(uuid4())
    assert keys.initialise()
    assert not keys.initialise()
    keys.ensure(uuid4())


def test_one_key_per_subject_and_drawer_however_often_asked():
    one, two = uuid4(), uuid4()
    for _ in range(3):
        keys.ensure(one, two, one)
    keys.ensure(one, drawers=("location",))
    found = sorted(SubjectKey.objects.values_list("subject_id", "drawer"))
    assert found == sorted([(s, d) for s in (one, two) for d in ("identity", "content")] + [(one, "location")])
    assert len({bytes(k.kid) for k in SubjectKey.objects.all()}) == 5


def test_asking_again_is_one_query():
    one, two = uuid4(), uuid4()
    keys.ensure(one, two)
    with CaptureQueriesContext(connections["keystore"]) as queries:
        keys.ensure(one, two)
    assert len(queries) == 1


def test_many_at_once():
    subjects = [uuid4() for _ in range(1200)]
    with CaptureQueriesContext(connections["keystore"]) as queries:
        keys.ensure(*subjects)
    assert SubjectKey.objects.count() == 2400
    assert len(queries) < 40  # SQLite takes few parameters at a time


def test_an_unknown_drawer_is_refused():
    with pytest.raises(ValueError):
        keys.ensure(uuid4(), drawers=("attic",))


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_keys_outlive_the_write_that_fails():
    """Made before the main transaction, they are committed apart; made inside a keystore one, refused."""
    pk = uuid4()

    def write():
        with transaction.atomic():
            keys.ensure(pk)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write()
    assert SubjectKey.objects.filter(subject_id=pk).count() == 2
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic(using="keystore"):
        keys.ensure(uuid4())


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_two_processes_making_the_same_keys_get_the_same_keys():
    subjects = [uuid4() for _ in range(5)]
    keys.ensure(uuid4())
    errors = []

    def make():
        try:
            for _ in range(200):
                try:
                    return keys.ensure(*subjects)
                except KeystoreUnavailable:  # SQLite in memory does not wait for the other's lock
                    time.sleep(0.01)
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert SubjectKey.objects.filter(subject_id__in=subjects).count() == 10
    # The cache holds the winner's key: what is sealed now opens in a fresh process.
    field = Person._meta.get_field("surname")
    blob = keyring.Ring().seal(field, subjects[0], subjects[0], b"x")
    keys.forget()
    assert keyring.Ring().open(field, subjects[0], subjects[0], blob) == "x"


def test_a_wrapped_key_opens_as_the_specification_says():
    """The second implementation of the value opens what was sealed, given the unwrapped key."""
    person = new_person(surname="Belkacem", note="mot")
    for column, drawer in (("surname", "identity"), ("note", "content")):
        row = SubjectKey.objects.get(subject_id=person.id, drawer=drawer)
        dek = keyring.unwrap(person.id, drawer, bytes(row.kid), row.kek_epoch_id, bytes(row.wrapped))
        assert second.key_id(dek) == bytes(row.kid)
        label = Person._meta.get_field(column).label
        assert second.unseal(dek, label, person.id, person.id, stored(person, column)) in ("Belkacem", "mot")


def test_the_associated_data_of_a_wrap():
    subject, kid = uuid4(), bytes(range(16))
    expected = second.lp(b"casework/wrap/v1", subject.bytes, b"content", kid, (3).to_bytes(4, "big"))
    assert keyring.subject_aad(subject, "content", kid, 3) == expected


def test_content_keys_go_through_the_provider_and_identity_keys_do_not(monkeypatch):
    """A memory thief gets names; each content still needs the provider, which counts."""
    person = new_person(note="x")
    provider, calls = providers.provider(), []
    unwrap = type(provider).unwrap
    monkeypatch.setattr(type(provider), "unwrap", lambda *a: (calls.append(a[3]), unwrap(*a))[1])
    with opened(person.id):
        keyring.cache.flush(keyring.cache.generation)
        row = Person.objects.get(pk=person.pk)
        _ = row.surname
        assert len(calls) == 1  # the search key of the epoch, once per process
        _ = row.note
        assert len(calls) == 2


@pytest.mark.parametrize("column", ["subject_id", "drawer", "kid", "wrapped"])
def test_a_changed_row_of_the_keystore_opens_nothing(column):
    one, two = new_person(note="x"), new_person(note="y")
    changed = {"subject_id": two.id, "drawer": "location", "kid": bytes(16), "wrapped": bytes(60)}[column]
    SubjectKey.objects.filter(subject_id=two.id).exclude(drawer="content").delete()
    SubjectKey.objects.filter(subject_id=two.id).delete()
    SubjectKey.objects.filter(subject_id=one.id, drawer="location").delete()
    SubjectKey.objects.filter(subject_id=one.id, drawer="content").update(**{column: changed})
    keys.forget()
    with opened(one.id, two.id), pytest.raises((Shredded, IntegrityFault)):
        _ = Person.objects.get(pk=one.pk).note
    if column == "subject_id":
        with opened(one.id, two.id), pytest.raises(IntegrityFault):
            _ = Person.objects.get(pk=two.pk).note


@pytest.mark.parametrize("column", ["surname", "note"])
def test_the_wrong_kek_is_an_outage_not_a_forgery(settings, column):
    """T-14, the part of sealing: nothing opens, nothing is said to be forged, and it comes back by itself."""
    person = new_person(note="x")
    seed = settings.KEK_ENV_SEED
    settings.KEK_ENV_SEED = "another"
    keys.forget()
    row = Person.objects.get(pk=person.pk)
    with opened(person.id), pytest.raises(KeystoreUnavailable):
        getattr(row, column)
    with pytest.raises(KeystoreUnavailable):
        keys.ensure(uuid4())
    settings.KEK_ENV_SEED = seed
    with opened(person.id):
        assert getattr(row, column) in ("Belkacem", "x")


def test_erasing_destroys_every_drawer_and_nobody_else():
    one, two = new_person(note="x", flat="y"), new_person()
    assert keys.erase(one.id) == 3
    with opened(one.id, two.id):
        for column in ("surname", "note", "flat"):
            with pytest.raises(Shredded):
                getattr(Person.objects.get(pk=one.pk), column)
        assert Person.objects.get(pk=two.pk).surname == "Belkacem"
    assert all(bytes(k.wrapped) == b"" for k in SubjectKey.objects.filter(subject_id=one.id))
    assert keys.erase(one.id) == 0


def test_an_erased_subject_never_gets_a_key_again():
    person = new_person()
    keys.erase(person.id)
    with pytest.raises(Shredded):
        keys.ensure(person.id)
    person.surname = "Retour"
    with pytest.raises(Shredded), transaction.atomic():
        person.save()


def test_two_keys_of_one_subject_during_a_rotation():
    """Readers find keys by id, writers use the newest (security.md §3.5)."""
    person = new_person(surname="Ancien", first_name="Ancien")
    old = SubjectKey.objects.get(subject_id=person.id, drawer="identity")
    dek = bytes(range(32))
    kid = fmt.key_id(dek)
    SubjectKey.objects.create(
        subject_id=person.id, drawer="identity", kid=kid, kek_epoch=old.kek_epoch, state="rotating",
        wrapped=keyring.wrap(person.id, "identity", dek, kid, old.kek_epoch_id),
    )  # fmt: skip
    keys.new_generation()
    person = Person.objects.get(pk=person.pk)
    person.surname = "Nouveau"
    person.save()
    assert stored(person, "surname")[4:20] == kid
    assert stored(person, "first_name")[4:20] == bytes(old.kid)
    with opened(person.id):
        found = Person.objects.get(pk=person.pk)
        assert (found.surname, found.first_name) == ("Nouveau", "Ancien")
        from casework.sealing import sweep

        rows = list(Person.objects.all())
        sweep.open_many(rows, "surname", "first_name")
        assert (rows[0].surname, rows[0].first_name) == ("Nouveau", "Ancien")


def test_a_key_deleted_from_the_keystore_is_gone():
    person = new_person()
    SubjectKey.objects.filter(subject_id=person.id).delete()
    keys.forget()
    with opened(person.id), pytest.raises(Shredded):
        _ = Person.objects.get(pk=person.pk).surname


# System keys


def test_a_system_key_is_made_once_and_survives_the_process():
    key = keys.system_key("grant-mac")
    assert len(key) == 32
    assert keys.system_key("grant-mac") == key
    keys.forget()
    assert keys.system_key("grant-mac") == key
    assert keys.system_key("session-pepper") != key
    assert SystemKey.objects.count() == 2
    assert key not in bytes(SystemKey.objects.get(purpose="grant-mac").wrapped)


def test_a_system_key_in_the_process_asks_nothing():
    keys.system_key("grant-mac")
    with CaptureQueriesContext(connections["keystore"]) as queries:
        keys.system_key("grant-mac")
    assert len(queries) == 0


def test_a_system_key_moved_to_another_purpose_is_refused():
    keys.system_key("grant-mac")
    SystemKey.objects.update(purpose="session-pepper")
    keys.forget()
    with pytest.raises(IntegrityFault):
        keys.system_key("session-pepper")


def test_the_wrong_kek_gives_no_system_key(settings):
    keys.system_key("grant-mac")
    settings.KEK_ENV_SEED = "another"
    keys.forget()
    with pytest.raises(KeystoreUnavailable):
        keys.system_key("grant-mac")


def test_no_keystore_no_key(monkeypatch):
    def down(*args, **kwargs):
        raise OperationalError("down")

    monkeypatch.setattr(keys, "_missing", down)
    monkeypatch.setattr(keys, "_read_system_key", down)
    for attempt in (lambda: keys.ensure(uuid4()), lambda: keys.system_key("x")):
        with pytest.raises(KeystoreUnavailable) as caught:
            attempt()
        assert caught.value.__suppress_context__
