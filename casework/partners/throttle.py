"""Slow down who guesses: failures per account name and per network, growing delays (PWD-02).

What was typed is kept as a keyed hash only; an unknown name is counted like a known one, so that the
answer tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from casework.partners.models import SignInCounter

FORGOTTEN_AFTER = timedelta(hours=1)
LONGEST = timedelta(minutes=15)
# Failures that cost nothing: a slip of the finger, and a whole office behind one address.
FREE = {"account": 4, "network": 30}


def keys(account: str, network: str) -> tuple[tuple[str, str], ...]:
    """Return the counters of one try: (kind, hash)."""
    pairs = (("account", account.strip().lower()), ("network", network))
    return tuple((kind, _hash(kind, value)) for kind, value in pairs if value)


def wait(counters: Iterable[tuple[str, str]], now: datetime) -> timedelta:
    """Return how long these counters ask to wait before the next try; zero if it may go on."""
    kinds = {key_hash: kind for kind, key_hash in counters}
    rows = SignInCounter.objects.filter(key_hash__in=kinds)
    left = [row.failed_at + delay(kinds[row.key_hash], row.failures) - now for row in rows]
    return max([*left, timedelta(0)])


def delay(kind: str, failures: int) -> timedelta:
    """Return the wait that follows the n-th failure in a row: none, then 5 s, 10 s, 20 s… to 15 minutes."""
    paid = failures - FREE[kind]
    return timedelta(0) if paid < 0 else min(timedelta(seconds=5 * 2 ** min(paid, 20)), LONGEST)


def failed(counters: Iterable[tuple[str, str]], now: datetime) -> None:
    """Count one failure; an hour without any starts again from one."""
    with transaction.atomic():
        for _, key_hash in sorted(counters):
            row, made = SignInCounter.objects.select_for_update().get_or_create(
                key_hash=key_hash, defaults={"failures": 1, "failed_at": now}
            )
            if not made:
                row.failures = 1 if now - row.failed_at >= FORGOTTEN_AFTER else row.failures + 1
                row.failed_at = now
                row.save()


def succeeded(counters: Iterable[tuple[str, str]]) -> None:
    """Forget the failures of the account; those of the network fade by themselves."""
    SignInCounter.objects.filter(key_hash__in=[key for kind, key in counters if kind == "account"]).delete()


def sweep(now: datetime) -> int:
    """Delete forgotten counters; return how many (called daily)."""
    return SignInCounter.objects.filter(failed_at__lt=now - FORGOTTEN_AFTER).delete()[0]


def _hash(kind: str, value: str) -> str:
    return salted_hmac(f"casework.throttle.{kind}", value, algorithm="sha256").hexdigest()
