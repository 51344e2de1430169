"""R-01, R-02: a copy comes back on an empty server, whole and proved; a doubtful one is refused before a row is written."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import secrets
import subprocess
import sys
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import override_settings
from django.utils import timezone

from casework.audit import witness
from casework.audit.models import AuditEvent
from casework.desk import system
from casework.desk.backup import engines, make, manifest, restore, state
from casework.desk.backup.refusals import MESSAGES, BackupRefused
from casework.sealing import box, keys, providers
from casework.sealing.box import Kind
from tests.casefile.test_erasure import erase
from tests.followups.saisine_setting import refer

pytestmark = [
    pytest.mark.attack("R-01"),
    pytest.mark.django_db(databases="__all__", transaction=True),
]
ROOT = Path(__file__).resolve().parents[2]
PEM = serialization.Encoding.PEM
CANARY = "Belkacem"


def key_pair(folder, name):
    """Write a pair as openssl would; return the paths of the public and of the private half."""
    key = X25519PrivateKey.generate()
    public, private = folder / f"{name}.pub.pem", folder / f"{name}.pem"
    public.write_bytes(key.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    private.write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return public, private


@pytest.fixture
def keys_of(settings, tmp_path):
    """Two recipients, two folders; return the private halves."""
    settings.BACKUP_RECIPIENT, data = key_pair(tmp_path, "data")
    settings.KEYSTORE_RECIPIENT, keystore = key_pair(tmp_path, "keystore")
    settings.BACKUP_DIR, settings.KEYSTORE_BACKUP_DIR = tmp_path / "copies", tmp_path / "elsewhere"
    settings.RESTORE_PROOF = tmp_path / "restore-proof"
    return {Kind.DATA: data, Kind.KEYSTORE: keystore}


@pytest.fixture
def in_files(settings, tmp_path):
    """Master keys in files, from before the cast is made: what is destroyed is destroyed for every process."""
    settings.KEK_PROVIDER, settings.KEK_DIR = "file", tmp_path / "kek"
    keys.forget()
    yield
    keys.forget()


@pytest.fixture
def made(people, keys_of):
    refer(people)
    return make.make(timezone.now())


def copies(made, keys_of):
    return restore.Copy(made.data, keys_of[Kind.DATA]), restore.Copy(made.keystore, keys_of[Kind.KEYSTORE])


@contextmanager
def empty_server(tmp_path):
    """Give the environment of a server that has nothing yet."""
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "KEYSTORE_URL")}
    env |= {"CASEWORK_MODE": "test", "CASEWORK_VAR": str(tmp_path / "server"), "RESTORE_PROOF": str(tmp_path / "proof")}
    if connections["default"].vendor != "postgresql":
        yield env
        return
    settings = connections["default"].settings_dict
    names = [f"restore_{secrets.token_hex(4)}" for _ in range(2)]
    address = f"postgres://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}"
    with connections["default"].cursor() as cursor:
        for name in names:
            cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        yield env | {"DATABASE_URL": f"{address}/{names[0]}", "KEYSTORE_URL": f"{address}/{names[1]}"}
    finally:
        with connections["default"].cursor() as cursor:
            for name in names:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run_restore(env, made, keys_of, *more):
    return subprocess.run(  # noqa: S603
        [
            sys.executable, "manage.py", "restore_check", str(made.data), str(made.keystore), "--json",
            "--key", str(keys_of[Kind.DATA]), "--keystore-key", str(keys_of[Kind.KEYSTORE]), *more,
        ],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.attack("R-02")
def test_a_copy_lives_again_on_an_empty_server(people, made, keys_of, tmp_path):
    files = list(made.data.parent.iterdir()) + list(made.keystore.parent.iterdir())
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]
    assert not [path for path in files if path.suffix == ".part"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in files if path.suffix == make.SUFFIX)
    assert AuditEvent.objects.filter(act="export", why="backup.make").count() == 1
    with empty_server(tmp_path) as env:
        run = run_restore(env, made, keys_of)
        assert run.returncode == 0, run.stderr
        said = json.loads(run.stdout)
        assert said["rows"] > 50
        assert said["compared"] > 5
        assert said["opened"] >= 3
        assert (said["lost"], said["erased"]) == (0, 0)
        again = run_restore(env, made, keys_of)
        assert again.returncode == 1
        assert MESSAGES["not_empty"] in again.stderr
    assert datetime.fromisoformat(json.loads((tmp_path / "proof").read_text())["at"])


def manage(env, *arguments):
    return subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.attack("R-02")
def test_a_real_restore_is_declared_to_the_witness_and_a_drill_is_not(people, made, keys_of, settings, tmp_path):
    refer(people, last_name="Martin")
    call_command("audit_checkpoint")  # the witness sees what the copy does not hold
    seen = sorted(Path(settings.AUDIT_WITNESS_DIR).rglob("*"))
    with empty_server(tmp_path / "drill") as env:
        env |= {"AUDIT_WITNESS_DIR": str(settings.AUDIT_WITNESS_DIR)}
        run = run_restore(env, made, keys_of)
        assert run.returncode == 0, run.stderr
        said = json.loads(run.stdout)
        assert said["lost"] > 0
        assert said["forks"] == 0
        assert manage(env, "audit_checkpoint").returncode == 2, "it would lower the journal in silence"
    assert sorted(Path(settings.AUDIT_WITNESS_DIR).rglob("*")) == seen
    with empty_server(tmp_path / "town") as env:
        env |= {"AUDIT_WITNESS_DIR": str(settings.AUDIT_WITNESS_DIR)}
        run = run_restore(env, made, keys_of, "--declare")
        assert run.returncode == 0, run.stderr
        assert json.loads(run.stdout)["forks"] >= 1
        assert manage(env, "audit_checkpoint").returncode == 0
        checked = manage(env, "audit_verify", "--rows")
        assert checked.returncode == 0, checked.stdout
        assert "restauration déclarée" in checked.stdout
    (fork,) = witness.declarations(str(people.territory.pk))
    assert set(fork.by) == {box.fingerprint(box.opener(path).public_key()).hex() for path in keys_of.values()}, (
        "the two keys that opened the copy"
    )


@pytest.mark.attack("R-02")
def test_a_real_restore_needs_its_witness(made, keys_of, tmp_path):
    with empty_server(tmp_path) as env:
        run = run_restore(env | {"AUDIT_WITNESS_DIR": str(tmp_path / "away")}, made, keys_of, "--declare")
        assert run.returncode == 1
        assert MESSAGES["witness_away"] in run.stderr
        assert run_restore(env, made, keys_of).returncode == 0, "nothing was written"


@pytest.mark.attack("R-02", "T-12")
def test_a_copy_from_before_an_erasure_brings_nobody_back(in_files, people, keys_of, settings, tmp_path):
    """Old data, newer keys: the restored town erases again whoever was erased since, before it serves."""
    gone = refer(people)
    refer(people, last_name="Martin", first_name="Léa")
    before = make.make(timezone.now())
    erase(people, gone)
    after = make.make(timezone.now())
    with empty_server(tmp_path) as env:
        env |= {"KEK_PROVIDER": "file", "KEK_DIR": str(settings.KEK_DIR)}
        run = run_restore(env, dataclasses.replace(after, data=before.data), keys_of)
        assert run.returncode == 0, run.stderr
        assert json.loads(run.stdout)["erased"] == 1
    with empty_server(tmp_path / "second") as env:
        env |= {"KEK_PROVIDER": "file", "KEK_DIR": str(settings.KEK_DIR)}
        run = run_restore(env, before, keys_of)
        assert run.returncode == 1, "keys from before the destruction of their epoch open nothing"


def code_of(made, keys_of):
    with pytest.raises(BackupRefused) as caught, restore.opened(*copies(made, keys_of)):
        pass
    assert caught.value.message
    return caught.value.code


def test_doubtful_copies_are_refused_with_a_reason(made, keys_of, tmp_path):
    with restore.opened(*copies(made, keys_of)) as found:
        assert found[Kind.DATA].says.tables["followups_followup"] == 1
    whole = made.data.read_bytes()
    made.data.write_bytes(whole[:-40])
    assert code_of(made, keys_of) in ("truncated", "damaged")
    made.data.write_bytes(whole[:300] + bytes([whole[300] ^ 1]) + whole[301:])
    assert code_of(made, keys_of) == "damaged"
    made.data.write_bytes(whole)
    assert code_of(dataclasses.replace(made, data=made.keystore, keystore=made.data), keys_of) == "swapped"
    assert code_of(made, {Kind.DATA: keys_of[Kind.KEYSTORE], Kind.KEYSTORE: keys_of[Kind.DATA]}) == "wrong_key"
    assert code_of(dataclasses.replace(made, data=tmp_path / "absent"), keys_of) == "not_a_box"
    assert code_of(made, keys_of | {Kind.DATA: tmp_path / "absent"}) == "no_private_key"


def remade(made, keys_of, settings, **changes):
    """Give the data another manifest, signed by this installation."""
    key = box.opener(keys_of[Kind.DATA])
    clear = io.BytesIO()
    with made.data.open("rb") as source:
        box.open_box(source, clear, key, Kind.DATA)
    said, length = manifest.unpack(clear.getvalue())
    with made.data.open("wb") as target:
        writer = box.BoxWriter(target, key.public_key(), Kind.DATA)
        writer.write(clear.getvalue()[:-length])
        writer.write(manifest.pack(dataclasses.replace(said, **changes)))
        writer.close()
    return said


def test_another_schema_engine_or_age_is_refused(made, keys_of, settings):
    said = remade(made, keys_of, settings, migrations=["partners.0001_initial"], release="0.0.1")
    assert code_of(made, keys_of) == "older_schema"
    remade(made, keys_of, settings, migrations=[*said.migrations, "partners.9999_later"])
    assert code_of(made, keys_of) == "newer_schema"
    remade(made, keys_of, settings, migrations=said.migrations, engine="oracle")
    assert code_of(made, keys_of) == "other_engine"
    remade(made, keys_of, settings, engine=said.engine, size=said.size + 1)
    assert code_of(made, keys_of) == "damaged"
    later = (said.moment + timedelta(days=1)).strftime(manifest.FORMAT)
    remade(made, keys_of, settings, size=said.size, made_at=later)
    assert code_of(made, keys_of) == "older_keystore"


def test_a_copy_made_by_somebody_else_is_refused(made, keys_of, settings):
    """Whoever holds the public key can encrypt; nobody else signs."""
    providers._made.clear()
    settings.KEK_ENV_SEED = "another installation"
    assert code_of(made, keys_of) == "forged"


def test_a_restore_writes_over_nothing(made, keys_of):
    with pytest.raises(BackupRefused, match="not_empty"):
        restore.restore_check(*copies(made, keys_of), timezone.now())


def test_one_person_or_one_folder_never_holds_both(people, keys_of, settings):
    other = settings.KEYSTORE_RECIPIENT
    for name, value, code in (
        ("KEYSTORE_RECIPIENT", settings.BACKUP_RECIPIENT, "one_recipient"),
        ("KEYSTORE_RECIPIENT", keys_of[Kind.KEYSTORE], "private_key"),
        ("KEYSTORE_RECIPIENT", other.with_name("absent"), "no_recipient"),
        ("KEYSTORE_BACKUP_DIR", settings.BACKUP_DIR, "one_folder"),
    ):
        with override_settings(**{name: value}), pytest.raises(BackupRefused, match=code):
            make.make(timezone.now())
    assert not settings.BACKUP_DIR.exists() or not list(settings.BACKUP_DIR.iterdir())


def test_without_a_journal_nothing_leaves(people, keys_of, settings, monkeypatch):
    def broken(*args, **kwargs):
        raise OSError

    monkeypatch.setattr(make.audit, "record", broken)
    with pytest.raises(OSError):
        make.make(timezone.now())
    assert not list(settings.BACKUP_DIR.iterdir())


@pytest.mark.attack("R-11")
def test_a_full_disk_leaves_no_half_copy(people, keys_of, settings, monkeypatch):
    monkeypatch.setattr(make.BoxWriter, "close", lambda self: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(BackupRefused, match="no_room"):
        make.make(timezone.now())
    assert not list(settings.BACKUP_DIR.iterdir())
    monkeypatch.setattr(make, "ROOM", 1 << 60)
    with pytest.raises(CommandError, match="place"):
        call_command("backup_make")


def test_old_copies_go(made, settings):
    now = timezone.now()
    assert make.forget(now + timedelta(days=29), 30) == 0
    assert state.last_copy() is not None
    assert make.forget(now + timedelta(days=31), 30) == 2
    assert not list(settings.BACKUP_DIR.iterdir())
    assert state.last_copy() is None


def test_the_administrator_sees_how_old_copies_and_drills_are(people, keys_of, settings):
    now = timezone.now()
    lines = {line.what: line for line in system.page(now).rest}
    assert lines["Dernière copie de secours"].kind == "late"
    assert lines["Dernier essai de restauration"].kind == "late"
    make.make(now)
    state.write_drill(now - timedelta(days=89), "casework-x", 12)
    lines = {line.what: line for line in system.page(now).rest}
    assert lines["Dernière copie de secours"].kind == "ok"
    assert lines["Dernier essai de restauration"].kind == "ok"
    lines = {line.what: line for line in system.page(now + timedelta(days=2)).rest}
    assert lines["Dernière copie de secours"].kind == "late"
    assert lines["Dernier essai de restauration"].kind == "late"


def test_a_copy_is_of_one_instant(people):
    refer(people)
    pieces: list[bytes] = []
    held = engines.dump("default", pieces.append)
    now = engines.counted("default")
    assert (held.tables, held.logs) == (now.tables, now.logs)
    assert sum(map(len, pieces)) > 1000
