"""A second implementation of sealed values, format v1: standard library only, written from the specification.

It shares no line with casework.sealing. Slow, and only good for tests.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from uuid import UUID

# AES-256 (FIPS 197)


def _sbox() -> list[int]:
    power, log, value = [0] * 256, [0] * 256, 1
    for exponent in range(255):
        power[exponent], log[value] = value, exponent
        value ^= (value << 1) ^ (0x11B if value & 0x80 else 0)
        value &= 0xFF
    box = []
    for byte in range(256):
        inverse = 0 if byte == 0 else power[(255 - log[byte]) % 255]
        spread = inverse
        for turn in range(1, 5):
            spread ^= ((inverse << turn) | (inverse >> (8 - turn))) & 0xFF
        box.append(spread ^ 0x63)
    return box


SBOX = _sbox()


def _double(byte: int) -> int:
    return ((byte << 1) ^ 0x1B) & 0xFF if byte & 0x80 else byte << 1


def _round_keys(key: bytes) -> list[list[int]]:
    words, rcon = [list(key[i : i + 4]) for i in range(0, 32, 4)], 1
    while len(words) < 60:
        word = list(words[-1])
        if len(words) % 8 == 0:
            word = [SBOX[b] for b in word[1:] + word[:1]]
            word[0] ^= rcon
            rcon = _double(rcon)
        elif len(words) % 8 == 4:
            word = [SBOX[b] for b in word]
        words.append([a ^ b for a, b in zip(words[-8], word, strict=True)])
    return [[byte for word in words[i : i + 4] for byte in word] for i in range(0, 60, 4)]


def _block(keys: list[list[int]], block: bytes) -> bytes:
    state = [a ^ b for a, b in zip(block, keys[0], strict=True)]
    for number in range(1, 15):
        state = [SBOX[b] for b in state]
        state = [state[(i + 4 * (i % 4)) % 16] for i in range(16)]
        if number < 14:
            mixed = []
            for column in range(0, 16, 4):
                a = state[column : column + 4]
                whole = a[0] ^ a[1] ^ a[2] ^ a[3]
                mixed += [a[i] ^ whole ^ _double(a[i] ^ a[(i + 1) % 4]) for i in range(4)]
            state = mixed
        state = [a ^ b for a, b in zip(state, keys[number], strict=True)]
    return bytes(state)


# GCM (NIST SP 800-38D), 96-bit nonce, 128-bit tag


def _times(x: int, y: int) -> int:
    product = 0
    for bit in range(127, -1, -1):
        if (y >> bit) & 1:
            product ^= x
        x = (x >> 1) ^ (0xE1 << 120 if x & 1 else 0)
    return product


def _ghash(h: int, aad: bytes, data: bytes) -> int:
    padded = b"".join(part + bytes(-len(part) % 16) for part in (aad, data))
    padded += struct.pack(">QQ", len(aad) * 8, len(data) * 8)
    total = 0
    for i in range(0, len(padded), 16):
        total = _times(total ^ int.from_bytes(padded[i : i + 16], "big"), h)
    return total


def _gcm(key: bytes, nonce: bytes, data: bytes, aad: bytes, *, sealing: bool) -> tuple[bytes, bytes]:
    keys = _round_keys(key)
    stream = b"".join(_block(keys, nonce + struct.pack(">I", i + 2)) for i in range(-(-len(data) // 16)))
    out = bytes(a ^ b for a, b in zip(data, stream, strict=False))
    h = int.from_bytes(_block(keys, bytes(16)), "big")
    tag = _ghash(h, aad, out if sealing else data) ^ int.from_bytes(_block(keys, nonce + b"\0\0\0\1"), "big")
    return out, tag.to_bytes(16, "big")


# Sealed values, format v1


def hkdf_expand(key: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869, SHA-256."""
    out, block = b"", b""
    for counter in range(1, 256):
        block = hmac.new(key, block + info + bytes([counter]), hashlib.sha256).digest()
        out += block
        if len(out) >= length:
            return out[:length]
    raise ValueError("too long")


def lp(*items: bytes) -> bytes:
    """u32be(k), then u32be(length) and bytes of each."""
    return struct.pack(">I", len(items)) + b"".join(struct.pack(">I", len(x)) + x for x in items)


def key_id(dek: bytes) -> bytes:
    """The name of a data key."""
    return hkdf_expand(dek, b"casework/kid/v1", 16)


def _pad(text: str | None) -> bytes:
    body = b"\xff\xff\xff\xff" if text is None else struct.pack(">I", len(text.encode())) + text.encode()
    size = next((b for b in (64, 256, 1024, 4096) if len(body) <= b), -(-len(body) // 16384) * 16384)
    return body.ljust(size, b"\0")


def _bound(dek: bytes, label: str, record: UUID, subject: UUID, header: bytes) -> tuple[bytes, bytes]:
    key = hkdf_expand(dek, b"casework/field/v1|" + label.encode(), 32)
    return key, lp(b"casework/seal/v1", label.encode(), record.bytes, subject.bytes) + header


def seal(dek: bytes, label: str, record: UUID, subject: UUID, text: str | None, nonce: bytes) -> bytes:
    """The stored bytes of a text."""
    header = b"CW\x01\x01" + key_id(dek) + nonce
    key, aad = _bound(dek, label, record, subject, header)
    data, tag = _gcm(key, nonce, _pad(text), aad, sealing=True)
    return header + data + tag


def unseal(dek: bytes, label: str, record: UUID, subject: UUID, stored: bytes) -> str | None:
    """The text of stored bytes, ValueError if anything is wrong."""
    header, data, tag = stored[:32], stored[32:-16], stored[-16:]
    if header[:4] != b"CW\x01\x01" or header[4:20] != key_id(dek):
        raise ValueError("format or key id")
    key, aad = _bound(dek, label, record, subject, header)
    plain, expected = _gcm(key, header[20:], data, aad, sealing=False)
    if not hmac.compare_digest(tag, expected):
        raise ValueError("integrity")
    (length,) = struct.unpack(">I", plain[:4])
    if length == 0xFFFFFFFF:
        return None
    return plain[4 : 4 + length].decode()
