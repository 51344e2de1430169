"""The format of files: known answers, a second implementation, and every way to cut, move or lengthen a chunk."""

from __future__ import annotations

import hashlib
import os
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from casework.errors import IntegrityFault
from casework.sealing import format as fmt

DEK, KID = bytes(range(32)), fmt.key_id(bytes(range(32)))
RECORD, SUBJECT, LABEL = UUID(int=1).bytes, UUID(int=2).bytes, b"casefile.file.content"
PREFIX, CIPHER, NONCE = fmt.aad_prefix(LABEL), fmt.field_cipher(DEK, LABEL), bytes(range(7))
CHUNK = 65_536 + 16
SIZES = [0, 1, 60, 16_380, 65_532, 65_533, 131_068, 131_069, 200_000]
# SHA-256 of what is stored for `size` bytes 0x41, with the key, ids and nonce above. Kept for ever.
KNOWN = {
    0: "ffc6d85dc6b3601b2d8605ccf0e1a55860d1d9cfc5907091cd494bbb1d598978",
    200_000: "3631588a07d8b2bf94ebec3c019e9a7c904bf102be0749695380dc21f4824592",
}


def seal(content, *, record=RECORD, label=LABEL):
    return fmt.seal_file(
        fmt.field_cipher(DEK, label), KID, fmt.aad_prefix(label), record, SUBJECT, content, nonce=NONCE
    )


def opened(blob, *, record=RECORD):
    return fmt.open_file(CIPHER, PREFIX, record, SUBJECT, blob)


def second(blob):
    """Open with what the specification says, and none of our code."""

    def lp(*parts):
        return len(parts).to_bytes(4, "big") + b"".join(len(p).to_bytes(4, "big") + p for p in parts)

    header, rest = blob[:32], blob[32:]
    assert header[:4] == b"CW\x01\x81"
    key = HKDFExpand(SHA256(), 32, b"casework/field/v1|" + LABEL).derive(DEK)
    aad = lp(b"casework/seal/v1", LABEL, RECORD, SUBJECT) + header
    pieces = [rest[at : at + CHUNK] for at in range(0, len(rest), CHUNK)]
    plain = b"".join(
        AESGCM(key).decrypt(header[20:27] + n.to_bytes(4, "big") + bytes([n == len(pieces) - 1]), piece, aad)
        for n, piece in enumerate(pieces)
    )
    length = int.from_bytes(plain[:4], "big")
    return None if length == 0xFFFFFFFF else plain[4 : 4 + length]


@pytest.mark.attack("T-06")
@pytest.mark.parametrize("size", SIZES)
def test_two_implementations_agree(size):
    content = os.urandom(size)
    blob = seal(content)
    assert opened(blob) == second(blob) == content
    assert len(blob) in (fmt.SHORTEST, 32 + 256 + 16, 32 + 1024 + 16, 32 + 4096 + 16) or (len(blob) - 32) % 16 == 0


@pytest.mark.attack("T-06")
@pytest.mark.attack("R-13")
@pytest.mark.parametrize("size", KNOWN)
def test_known_answers(size):
    assert hashlib.sha256(seal(b"A" * size)).hexdigest() == KNOWN[size]


def test_nothing_is_not_an_empty_file():
    assert opened(seal(None)) is None
    assert opened(seal(b"")) == b""


@pytest.mark.attack("T-05")
def test_one_length_for_files_of_one_size_class():
    assert len(seal(b"a" * 20_000)) == len(seal(b"a" * 30_000))
    assert seal(b"a")[32:] != fmt.seal_file(CIPHER, KID, PREFIX, RECORD, SUBJECT, b"a")[32:]


BLOB = seal(b"A" * 200_000)
PIECES = [BLOB[:32], *(BLOB[at : at + CHUNK] for at in range(32, len(BLOB), CHUNK))]


@pytest.mark.attack("T-04")
@pytest.mark.attack("T-48")
@pytest.mark.parametrize(
    "damaged",
    {
        "last chunk gone": b"".join(PIECES[:-1]),
        "first chunk gone": PIECES[0] + b"".join(PIECES[2:]),
        "middle chunk gone": b"".join(PIECES[:2] + PIECES[3:]),
        "two chunks in the wrong order": b"".join([PIECES[0], PIECES[2], PIECES[1], *PIECES[3:]]),
        "a chunk twice": b"".join([*PIECES[:2], PIECES[1], *PIECES[2:]]),
        "a chunk more": BLOB + PIECES[-1],
        "a byte more": BLOB + b"\x00",
        "a byte less": BLOB[:-1],
        "only the header": BLOB[:32] + bytes(80),
        "another nonce": BLOB[:20] + b"\xff" + BLOB[21:],
        "a byte of the header that nothing uses": BLOB[:31] + b"\x01" + BLOB[32:],
        "a chunk of another file": b"".join(
            [
                *PIECES[:2],
                fmt.seal_file(CIPHER, KID, PREFIX, UUID(int=9).bytes, SUBJECT, b"A" * 200_000, nonce=NONCE)[
                    32 + CHUNK : 32 + 2 * CHUNK
                ],
                *PIECES[3:],
            ]
        ),
        "a value of suite 1 said to be a file": fmt.FILE_PREFIX
        + fmt.seal(CIPHER, KID, PREFIX, RECORD, SUBJECT, b"A")[4:],
    }.items(),
    ids=lambda pair: pair[0],
)
def test_any_damage_is_one_and_the_same_error(damaged):
    with pytest.raises(IntegrityFault) as caught:
        opened(damaged[1])
    assert str(caught.value) == fmt.FAULT


@pytest.mark.attack("T-02")
def test_a_file_of_another_row_or_label_does_not_open():
    with pytest.raises(IntegrityFault):
        opened(BLOB, record=UUID(int=3).bytes)
    with pytest.raises(IntegrityFault):
        opened(seal(b"A", label=b"casefile.file.name"))


@pytest.mark.attack("T-04")
def test_every_single_bit_counts():
    blob = seal(b"short")
    for at in range(4, len(blob)):
        bad = blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :]
        if at < 20:
            continue  # the key id is matched before
        with pytest.raises(IntegrityFault):
            opened(bad)
