"""T-06: known answers, checked in, that two implementations seal and open alike."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from uuid import UUID

import pytest

from casework.errors import IntegrityFault
from casework.sealing import format as fmt
from tests.sealing import second

VECTORS = json.loads((Path(__file__).parents[1] / "sealing/vectors.json").read_text())["vectors"]
pytestmark = pytest.mark.attack("T-06")


class Vector:
    """One known answer."""

    def __init__(self, raw):
        self.label, self.nonce = raw["label"], bytes.fromhex(raw["nonce"])
        self.dek, self.record, self.subject = bytes.fromhex(raw["dek"]), UUID(raw["record"]), UUID(raw["subject"])
        self.text = None if raw["text"] is None else raw["text"] * raw["times"]
        self.size, self.sha256, self.stored = raw["size"], raw["sha256"], raw.get("stored")

    def seal(self):
        """What our code stores for it."""
        label = self.label.encode()
        return fmt.seal(
            fmt.field_cipher(self.dek, label), fmt.key_id(self.dek), fmt.aad_prefix(label), self.record.bytes,
            self.subject.bytes, None if self.text is None else self.text.encode(), nonce=self.nonce,
        )  # fmt: skip

    def open(self, stored):
        """What our code reads in it."""
        label = self.label.encode()
        cipher = fmt.field_cipher(self.dek, label)
        return fmt.unseal(cipher, fmt.aad_prefix(label), self.record.bytes, self.subject.bytes, stored)


@pytest.fixture(params=VECTORS, ids=lambda raw: raw["name"])
def vector(request):
    return Vector(request.param)


def test_the_stored_bytes_are_the_published_ones(vector):
    stored = vector.seal()
    assert len(stored) == vector.size
    assert hashlib.sha256(stored).hexdigest() == vector.sha256
    assert vector.stored in (None, stored.hex())


def test_our_code_opens_the_published_bytes(vector):
    stored = bytes.fromhex(vector.stored) if vector.stored else vector.seal()
    assert vector.open(stored) == vector.text


def test_the_second_implementation_opens_what_ours_seals(vector):
    assert second.unseal(vector.dek, vector.label, vector.record, vector.subject, vector.seal()) == vector.text


def test_ours_opens_what_the_second_implementation_seals():
    raw = VECTORS[0]
    vector = Vector(raw)
    stored = second.seal(vector.dek, vector.label, vector.record, vector.subject, "Nguyễn", bytes(range(12)))
    assert vector.open(stored) == "Nguyễn"
    with pytest.raises(IntegrityFault):
        vector.open(stored[:-1] + bytes([stored[-1] ^ 1]))


def test_the_second_implementation_is_itself_right():
    """AES-256-GCM, test case 16 of the GCM specification (McGrew and Viega)."""
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
    plain = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    aad = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    data, tag = second._gcm(key, bytes.fromhex("cafebabefacedbaddecaf888"), plain, aad, sealing=True)
    assert data.hex().startswith("522dc1f099567d07f47f37a32a84427d643a8cdc")
    assert tag.hex() == "76fc6ece0f4e1768cddf8853bb2d551b"


def test_every_bucket_and_the_empty_marker_have_a_vector():
    sizes = {Vector(raw).size - 48 for raw in VECTORS}
    assert {64, 256, 1024, 4096, 16384, 2 * 16384} <= sizes
    assert any(raw["text"] is None for raw in VECTORS)
    assert any(raw["text"] == "" for raw in VECTORS)
