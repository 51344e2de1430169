"""Half-open periods: what starts at an instant runs then, what ends at an instant no longer does."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q


def is_aware(now: object) -> bool:
    """Say whether `now` is an instant (a datetime with its zone)."""
    return isinstance(now, datetime) and now.utcoffset() is not None


def runs(starts_at: datetime, ends_at: datetime | None, now: datetime) -> bool:
    """Say whether [starts_at, ends_at[ holds `now`; a start or end without zone never does."""
    if not is_aware(starts_at) or starts_at > now:
        return False
    return ends_at is None or (is_aware(ends_at) and now < ends_at)


def running(now: datetime, prefix: str = "") -> Q:
    """Return the same rule as a condition on columns `starts_at` and `ends_at` of `prefix`."""
    return Q(**{f"{prefix}starts_at__lte": now}) & (
        Q(**{f"{prefix}ends_at__isnull": True}) | Q(**{f"{prefix}ends_at__gt": now})
    )
