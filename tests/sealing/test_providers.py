"""The providers we ship, held to the conformance suite; then what is particular to keys in files."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from pathlib import Path

import pytest

from casework.errors import KeystoreUnavailable
from casework.sealing import providers
from casework.sealing.providers import EnvProvider, FileProvider
from tests.sealing.conformance import AAD, DEK, Conformance


@contextmanager
def patched(provider, name, instead):
    """Replace a method of one provider."""
    setattr(provider, name, instead)
    try:
        yield
    finally:
        delattr(provider, name)


class TestEnv(Conformance):
    """`env`: its seed cannot go away, so being down is played."""

    def make(self, path):
        return EnvProvider("seed")

    def down(self, provider):
        def gone(epoch):
            raise KeystoreUnavailable(providers.UNAVAILABLE)

        return patched(provider, "_kek", gone)

    def slow(self, provider, wait):
        real = provider._kek
        return patched(provider, "_kek", lambda epoch: wait() or real(epoch))


class TestFile(Conformance):
    """`file`: down is a directory that is not mounted."""

    def make(self, path):
        return FileProvider(path / "kek")

    @contextmanager
    def down(self, provider):
        away = provider._dir.with_name("away")
        provider._dir.rename(away)
        try:
            yield
        finally:
            away.rename(provider._dir)

    def slow(self, provider, wait):
        real = provider._read
        return patched(provider, "_read", lambda path: wait() or real(path))


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
