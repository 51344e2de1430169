"""The conformance suite of key providers: every provider passes it; a new one is added to `MAKERS`."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from casework.errors import IntegrityFault, KeystoreUnavailable, SealingError, Shredded
from casework.sealing import providers
from casework.sealing.providers import EnvProvider, FileProvider

DEK = bytes(range(32))
AAD = b"whose"
MAKERS = {
    "env": lambda path: EnvProvider("seed"),
    "file": lambda path: FileProvider(path / "kek"),
}


@pytest.fixture(params=MAKERS)
def provider(request, tmp_path):
    made = MAKERS[request.param](tmp_path)
    if not made.current_epoch():
        made.new_epoch()
    return made


def test_round_trip(provider):
    epoch = provider.current_epoch()
    blob = provider.wrap(epoch, DEK, AAD)
    assert DEK not in blob
    assert provider.unwrap(epoch, blob, AAD) == DEK
    provider.self_test()


def test_wrapping_twice_differs(provider):
    epoch = provider.current_epoch()
    assert provider.wrap(epoch, DEK, AAD) != provider.wrap(epoch, DEK, AAD)


def test_other_associated_data_is_refused(provider):
    epoch = provider.current_epoch()
    with pytest.raises(IntegrityFault):
        provider.unwrap(epoch, provider.wrap(epoch, DEK, AAD), b"someone else")


def test_another_epoch_is_refused(provider):
    old = provider.current_epoch()
    blob = provider.wrap(old, DEK, AAD)
    new = provider.new_epoch()
    assert new != old
    assert provider.current_epoch() == new
    with pytest.raises(IntegrityFault):
        provider.unwrap(new, blob, AAD)
    assert provider.unwrap(old, blob, AAD) == DEK


@pytest.mark.parametrize("cut", [0, 1, 11, 12, 27, 28, -1])
def test_a_truncated_blob_is_refused(provider, cut):
    epoch = provider.current_epoch()
    with pytest.raises(IntegrityFault):
        provider.unwrap(epoch, provider.wrap(epoch, DEK, AAD)[:cut], AAD)


def test_a_destroyed_epoch_is_gone_for_good(provider):
    old = provider.current_epoch()
    blob = provider.wrap(old, DEK, AAD)
    new = provider.new_epoch()
    provider.destroy_epoch(old)
    provider.destroy_epoch(old)  # resumed after a kill
    for attempt in (lambda: provider.unwrap(old, blob, AAD), lambda: provider.wrap(old, DEK, AAD)):
        with pytest.raises(Shredded):
            attempt()
    assert provider.current_epoch() == new
    provider.destroy_epoch(new)
    assert provider.current_epoch() == 0
    assert provider.new_epoch() not in (old, new)


@pytest.mark.parametrize("epoch", [0, -1])
def test_an_epoch_that_never_was_is_an_outage(provider, epoch):
    with pytest.raises(KeystoreUnavailable):
        provider.wrap(epoch, DEK, AAD)


def test_signs(provider):
    signature = provider.sign(b"checkpoint")
    key = Ed25519PublicKey.from_public_bytes(provider.public_key())
    key.verify(signature, b"checkpoint")
    with pytest.raises(InvalidSignature):
        key.verify(signature, b"checkpoint 2")
    assert provider.sign(b"checkpoint") == signature


def test_concurrent_use(provider):
    epoch, errors = provider.current_epoch(), []

    def work():
        try:
            for _ in range(50):
                assert provider.unwrap(epoch, provider.wrap(epoch, DEK, AAD), AAD) == DEK
            provider.sign(b"x")
            provider.new_epoch()
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert provider.current_epoch() >= epoch + 4


def test_errors_carry_no_key(provider):
    epoch = provider.current_epoch()
    blob = provider.wrap(epoch, DEK, AAD)
    with pytest.raises(SealingError) as caught:
        provider.unwrap(epoch, blob, b"x")
    assert DEK.hex() not in repr(caught.value)
    assert caught.value.__suppress_context__


# file


@pytest.fixture
def folder(tmp_path):
    made = FileProvider(tmp_path / "kek")
    made.new_epoch()
    return tmp_path / "kek"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_files_are_private(folder):
    FileProvider(folder).sign(b"x")
    assert mode(folder) == 0o700
    assert {mode(path) for path in folder.iterdir()} == {0o400}
    assert {path.name for path in folder.iterdir()} == {"epoch-0001.key", "signing.key"}


def test_files_are_private_whatever_the_umask(tmp_path):
    old = os.umask(0)
    try:
        FileProvider(tmp_path / "kek").new_epoch()
    finally:
        os.umask(old)
    test_files_are_private(tmp_path / "kek")


@pytest.mark.parametrize(
    ("target", "bad"), [(".", 0o750), (".", 0o701), ("epoch-0001.key", 0o440), ("epoch-0001.key", 0o600)]
)
def test_wide_permissions_are_refused(folder, target, bad):
    provider = FileProvider(folder)
    blob = provider.wrap(1, DEK, AAD)
    (folder / target).chmod(bad)
    with pytest.raises(KeystoreUnavailable, match="permissions"):
        provider.unwrap(1, blob, AAD)
    with pytest.raises(KeystoreUnavailable):
        provider.self_test()


def test_a_link_is_refused(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (folder / "epoch-0001.key").rename(elsewhere)
    (folder / "epoch-0001.key").symlink_to(elsewhere)
    with pytest.raises(KeystoreUnavailable):
        FileProvider(folder).wrap(1, DEK, AAD)


def test_another_owner_is_refused(folder, monkeypatch):
    monkeypatch.setattr(providers.os, "geteuid", lambda: 12345)
    with pytest.raises(KeystoreUnavailable, match="account"):
        FileProvider(folder).wrap(1, DEK, AAD)


def test_a_lost_file_is_an_outage_not_an_erasure(folder):
    (folder / "epoch-0001.key").unlink()
    with pytest.raises(KeystoreUnavailable):
        FileProvider(folder).wrap(1, DEK, AAD)
    (folder / "epoch-0001.key").write_bytes(b"short")
    (folder / "epoch-0001.key").chmod(0o400)
    with pytest.raises(KeystoreUnavailable):
        FileProvider(folder).wrap(1, DEK, AAD)


def test_another_process_reads_the_same_keys(folder):
    blob = FileProvider(folder).wrap(1, DEK, AAD)
    assert FileProvider(folder).unwrap(1, blob, AAD) == DEK
    assert FileProvider(folder).public_key() == FileProvider(folder).public_key()


def test_destroying_removes_the_bytes(folder):
    key = (folder / "epoch-0001.key").read_bytes()
    FileProvider(folder).destroy_epoch(1)
    assert {path.name for path in folder.iterdir()} == {"epoch-0001.destroyed"}
    assert all(key not in path.read_bytes() for path in folder.iterdir())


def test_destroying_resumes_when_killed_after_the_mark(folder):
    (folder / "epoch-0001.destroyed").touch(mode=0o400)
    provider = FileProvider(folder)
    provider.destroy_epoch(1)
    assert not (folder / "epoch-0001.key").exists()


def test_a_folder_in_a_forbidden_tree_is_refused(tmp_path):
    for inside in (tmp_path, tmp_path / "var" / "kek"):
        with pytest.raises(KeystoreUnavailable, match="code"):
            FileProvider(inside, forbidden=(tmp_path,))
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(KeystoreUnavailable):
        FileProvider(tmp_path / "link" / "kek", forbidden=(tmp_path,))
    FileProvider(tmp_path.parent / "elsewhere", forbidden=(tmp_path,))


# settings


@pytest.fixture
def _no_provider_kept():
    yield
    providers._made.clear()


@pytest.mark.usefixtures("_no_provider_kept")
def test_production_refuses_env_and_keys_beside_the_code(settings, tmp_path):
    settings.IS_PRODUCTION = True
    settings.KEK_PROVIDER = "env"
    with pytest.raises(KeystoreUnavailable):
        providers.provider()
    settings.KEK_PROVIDER = "file"
    settings.KEK_DIR = settings.BASE_DIR / "var" / "kek"
    with pytest.raises(KeystoreUnavailable):
        providers.provider()
    settings.KEK_DIR = tmp_path
    assert providers.provider() is providers.provider()


@pytest.mark.usefixtures("_no_provider_kept")
def test_a_provider_that_nobody_knows_is_refused(settings):
    settings.KEK_PROVIDER = "cloud"
    with pytest.raises(KeystoreUnavailable, match="cloud"):
        providers.provider()


@pytest.mark.usefixtures("_no_provider_kept")
def test_an_empty_seed_is_refused(settings):
    settings.KEK_ENV_SEED = ""
    with pytest.raises(KeystoreUnavailable):
        providers.provider()


@pytest.mark.usefixtures("_no_provider_kept")
def test_production_says_so_at_start(settings):
    from casework.sealing.checks import check_provider

    assert check_provider(None) == []
    settings.IS_PRODUCTION = True
    assert [problem.id for problem in check_provider(None)] == ["sealing.E030"]
