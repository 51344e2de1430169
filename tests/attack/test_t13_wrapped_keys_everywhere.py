"""T-13, T-11: after an erasure, no copy of a wrapped key opens under any living key, and no warm process opens either."""

from __future__ import annotations

import pytest

from casework.errors import SealingError, Shredded
from casework.minors.followups.models import FollowedPerson
from casework.sealing import format as fmt
from casework.sealing import keyring, keys, rotation
from casework.sealing.models import KekEpoch, SubjectKey
from casework.sealing.providers import provider, unwrap_all
from tests.casefile.test_erasure import erase, file_keys, two  # noqa: F401
from tests.followups.saisine_setting import opened, refer

pytestmark = pytest.mark.django_db(databases="__all__")
ROW = ("subject_id", "drawer", "kid", "kek_epoch_id", "wrapped")


def copies():
    """Return what a heap, a write-ahead log or an old dump of the keystore still holds: wrapped keys, search keys."""
    wrapped = [
        (subject, drawer, bytes(kid), epoch, bytes(blob))
        for subject, drawer, kid, epoch, blob in SubjectKey.objects.values_list(*ROW)
        if bytes(blob)
    ]
    return wrapped, {e.number: bytes(e.search_key) for e in KekEpoch.objects.all() if bytes(e.search_key)}


def attempts(wrapped, search_keys):
    """Try every wrapped key under every epoch the provider still holds, and under every search key these open."""
    found = []
    living = [number for number in range(1, 50) if _alive(number)]
    for subject, drawer, kid, epoch, blob in wrapped:
        aads = [keyring.subject_aad(subject, drawer, kid, number) for number in {epoch, *living}]
        for aad in aads:
            for number in living:
                found += [dek for dek in provider().unwrap_many(number, [(blob, aad)]) if dek]
                for old, sealed in search_keys.items():
                    for opened_key in provider().unwrap_many(number, [(sealed, keyring.epoch_aad(old))]):
                        if opened_key:
                            found += [dek for dek in unwrap_all(keyring.AESGCM(opened_key), [(blob, aad)]) if dek]
    return {fmt.key_id(dek) for dek in found}


def _alive(number):
    try:
        provider().wrap(number, bytes(32), b"")
    except SealingError:
        return False
    return True


@pytest.mark.attack("T-13")
def test_no_copy_of_the_keystore_opens_who_was_erased(people, two):  # noqa: F811
    gone, other = two
    generations = [copies()]
    rotation.rotate()
    generations.append(copies())
    kids = {kid for subject, _, kid, _, _ in generations[0][0] if subject == gone.subject_id}
    assert kids <= attempts(*generations[0])  # before: whoever has a copy and the key files opens
    files_before = {path.name: path.read_bytes() for path in provider()._dir.glob("epoch-*.key")}
    erase(people, gone)
    everything = [row for wrapped, _ in generations for row in wrapped]
    search = {n: blob for _, known in generations for n, blob in known.items()} | copies()[1]
    opened_now = attempts(everything + copies()[0], search)
    assert not (kids & opened_now)
    assert {
        bytes(kid) for kid in SubjectKey.objects.filter(subject_id=other.subject_id).values_list("kid", flat=True)
    } <= opened_now
    left = b"".join(path.read_bytes() for path in provider()._dir.iterdir())
    assert not [name for name, content in files_before.items() if content in left]


@pytest.mark.attack("T-11")
def test_a_process_with_warm_keys_refuses_at_its_next_request(people, two, monkeypatch):  # noqa: F811
    gone, _ = two
    person = FollowedPerson.objects.get(pk=gone.subject_id)
    with opened(gone):
        assert (person.last_name, person.phone) == ("Belkacem", "")
    warm = keyring.cache  # another process keeps these, and is told nothing
    assert warm.get(gone.subject_id, "identity")
    monkeypatch.setattr(keyring, "cache", keyring.Cache())
    keys.erase(gone.subject_id)
    monkeypatch.setattr(keyring, "cache", warm)
    again = FollowedPerson.objects.get(pk=gone.subject_id)
    with opened(gone), pytest.raises(Shredded):
        assert again.last_name
    assert warm.get(gone.subject_id, "identity") is None


@pytest.mark.rule("GDP-18")
def test_a_data_key_that_leaked_opens_nothing_once_its_subject_is_resealed(people, two):  # noqa: F811
    """A breach of one key has an answer short of erasing the person."""
    from casework.casefile import resealing

    gone, _ = two
    row = SubjectKey.objects.get(subject_id=gone.subject_id, drawer="identity")
    leaked = keyring.unwrap(gone.subject_id, "identity", bytes(row.kid), row.kek_epoch_id, bytes(row.wrapped))
    field = FollowedPerson._meta.get_field("last_name")

    def try_it():
        blob = FollowedPerson.objects.values_list("last_name", flat=True).get(pk=gone.subject_id).blob
        cipher = fmt.field_cipher(leaked, field.label_bytes)
        return fmt.unseal(cipher, field.aad_prefix, gone.subject_id.bytes, gone.subject_id.bytes, blob)

    assert try_it() == "Belkacem"
    resealing.of_subject(gone.subject_id, grace=0)
    with pytest.raises(SealingError):
        try_it()
    history = FollowedPerson.history.model.objects.filter(id=gone.subject_id).values_list("last_name", flat=True)
    assert not [blob for blob in history if blob.blob[4:20] == bytes(row.kid)]
    assert refer(people, last_name="Autre").pk
