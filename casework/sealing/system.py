"""Values of the installation, about nobody in particular: sealed under a system key, bound to where they are kept.

For what is neither a record nor a file: the body of a session. Whose value it is not is said by `context`: a value
copied to another place does not open there.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from casework.errors import IntegrityFault
from casework.sealing import format as fmt
from casework.sealing.keys import system_key

_NOBODY: Final = bytes(16)


def seal(purpose: str, context: str, text: str) -> bytes:
    """Return `text` sealed under the system key of `purpose`, bound to `context`. Raises KeystoreUnavailable."""
    key, label = system_key(purpose), purpose.encode()
    return fmt.seal(
        fmt.field_cipher(key, label), fmt.key_id(key), fmt.aad_prefix(label), _place(context), _NOBODY, text.encode()
    )


def unseal(purpose: str, context: str, blob: bytes) -> str:
    """Return the text sealed for this purpose and context. Raises IntegrityFault, KeystoreUnavailable."""
    key, label = system_key(purpose), purpose.encode()
    fmt.check_header(blob)
    if blob[4:20] != fmt.key_id(key):
        raise IntegrityFault(fmt.FAULT)
    return fmt.unseal(fmt.field_cipher(key, label), fmt.aad_prefix(label), _place(context), _NOBODY, blob) or ""


def _place(context: str) -> bytes:
    return sha256(context.encode()).digest()[:16]
