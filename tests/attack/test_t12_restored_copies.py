"""T-12, R-02: whoever was erased stays erased on every mix of restored copies, and the server says so first."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from casework import audit
from casework.audit.models import AuditEvent
from casework.casefile import erased, erasure
from casework.casefile.models import Erasure, Tombstone
from casework.errors import SealingError, Shredded
from casework.minors.followups.models import FollowedPerson, FollowUp
from casework.sealing import keyring, keys
from casework.sealing.models import SubjectKey
from tests.casefile.test_erasure import erase, file_keys, is_whole, rows_of, two  # noqa: F401
from tests.followups.saisine_setting import opened, refer

pytestmark = [
    pytest.mark.attack("T-12"),
    pytest.mark.attack("R-02"),
    pytest.mark.django_db(databases="__all__"),
]
# What a dump of the two databases holds, as far as this is concerned.
KEYSTORE = ("sealing_keystorestate", "sealing_kekepoch", "sealing_subjectkey", "sealing_systemkey")


def dump(alias, names=None):
    """Return every row of every table, as a dump would hold them."""
    connection = connections[alias]
    kept = {}
    with connection.cursor() as cursor:
        for name in names or connection.introspection.table_names(cursor):
            if name.startswith(("sqlite_", "django_migrations", "audit_", "casefile_outbox")):
                continue
            cursor.execute(f'SELECT * FROM "{name}"')
            kept[name] = ([each[0] for each in cursor.description], cursor.fetchall())
    return kept


@contextmanager
def unchecked(alias):
    """Give a cursor that may break a foreign key for a while, as a restore does before it is whole."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            with connection.constraint_checks_disabled():
                yield cursor
            return
        cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
        if cursor.fetchone() != (True,):
            pytest.skip("PostgreSQL lets its superuser alone put rows back without looking")
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor
        cursor.execute("SET LOCAL session_replication_role = origin")


def restore(alias, kept):
    """Put the rows of a dump back in place of the present ones."""
    with unchecked(alias) as cursor:
        for name in reversed(list(kept)):
            cursor.execute(f'DELETE FROM "{name}"')
        for name, (columns, rows) in kept.items():
            marks = ", ".join(["%s"] * len(columns))
            names = ", ".join(f'"{column}"' for column in columns)
            cursor.executemany(f'INSERT INTO "{name}" ({names}) VALUES ({marks})', rows)
    keys.forget()


def unreadable(follow_up):
    keys.forget()
    person = FollowedPerson.objects.get(pk=follow_up.subject_id)
    with pytest.raises(SealingError), opened(follow_up):
        assert person.last_name


@pytest.mark.rule("RET-08")
def test_old_data_with_the_present_keystore(people, two):  # noqa: F811
    gone, other = two
    data = dump("default")
    erase(people, gone)
    erased.refuse_to_start()
    restore("default", data)
    unreadable(gone)
    with pytest.raises(erased.ErasedReturned, match="erase_replay"):
        erased.refuse_to_start()
    with pytest.raises(SystemExit) as caught:
        call_command("erase_replay", "--check")
    assert caught.value.code == 1
    call_command("erase_replay")
    erased.refuse_to_start()
    assert rows_of(gone.subject_id) == {}
    assert Erasure.objects.get().reason == erasure.REPLAY
    is_whole(other)


def test_old_data_with_the_old_keystore(people, two):  # noqa: F811
    gone, other = two
    data, store = dump("default"), dump("keystore", KEYSTORE)
    erase(people, gone)
    newer = dump("keystore", KEYSTORE)
    restore("default", data)
    restore("keystore", store)
    unreadable(gone)
    unreadable(other)  # the whole copy of the keystore is of no use any more
    with pytest.raises(erased.ErasedReturned, match="older"):
        erased.refuse_to_start()
    with pytest.raises(CommandError, match="trop ancien"):
        call_command("erase_replay")
    restore("keystore", newer)
    with pytest.raises(erased.ErasedReturned, match="erase_replay"):
        erased.refuse_to_start()
    call_command("erase_replay")
    erased.refuse_to_start()
    assert not FollowUp.objects.filter(pk=gone.pk).exists()
    is_whole(other)


@pytest.mark.parametrize("forget", ["nothing", "tombstones", "journal"])
def test_a_key_that_comes_back_is_known_by_the_base_or_by_the_journal(people, two, forget, monkeypatch):  # noqa: F811
    gone, other = two
    wrapped = list(SubjectKey.objects.filter(subject_id=gone.subject_id).values("id", "drawer", "kid"))
    erase(people, gone)
    for row in wrapped:  # as somebody who kept the bare data key would
        dek = bytes(32)
        blob = keyring.wrap(gone.subject_id, row["drawer"], dek, bytes(row["kid"]), 2)
        SubjectKey.objects.filter(pk=row["id"]).update(state="live", wrapped=blob, kek_epoch=2)
    if forget == "tombstones":
        Tombstone.objects.all().delete()
        Erasure.objects.all().delete()
    elif forget == "journal":
        assert AuditEvent.objects.filter(object_type=erasure.TOMBSTONE).exists()
        monkeypatch.setattr(erasure, "TOMBSTONE", "not.told")
    with pytest.raises(erased.ErasedReturned):
        erased.refuse_to_start()
    assert erased.replay(timezone.now()) == 1
    erased.refuse_to_start()
    with pytest.raises(Shredded):
        keys.ensure(gone.subject_id)
    is_whole(other)


def test_an_erasure_under_way_in_the_copy_is_finished_and_stops_nothing(people, two):  # noqa: F811
    gone, _ = two
    erasure.begin(
        gone.subject_id, territory_id=gone.territory_id, reason="error", by=audit.system_actor(), now=timezone.now()
    )
    erased.refuse_to_start()
    assert erased.replay(timezone.now()) == 1
    assert rows_of(gone.subject_id) == {}


def test_nobody_came_back(people, capsys):
    refer(people)
    erased.refuse_to_start()
    with pytest.raises(SystemExit) as caught:
        call_command("erase_replay", "--check")
    assert caught.value.code == 0
    call_command("erase_replay")
    assert "0 effacement" in capsys.readouterr().out
