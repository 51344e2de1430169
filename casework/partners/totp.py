"""Time-based codes (RFC 6238: SHA-1, 30 seconds, 6 digits, what every authentication app knows). Pure."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from django_otp.oath import hotp

STEP_SECONDS = 30
DIGITS = 6
TOLERANCE = 1  # steps before and after now


def new_seed() -> str:
    """Return a random seed of 160 bits in base 32, without padding."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def spaced(seed: str) -> str:
    """Return the seed in groups of four, to be typed by hand."""
    return " ".join(seed[at : at + 4] for at in range(0, len(seed), 4))


def step_at(moment: datetime) -> int:
    """Return the number of the thirty-second step that holds `moment`."""
    return int(moment.timestamp()) // STEP_SECONDS


def code_at(seed: str, step: int) -> str:
    """Return the six digits of one step."""
    return f"{hotp(base64.b32decode(seed), step, digits=DIGITS):0{DIGITS}d}"


def tidy(typed: str) -> str:
    """Return what was typed without spaces, dots or dashes: « 123 456 » is « 123456 »."""
    return "".join(sign for sign in typed if not sign.isspace() and sign not in ".-‑–")


def matching_step(seed: str, typed: str, *, now: datetime, after: int) -> int | None:
    """Return the step whose code was typed, if it is within one step of now and later than `after`.

    `after` is the last step used: a code is accepted once. Compares every candidate in constant time.
    """
    code = tidy(typed)
    if len(code) != DIGITS or not code.isascii() or not code.isdigit():
        return None
    current = step_at(now)
    found = [
        step
        for step in range(current - TOLERANCE, current + TOLERANCE + 1)
        if hmac.compare_digest(code_at(seed, step), code)
    ]
    fresh = [step for step in found if step > after]
    return fresh[0] if fresh else None


def uri(seed: str, *, account: str, issuer: str) -> str:
    """Return the otpauth address that an authentication app reads from the QR code."""
    query = urlencode(
        {"secret": seed, "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": STEP_SECONDS},
        quote_via=quote,
    )
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?{query}"
