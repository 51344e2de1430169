"""A box opens whole, for one key, or says in one code why not."""

from __future__ import annotations

import io

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from casework.sealing import box
from casework.sealing.box import CHUNK, BoxRefused, Kind

KEY = X25519PrivateKey.generate()


def boxed(content, kind=Kind.DATA, to=KEY):
    target = io.BytesIO()
    writer = box.BoxWriter(target, to.public_key(), kind)
    for at in range(0, len(content), 700_000):
        writer.write(content[at : at + 700_000])
    writer.close()
    return target.getvalue()


def opened(sealed, key=KEY, kind=Kind.DATA):
    target = io.BytesIO()
    box.open_box(io.BytesIO(sealed), target, key, kind)
    return target.getvalue()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_goes_in_comes_out(size):
    content = bytes(range(251)) * (size // 251 + 1)
    sealed = boxed(content[:size])
    assert opened(sealed) == content[:size]
    assert size < 100 or content[:50] not in sealed
    assert boxed(content[:size]) != sealed, "never the same bytes twice"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda s: s[: CHUNK + 16 + 46], "truncated"),
        (lambda s: s[:-1], "truncated|damaged"),
        (lambda s: s[: CHUNK], "truncated|damaged"),
        (lambda s: s[:20], "truncated"),
        (lambda s: s[:46], "truncated"),
        (lambda s: s[:3], "not_a_box"),
        (lambda s: b"PK" + s[2:], "not_a_box"),
        (lambda s: s[:30] + bytes([s[30] ^ 1]) + s[31:], "damaged"),
        (lambda s: s[:5000] + bytes([s[5000] ^ 1]) + s[5001:], "damaged"),
        (lambda s: s + b"x", "damaged"),
        (lambda s: s[:46] + s[46 + CHUNK + 16 : 46 + 2 * (CHUNK + 16)] + s[46 : 46 + CHUNK + 16] + s[46 + 2 * (CHUNK + 16) :], "damaged"),
        (lambda s: s[:5] + bytes([2]) + s[6:], "swapped"),
    ],
)  # fmt: skip
def test_what_is_not_whole_does_not_open(change, code):
    sealed = boxed(bytes(2 * CHUNK) + b"the end of it")
    with pytest.raises(BoxRefused) as caught:
        opened(change(sealed))
    assert caught.value.code in code.split("|")


def test_another_key_or_another_kind():
    sealed = boxed(b"x", Kind.KEYSTORE)
    with pytest.raises(BoxRefused, match="wrong_key"):
        opened(sealed, X25519PrivateKey.generate(), Kind.KEYSTORE)
    with pytest.raises(BoxRefused, match="swapped"):
        opened(sealed)
    renamed = sealed[:5] + bytes([Kind.DATA]) + sealed[6:]
    with pytest.raises(BoxRefused, match="damaged"):
        opened(renamed)


def test_keys_are_read_from_files(tmp_path):
    pem = serialization.Encoding.PEM
    private = tmp_path / "private.pem"
    private.write_bytes(KEY.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    public = tmp_path / "public.pem"
    public.write_bytes(KEY.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    assert opened(boxed(b"x", to=KEY), box.opener(private)) == b"x"
    assert box.fingerprint(box.recipient(public)) == box.fingerprint(KEY.public_key())
    for path, code in ((private, "private_key"), (tmp_path / "none", "no_recipient"), (tmp_path, "no_recipient")):
        with pytest.raises(BoxRefused, match=code):
            box.recipient(path)
    other = tmp_path / "other.pem"
    other.write_bytes(
        Ed25519PrivateKey.generate().public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    with pytest.raises(BoxRefused, match="no_recipient"):
        box.recipient(other)
    with pytest.raises(BoxRefused, match="no_private_key"):
        box.opener(public)
